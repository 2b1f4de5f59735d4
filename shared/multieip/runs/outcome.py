"""What became of one step: how it ended, and what the run must know of it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from multieip.cloud.fates import Fate
from multieip.cloud.refusals import fate_of
from multieip.dataclass import dataclass
from multieip.model.facts import Facts, Refusal
from multieip.model.guest import State

if TYPE_CHECKING:
    from multieip.errors import RefusedError
    from multieip.model.guest import GuestReport
    from multieip.plan.steps import ConfigureGuest


class Fared(Enum):
    """How one step ended."""

    DONE = "done"
    ALREADY = "already"
    WAITING = "waiting"
    LOST = "lost"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended (`Fared`), and in what time."""

    step: str
    title: str
    state: str
    seconds: float
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as data."""
        body = {
            "step": self.step,
            "title": self.title,
            "state": self.state,
            "seconds": round(self.seconds, 3),
        }
        return {**body, "detail": self.detail} if self.detail else body


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one step: the facts as last read, and what the run must know of it.

    `report` is the guest's own answer, `answered_at` when it came. `stuck` are resources that have been
    between two states for so long that nothing waits for them any more.
    """

    fared: Fared
    facts: Facts
    detail: str = ""
    refusal: Refusal | None = None
    fate: Fate = Fate.DONE
    report: GuestReport | None = None
    answered_at: float = 0.0
    served: ConfigureGuest | None = None
    stuck: frozenset[str] = frozenset()
    changed: bool = False
    looked: bool = False


def refused(refusal: RefusedError, facts: Facts) -> Done:
    """Sort a refusal into what became of the step."""
    fate = fate_of(refusal.action, refusal.code, refusal.http_status)
    known = Refusal(refusal.action, refusal.code, refusal.cloud_message, refusal.request_id)
    if fate is Fate.DONE:
        return Done(Fared.ALREADY, facts, refusal.code, known, fate)
    fared = Fared.WAITING if fate in {Fate.WAIT, Fate.READ} else Fared.REFUSED
    return Done(fared, facts, str(refusal), known, fate)


def said(report: GuestReport) -> str:
    """Return what a guest that did not say ok has to say."""
    if report.state is State.OLDER and report.held is not None:
        return f"the guest has a set of a later look, by run {report.held.stamp.run}"
    if report.state is State.UNNAMED and report.held is not None:
        has = ", ".join(str(eip.ip) for eip in report.held.eips)
        return f"the guest has {has}, and what was sent names not all of them"
    return "; ".join(f"{problem.code}: {problem.text}" for problem in report.problems) or report.state.value
