"""What one call of `bind` asks for, and the payload of the run that goes on with it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from multieip.model.facts import Target
    from multieip.model.resources import InstanceId
    from multieip.runs.chain import Chain


class Action(str, Enum):
    """What a caller may ask of `bind`."""

    PLAN = "plan"
    APPLY = "apply"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Settling:
    """Since when the set of EIPs has been what it is; carried from one turn of a run to the next."""

    eips: frozenset[str]
    since: datetime

    def as_json(self) -> dict[str, Any]:
        """Return it as part of a payload."""
        return {"eips": sorted(self.eips), "since": self.since.isoformat()}


@dataclass(frozen=True, slots=True)
class BindRequest:
    """One call of `bind`. `turn` counts how often the run has handed over to itself.

    `not_before` is the end of the time in which `react` gathers events: a group that is not whole waits for
    it, and no run ends without a look after it. `of` is what a dry run shows, `resume` takes the hold off
    first. `owes` and `detaches` are of the turn before: the instance that it took the ENI off, and how often;
    `waits` makes this the run that waits for the whole group. `tell` is what the robot hears of a group with
    what a dry run shows now.
    """

    target: Target
    action: Action
    settle_seconds: float
    turn: int = 0
    chain: str = ""
    settling: Settling | None = None
    cause: Mapping[str, Any] | None = None
    not_before: datetime | None = None
    of: Action = Action.APPLY
    resume: bool = False
    owes: InstanceId | None = None
    detaches: int = 0
    waits: Chain | None = None
    tell: str = ""

    @property
    def told_us(self) -> bool:
        """Whether a group that gives up an EIP of ours has started this run."""
        return bool(self.cause and self.cause.get("told_by"))

    def next_turn(
        self, chain: str, settling: Settling | None, *, owes: InstanceId | None, detaches: int
    ) -> dict[str, Any]:
        """Return the payload that continues this run."""
        payload = self._same()
        payload |= {"turn": self.turn + 1, "chain": self.chain or chain}
        if settling is not None:
            payload["settling"] = settling.as_json()
        if owes is not None:
            payload["owes"] = {"instance": owes, "detaches": detaches}
        return payload

    def waiting_turn(self, chain: Chain) -> dict[str, Any]:
        """Return the payload of the run that goes on waiting for this group."""
        waits = {"pause": chain.pause, "calls": chain.calls, "slots": chain.slots, "slot": chain.slot}
        return {**self._same(), "waits": waits}

    def _same(self) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "action": self.action.value,
            "region": self.target.region,
            "settle_seconds": self.settle_seconds,
        }
        group = self.target.explicit
        if group is None:
            payload["group"] = self.target.name
            payload |= {"named": list(self.target.named)} if self.target.named else {}
        else:
            payload |= {"eni": group.enis[0], "eips": list(group.eips)}
            payload |= {"instance": group.instances[0]} if group.instances else {}
            payload |= {"detach": group.detach, "prune": group.prune}
        if self.cause:
            payload["cause"] = dict(self.cause)
        return payload
