"""200 groups tagged at once, in virtual time, against the bound of all published limits together.

The cloud counts calls in full minutes, so the bound depends on the second of the minute in which the
events arrive: twelve starts are measured, five seconds apart, and the worst of them counts. Each group's run
is a process of its own that knows nothing of the others, and has seen no change of this cloud before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from multieip.runs.waiting import Durations
from tests.bench._stage import REGION, Stage
from tests.bench.frame import Row
from tests.functional.operator import linux_instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from multieip.ports import Json
    from tests.simulation.deployment import Run

GROUPS: Final = 200
EIPS: Final = 5
STARTS: Final = range(0, 60, 5)
MINUTE_S: Final = 60.0
ROUND_TRIP_S: Final = 0.04
AFTER_BINDING: Final = 3
"""Round trips that nothing overlaps once the binding is under way: bindings seen, answer, last look."""

LEAST_CALLS: Final = {
    "DescribeEipAddresses": 4,
    "DescribeNetworkInterfaces": 3,
    "AttachNetworkInterface": 1,
}
"""What each group's run has to ask for at least: by tag and by ENI, before the attach, and at last."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of one start: seconds to the first and to the last ready group, and the calls."""

    start: int
    first_s: float
    last_s: float
    bound_s: float
    calls: int
    throttled: int

    @property
    def ratio(self) -> float:
        """The last ready group over the bound."""
        return self.last_s / self.bound_s

    @property
    def share(self) -> float:
        """The share of the calls that the cloud throttled."""
        return self.throttled / self.calls


def rows(starts: Iterable[int] = STARTS) -> Iterator[Row]:
    """Measure everything."""
    crowds = [crowd(start) for start in starts]
    slowest = max(crowds, key=lambda each: each.ratio)
    note = f"{slowest.last_s:.1f} s, bound {slowest.bound_s:.1f} s, at second {slowest.start} of the minute"
    name = f"{GROUPS} groups of {EIPS}: last ready / bound, worst of {len(crowds)} starts"
    yield Row(name, slowest.ratio, 1.15, note=note)
    busiest = max(crowds, key=lambda each: each.share)
    note = f"{busiest.throttled} of {busiest.calls} calls, at second {busiest.start}"
    yield Row("the same: throttled share of the calls", 100 * busiest.share, 12, "%", note=note)
    yield Row("the same: first group ready", max(each.first_s for each in crowds), 25, "s")


def bound(limits: Mapping[str, int], seconds: Mapping[str, float], start: float) -> float:
    """Return the seconds in which nobody could have made all groups ready, whoever goes before whom.

    What the minutes before the last one let through is too little for all groups, so the last binding cannot
    be sent before that minute begins. `start` is the second of the minute in which the events arrive.
    """
    minutes = 1
    while not _enough(limits, minutes):
        minutes += 1
    opens = 0.0 if minutes == 1 else (minutes - 1) * MINUTE_S - start
    return opens + seconds["associate"] + seconds["attach"] + AFTER_BINDING * ROUND_TRIP_S


def _enough(limits: Mapping[str, int], minutes: int) -> bool:
    by_batch = limits["AssociateEipAddressBatch"] * minutes
    singly = limits["AssociateEipAddress"] * minutes // EIPS
    others = all(GROUPS * least <= limits[action] * minutes for action, least in LEAST_CALLS.items())
    return by_batch + singly >= GROUPS and others


def crowd(start: int) -> Crowd:
    """Tag all groups, bring their events at one second of the minute, and let everything end."""
    stage = _Square()
    try:
        stage.work(stage.build)
        stage.wait_for_second(start - 1)
        stage.work(stage.tag_all)
        stage.wait_for_second(start)
        begun = stage.bring()
        stage.work(lambda: None)
        ready = stage.ready_at()
    finally:
        stage.close()
    if len(ready) < GROUPS:
        raise RuntimeError(f"{GROUPS - len(ready)} groups are not ready: " + "; ".join(stage.story[-5:]))
    sent = [each for run in stage.runs for each in run.sent]
    profile = stage.cloud.profile
    return Crowd(
        start,
        min(ready.values()) - begun,
        max(ready.values()) - begun,
        bound(profile.per_minute, profile.seconds, start),
        len(sent),
        sum("Throttling" in each.outcome for each in sent),
    )


class _Square(Stage):
    """A stage with room for all groups."""

    def __init__(self) -> None:
        """Have an account and a network that are large enough."""
        super().__init__()
        account = self.cloud.accounts.main
        account.eip_quota = account.eni_quota = GROUPS * EIPS * 2
        self.members: list[tuple[str, list[str], str]] = []

    def _answer(self, run: Run) -> Json:
        # Each run is a process of its own, and the first of it.
        self.durations = Durations()
        return super()._answer(run)

    def build(self) -> None:
        """Make an ENI, EIPs and an instance for each group, none of them tagged."""
        seeds = self.seeds
        network = {"VpcId": seeds.vpc, "ZoneId": seeds.zone, "CidrBlock": "10.0.16.0/20"}
        made = self.user.call("Vpc", "CreateVSwitch", {"RegionId": REGION, **network})
        self.seeds = replace(seeds, vswitch=str(made["VSwitchId"]))
        self.clock.sleep(MINUTE_S)
        for instance in self._instances():
            # Buying has a limit as well.
            self.clock.sleep(MINUTE_S * EIPS / 100)
            self.members.append((self.eni({}), self.eips(EIPS), instance))

    def _instances(self) -> list[str]:
        asked = {**linux_instance(self.seeds, REGION), "Amount": "100"}
        made: list[str] = []
        while len(made) < GROUPS:
            made += self.user.call("Ecs", "RunInstances", asked)["InstanceIdSets"]["InstanceIdSet"]
        return made[:GROUPS]

    def tag_all(self) -> None:
        """Tag every member of every group in the same moment; what happened before is history."""
        self.kept.clear()
        for number, (eni, eips, instance) in enumerate(self.members):
            group = {"group": f"web-{number}"}
            for kind, ids, tags in (
                ("EIP", eips, group),
                ("instance", [instance], group),
                ("eni", [eni], {**group, "size": str(EIPS)}),
            ):
                self.scheduler.spawn("somebody", lambda k=kind, i=ids, t=tags: self.tag(k, i, t))

    def wait_for_second(self, second: int) -> None:
        """Let time pass until a second of the minute."""
        self.clock.sleep((second - self.clock.monotonic()) % MINUTE_S)

    def ready_at(self) -> dict[str, float]:
        """Return when each group was ready first."""
        found: dict[str, float] = {}
        for run in self.runs:
            if run.result and run.result.get("state") == "ready" and run.ended is not None:
                group = str(run.result["group"])
                found[group] = min(found.get(group, run.ended), run.ended)
        return found
