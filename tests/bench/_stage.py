"""One deployment in virtual time whose events are delivered when a measurement says so."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.functional.operator import PREFIX, numbered_tags
from tests.simulation.deployment import Deployment, Kindness, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from multieip.ports import Json

REGION = "cn-shanghai"
LONGEST_S = 4 * 3600.0


class Stage(Deployment):
    """A cloud with the profile `realistic`; reads of a look overlap, calls begin when they are made."""

    def __init__(self, seed: int = 1) -> None:
        """Begin with the seeded instances; events are kept until `bring` is called."""
        self.kept: list[Json] = []
        self.keeping = True
        super().__init__(random.Random(seed), Kindness(spread_s=0.0, late_s=0.0))
        self.user = self.cloud.direct_api()
        self._from = (0, 0)

    def deliver(self, event: Json) -> None:
        """Keep the event, or bring it at once."""
        if self.keeping:
            self.kept.append(event)
        else:
            self._invoke("react", event, after=0.0)

    def bring(self) -> float:
        """Deliver what was kept, all at once, and whatever comes from now on; return when that was."""
        self.keeping = False
        for event in self.kept:
            self._invoke("react", event, after=0.0)
        self.kept.clear()
        return self.clock.monotonic()

    def count_from_here(self) -> None:
        """Let `calls` begin here."""
        self._from = (sum(len(run.sent) for run in self.runs), self.starts)

    @property
    def calls(self) -> int:
        """Calls that the functions made since then, those of Function Compute included."""
        sent, starts = self._from
        return sum(len(run.sent) for run in self.runs) - sent + self.starts - starts

    def work(self, work: Callable[[], object]) -> None:
        """Do something as a person, and let everything that follows end."""
        done = self.scheduler.spawn("somebody", work)
        if not self.scheduler.run_out(LONGEST_S):
            raise RuntimeError(f"it is not quiet after {LONGEST_S:.0f} s: {self.story[-3:]}")
        if done.fault is not None:
            raise done.fault

    def last(self, group: str, state: str) -> Run:
        """Return the run that brought a group to a state first; raises where none has."""
        found = [
            run
            for run in self.runs
            if run.function == "bind" and run.result and run.result["state"] == state and _of(run, group)
        ]
        if not found:
            raise RuntimeError(f"{group} is not {state}: " + "; ".join(self.story[-5:]))
        return min(found, key=lambda run: run.ended or 0.0)

    # --- what a person does --------------------------------------------------------------------------------

    def eni(self, tags: Json) -> str:
        """Create an ENI."""
        asked = {
            "RegionId": REGION,
            "VSwitchId": self.seeds.vswitch,
            "SecurityGroupId": self.seeds.security_group,
            **numbered_tags(None, tags),
        }
        return str(self.user.call("Ecs", "CreateNetworkInterface", asked)["NetworkInterfaceId"])

    def eips(self, count: int) -> list[str]:
        """Buy EIPs."""
        return [
            str(self.user.call("Vpc", "AllocateEipAddress", {"RegionId": REGION})["AllocationId"])
            for _ in range(count)
        ]

    def tag(self, kind: str, ids: Iterable[str], tags: Json) -> None:
        """Tag resources of one kind in one call."""
        named = {f"ResourceId.{n}": each for n, each in enumerate(ids, 1)}
        asked = {"RegionId": REGION, "ResourceType": kind, **named, **numbered_tags(None, tags)}
        self.user.call("Vpc" if kind == "EIP" else "Ecs", "TagResources", asked)

    def untag(self, kind: str, ids: Sequence[str], key: str) -> None:
        """Take one of our tags off."""
        named = {f"ResourceId.{n}": each for n, each in enumerate(ids, 1)}
        action = "UnTagResources" if kind == "EIP" else "UntagResources"
        asked = {"RegionId": REGION, "ResourceType": kind, **named, "TagKey.1": PREFIX + key}
        self.user.call("Vpc" if kind == "EIP" else "Ecs", action, asked)

    def group(self, name: str, count: int, pause: float = 0.0, **tags: str) -> tuple[str, list[str]]:
        """Make a group with three tag calls, `pause` seconds apart, on what is there already."""
        eni, eips = self.eni({}), self.eips(count)
        self.clock.sleep(61 - self.clock.now().timestamp() % 60)
        # What was made before is history.
        self.kept.clear()
        self.count_from_here()
        self.tag("EIP", eips, {"group": name})
        self.clock.sleep(pause)
        self.tag("instance", [self.seeds.instance], {"group": name})
        self.clock.sleep(pause)
        self.tag("eni", [eni], {"group": name, **tags})
        return eni, eips

    def ready(self, count: int = 10, **tags: str) -> tuple[str, list[str]]:
        """Make a group and let it become ready, and begin to count."""
        made: list[tuple[str, list[str]]] = []
        self.keeping = False
        self.work(
            lambda: made.append(self.group("web", count, **{"size": str(count), "detach": "allow", **tags}))
        )
        self.last("web", "ready")
        self.clock.sleep(300)
        self.runs.clear()
        self.count_from_here()
        return made[0]

    def by_hand(self, action: str) -> Run:
        """Call `bind` by hand and let it end."""
        run = self.invoke("bind", {"region": REGION, "group": "web", "action": action})
        self.work(lambda: None)
        return run


def _of(run: Run, group: str) -> bool:
    return run.result is not None and run.result.get("group") == group
