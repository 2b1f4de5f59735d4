"""Operators: people who tag, move, untag, hold, attach, detach, bind in other ways, reboot and release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud import AnswerGarbledError, AnswerLostError, CallRefusedError
from tests.functional.operator import PREFIX, numbered_tags

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.simulation.deployment import Deployment
    from tests.simulation.invariants import Invariants

GROUPS = ("a", "b")


class Office:
    """A few people at work on two groups of one region."""

    def __init__(
        self, deployment: Deployment, invariants: Invariants, lot: random.Random, *, windows: bool = False
    ) -> None:
        """Have an account's user with a console; the second group is on Windows, or on Linux as well.

        `lot` is the people's own, so that they do the same whatever else happens.
        """
        self._world = deployment
        self._watch = invariants
        self._lot = lot
        self._api = deployment.cloud.direct_api()
        self.enis: dict[str, str] = {}
        self.eips: dict[str, list[str]] = {name: [] for name in GROUPS}
        other = deployment.seeds.instance_windows if windows else deployment.another_instance()
        self.instances = {"a": deployment.seeds.instance, "b": other}

    # --- building ------------------------------------------------------------------------------------------

    def found(self, group: str, eips: int) -> None:
        """Make a group: an ENI with consents, EIPs, and the instance, tagged in any order."""
        size = str(eips) if self._lot.random() < 0.6 else ""
        tags = {"group": group, "size": size}
        tags |= {"detach": "allow"} if self._lot.random() < 0.8 else {}
        tags |= {"prune": "allow"} if self._lot.random() < 0.5 else {}
        steps: list[Callable[[], object]] = [
            lambda: self._make_eni(group, {k: v for k, v in tags.items() if v}),
            lambda: self.buy(group, eips),
            lambda: self.tag("instance", self.instances[group], {"group": group}),
        ]
        self._lot.shuffle(steps)
        for step in steps:
            step()
            self._pause(2.0)

    def _make_eni(self, group: str, tags: dict[str, str]) -> None:
        seeds = self._world.seeds
        asked = {
            "VSwitchId": seeds.vswitch,
            "SecurityGroupId": seeds.security_group,
            **numbered_tags(None, tags),
        }
        answer = self._ask("Ecs", "CreateNetworkInterface", asked, group)
        if answer is not None:
            self.enis[group] = str(answer["NetworkInterfaceId"])

    def buy(self, group: str, count: int) -> None:
        """Buy EIPs with the group's tag."""
        for _ in range(count):
            answer = self._ask("Vpc", "AllocateEipAddress", numbered_tags(None, {"group": group}), group)
            if answer is not None:
                self.eips[group].append(str(answer["AllocationId"]))

    def tag(self, kind: str, resource: str, tags: dict[str, str]) -> None:
        """Tag one resource."""
        product = "Vpc" if kind == "EIP" else "Ecs"
        asked = {"ResourceType": kind, "ResourceId.1": resource, **numbered_tags(None, tags)}
        self._ask(product, "TagResources", asked, *GROUPS)

    def untag(self, kind: str, resource: str, key: str) -> None:
        """Take one of our tags away."""
        product, action = ("Vpc", "UnTagResources") if kind == "EIP" else ("Ecs", "UntagResources")
        asked = {"ResourceType": kind, "ResourceId.1": resource, "TagKey.1": PREFIX + key}
        self._ask(product, action, asked, *GROUPS)

    # --- what people do ------------------------------------------------------------------------------------

    def something(self) -> None:
        """Do one thing, drawn by lot."""
        self._lot.choice(_DEEDS)(self)
        self._pause(self._lot.choice((0.2, 2.0, 10.0, 60.0)))

    def grow(self) -> None:
        """One more EIP."""
        self.buy(self._some_group(), 1)

    def exchange(self) -> None:
        """One EIP out, another in."""
        group = self._some_group()
        if self.eips[group]:
            self.untag("EIP", self.eips[group].pop(self._lot.randrange(len(self.eips[group]))), "group")
            self._pause(1.0)
        self.buy(group, 1)

    def lose(self) -> None:
        """One EIP loses its tag."""
        group = self._some_group()
        if self.eips[group]:
            self.untag("EIP", self.eips[group].pop(), "group")

    def move(self) -> None:
        """One EIP goes over to the other group."""
        source = self._some_group()
        target = "b" if source == "a" else "a"
        if self.eips[source]:
            eip = self.eips[source].pop()
            self.eips[target].append(eip)
            self.tag("EIP", eip, {"group": target})

    def consent(self) -> None:
        """Give or withdraw a consent."""
        eni = self.enis.get(self._some_group())
        key = self._lot.choice(("detach", "prune"))
        if eni is None:
            return
        if self._lot.random() < 0.5:
            self.tag("eni", eni, {key: "allow"})
        else:
            self.untag("eni", eni, key)

    def hold(self) -> None:
        """Pause, undo, or let go on."""
        eni = self.enis.get(self._some_group())
        if eni is None:
            return
        if self._lot.random() < 0.5:
            self.tag("eni", eni, {"hold": self._lot.choice(("release", "we are looking at it"))})
        else:
            self.untag("eni", eni, "hold")

    def ignore(self) -> None:
        """Exempt the group from something: what may be exempted, what may not, what nobody knows."""
        eni = self.enis.get(self._some_group())
        if eni is not None:
            self.tag("eni", eni, {"ignore": self._lot.choice(_IGNORED)})

    def beside(self) -> None:
        """Bind an EIP of the group on its own ENI, and forget the mode."""
        group = self._some_group()
        self._with_an_eip("AssociateEipAddress", group, self.enis.get(group), "NetworkInterface")

    def crowd(self) -> None:
        """Buy so many that one ENI cannot take them all."""
        self.buy(self._some_group(), 8)

    def by_hand(self) -> None:
        """Detach or attach by hand."""
        group = self._some_group()
        eni = self.enis.get(group)
        if eni is None:
            return
        action = self._lot.choice(("DetachNetworkInterface", "AttachNetworkInterface"))
        self._ask("Ecs", action, {"NetworkInterfaceId": eni, "InstanceId": self.instances[group]}, group)

    def unbind(self) -> None:
        """Unbind one EIP by hand."""
        group = self._some_group()
        self._with_an_eip("UnassociateEipAddress", group, self.enis.get(group), "NetworkInterface")

    def another_mode(self) -> None:
        """Bind an EIP of the group elsewhere, in NAT mode."""
        group = self._some_group()
        self._with_an_eip("AssociateEipAddress", group, self.instances[group], "EcsInstance")

    def _with_an_eip(self, action: str, group: str, on: str | None, kind: str) -> None:
        if self.eips[group] and on is not None:
            eip = self._lot.choice(self.eips[group])
            self._ask("Vpc", action, {"AllocationId": eip, "InstanceId": on, "InstanceType": kind}, group)

    def release_eip(self) -> None:
        """Give an EIP back to the cloud."""
        group = self._some_group()
        if self.eips[group]:
            eip = self._lot.choice(self.eips[group])
            if self._ask("Vpc", "ReleaseEipAddress", {"AllocationId": eip}, group) is not None:
                self.eips[group].remove(eip)

    def reboot(self) -> None:
        """Reboot the instance."""
        group = self._some_group()
        self._ask("Ecs", "RebootInstance", {"InstanceId": self.instances[group]}, group)

    def by_command(self) -> None:
        """Call `bind` by hand."""
        group = self._some_group()
        action = self._lot.choice(("apply", "apply", "plan", "release"))
        self._world.tell(f"somebody calls bind {action} {group}")
        self._world.invoke("bind", {"region": "cn-shanghai", "group": group, "action": action})

    def sweep(self) -> None:
        """Let the timer of the sweep fire."""
        self._world.invoke("sweep", {"regions": ["cn-shanghai"], "mode": "repair"})

    # --- plumbing ------------------------------------------------------------------------------------------

    def _some_group(self) -> str:
        return "a" if self._lot.random() < 0.7 else "b"

    def _pause(self, most: float) -> None:
        self._world.clock.sleep(self._lot.random() * most)

    def _ask(
        self, product: str, action: str, params: dict[str, str], *groups: str
    ) -> dict[str, object] | None:
        said = " ".join(v.removeprefix(PREFIX) for v in params.values() if not v.startswith(("vsw-", "sg-")))
        asked = {"RegionId": "cn-shanghai", **params}
        # It may take effect while the call is on its way.
        for group in groups:
            self._watch.touched(group)
        try:
            answer: dict[str, object] = self._api.call(product, action, asked)  # type: ignore[arg-type]
        except (CallRefusedError, AnswerLostError, AnswerGarbledError) as fault:
            self._world.tell(f"somebody: {action} {said}: {getattr(fault, 'code', type(fault).__name__)}")
            return None
        finally:
            self._watch.note()
            for group in groups:
                self._watch.touched(group)
        self._world.tell(f"somebody: {action} {said}")
        return answer


_IGNORED = ("dhcp-on", "region family", "at-most-ten eni-state one-mode", "eips-bound nobody-knows-this")
_DEEDS: tuple[Callable[[Office], None], ...] = (
    Office.grow,
    Office.grow,
    Office.exchange,
    Office.exchange,
    Office.lose,
    Office.move,
    Office.move,
    Office.consent,
    Office.hold,
    Office.by_hand,
    Office.unbind,
    Office.another_mode,
    Office.release_eip,
    Office.reboot,
    Office.ignore,
    Office.beside,
    Office.crowd,
    Office.by_command,
    Office.sweep,
)
