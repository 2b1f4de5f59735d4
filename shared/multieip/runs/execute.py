"""Performs a plan, step by step, and says how each step ended.

A refusal is sorted before anything is repeated (`cloud.refusals`); after a lost answer or a doubtful refusal
the executor stops, so that the caller reads the state again and plans anew. It never guesses.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from multieip.cloud import ecs, vpc
from multieip.cloud.refusals import Fate, fate_of
from multieip.dataclass import dataclass, field, replace
from multieip.errors import GuestError, LostAnswerError, RefusedError
from multieip.guest.command import ask_guest
from multieip.guest.wanted import wanted_nic
from multieip.model.facts import Facts, Refusal
from multieip.model.guest import Mode, State
from multieip.model.resources import Eip, Eni, EniStatus
from multieip.plan.steps import (
    Associate,
    Attach,
    AwaitEips,
    AwaitEni,
    ConfigureGuest,
    Detach,
    ReadGateways,
    ReleaseGuest,
    Step,
    Unassociate,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multieip.log import Log
    from multieip.model.guest import GuestNic, GuestReport
    from multieip.plan.planner import Plan
    from multieip.ports import Api, Clock

_PAUSES_S: Final = (1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 2.0, 3.0, 5.0)
"""Most changes take 5 to 8 seconds (a public log of associations); looks are close together there."""

_STUCK_DETACH_S: Final = 60.0
_FALLEN_BACK_S: Final = 25.0
"""A write is accepted before it shows; after this long the old state means that it failed."""


_T = TypeVar("_T")


class End(Enum):
    """How performing a plan ended."""

    COMPLETE = "complete"
    LOOK_AGAIN = "look again"
    OUT_OF_TIME = "out of time"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended: `done`, `already`, `waiting`, `lost`, `refused` or `failed`, and in what time."""

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
class Performance:
    """What performing a plan came to: the facts as last read, and how each step ended."""

    end: End
    facts: Facts
    outcomes: tuple[Outcome, ...]
    changed: bool
    detail: str = ""
    refusal: Refusal | None = None


class _StopError(Exception):
    """Ends the plan early."""

    def __init__(self, end: End, state: str, detail: str, refusal: Refusal | None = None) -> None:
        super().__init__(detail)
        self.end = end
        self.state = state
        self.refusal = refusal


@dataclass(slots=True)
class _Progress:
    """What has come about so far."""

    facts: Facts
    outcomes: list[Outcome] = field(default_factory=list)
    changed: bool = False


class Executor:
    """Performs plans against the cloud and the guest."""

    def __init__(
        self, api: Api, clock: Clock, log: Log, *, deadline: float, new_token: Callable[[], str]
    ) -> None:
        """`deadline` is a reading of `clock.monotonic()`; `new_token` gives ClientTokens."""
        self._api = api
        self._clock = clock
        self._log = log
        self._deadline = deadline
        self._new_token = new_token

    def perform(self, plan: Plan, facts: Facts) -> Performance:
        """Do all steps, or those up to the first that did not end as planned."""
        progress = _Progress(facts)
        for step in plan.steps:
            started = self._clock.monotonic()
            self._log.say("step", step=type(step).__name__, state="started", title=step.title)
            try:
                state, detail = self._do(step, progress)
            except _StopError as stop:
                self._ended(progress, step, stop.state, started, str(stop))
                return Performance(
                    stop.end,
                    progress.facts,
                    tuple(progress.outcomes),
                    progress.changed,
                    str(stop),
                    stop.refusal,
                )
            self._ended(progress, step, state, started, detail)
        return Performance(End.COMPLETE, progress.facts, tuple(progress.outcomes), progress.changed)

    def _ended(self, progress: _Progress, step: Step, state: str, started: float, detail: str) -> None:
        seconds = self._clock.monotonic() - started
        outcome = Outcome(type(step).__name__, step.title, state, seconds, detail)
        progress.outcomes.append(outcome)
        self._log.say("step", **outcome.as_json())

    def _do(self, step: Step, progress: _Progress) -> tuple[str, str]:
        match step:
            case Associate() | Unassociate() | Attach() | Detach():
                return self._write(step, progress)
            case AwaitEips():
                return self._await_eips(step, progress)
            case AwaitEni():
                return self._await_eni(step, progress)
            case ReadGateways():
                return self._read_gateways(step, progress)
            case ConfigureGuest():
                return self._configure(step, progress)
            case ReleaseGuest():
                return self._release(step, progress)

    def _write(self, step: Associate | Unassociate | Attach | Detach, progress: _Progress) -> tuple[str, str]:
        (call,) = step.calls()
        # A token per attempt: it makes a lost answer safe to repeat at once, and a token that met a definite
        # TaskConflict must not be used again. The ENI calls take none.
        token = {"ClientToken": self._new_token()} if call.product == "Vpc" else {}
        try:
            self._api.call(call.product, call.action, {**call.params, **token})
        except RefusedError as refusal:
            if self._sorted(refusal) is Fate.DONE:
                return "already", refusal.code
            raise self._stopped(refusal) from refusal
        except LostAnswerError as lost:
            progress.changed = True
            raise _StopError(End.LOOK_AGAIN, "lost", str(lost)) from lost
        progress.changed = True
        return "done", ""

    def _sorted(self, refusal: RefusedError) -> Fate:
        return fate_of(refusal.action, refusal.code, refusal.http_status)

    def _stopped(self, refusal: RefusedError) -> _StopError:
        fate = self._sorted(refusal)
        if fate in {Fate.WAIT, Fate.READ, Fate.DONE}:
            return _StopError(End.LOOK_AGAIN, "waiting", str(refusal))
        known = Refusal(refusal.action, refusal.code, refusal.cloud_message, refusal.request_id)
        return _StopError(End.REFUSED, "refused", str(refusal), known)

    def _await_eips(self, step: AwaitEips, progress: _Progress) -> tuple[str, str]:
        started = self._clock.monotonic()
        for pause in self._pauses():
            found = self._sure(lambda: vpc.list_eips(self._api, step.region, ids=step.eips))
            by_id = {eip.id: eip for eip in found}
            gone = [eip for eip in step.eips if eip not in by_id]
            if gone:
                raise _StopError(End.LOOK_AGAIN, "waiting", f"{', '.join(gone)} not found")
            if all(by_id[eip].status is step.status for eip in step.eips):
                progress.facts = _with_eips(progress.facts, found)
                return "done", ""
            waiting = [
                f"{eip} {by_id[eip].status.value}"
                for eip in step.eips
                if by_id[eip].status is not step.status
            ]
            stuck = not any(by_id[eip].status.settles for eip in step.eips)
            if stuck and self._clock.monotonic() - started > _FALLEN_BACK_S:
                raise _StopError(
                    End.LOOK_AGAIN, "failed", f"the cloud took the call and did nothing: {', '.join(waiting)}"
                )
            self._sleep(pause, ", ".join(waiting))
        raise AssertionError("unreachable: the pauses never end")

    def _await_eni(self, step: AwaitEni, progress: _Progress) -> tuple[str, str]:
        started = self._clock.monotonic()
        nudged = False
        moved = False
        for pause in self._pauses():
            found = self._sure(lambda: ecs.list_enis(self._api, step.region, ids=[step.eni]))
            if not found:
                raise _StopError(End.LOOK_AGAIN, "waiting", f"{step.eni} not found")
            status = found[0].status
            if status is step.status:
                progress.facts = _with_eni(progress.facts, found[0])
                return "done", ""
            waited = self._clock.monotonic() - started
            if not status.settles and (moved or waited > _FALLEN_BACK_S):
                # An attach that fails shows as Attaching, then Available again; no code tells why.
                raise _StopError(End.LOOK_AGAIN, "failed", f"{step.eni} fell back to {status.value}")
            moved = moved or status.settles
            if step.nudge and not nudged and status is EniStatus.DETACHING and waited > _STUCK_DETACH_S:
                nudged = True
                self._write(step.nudge, progress)
            self._sleep(pause, f"{step.eni} {status.value}")
        raise AssertionError("unreachable: the pauses never end")

    def _read_gateways(self, step: ReadGateways, progress: _Progress) -> tuple[str, str]:
        found = self._sure(lambda: vpc.gateways(self._api, step.region, step.eni))
        progress.facts = replace(progress.facts, gateways=tuple(found))
        return "done", ""

    def _configure(self, step: ConfigureGuest, progress: _Progress) -> tuple[str, str]:
        try:
            nic = wanted_nic(step.target, step.addresses, progress.facts.gateways or ())
            report = self._ask(step, Mode.APPLY, nic)
        except GuestError as error:
            raise _StopError(End.LOOK_AGAIN, "failed", str(error)) from error
        progress.facts = replace(progress.facts, guest=report)
        progress.changed = progress.changed or report.changed
        if report.state is not State.OK:
            raise _StopError(End.FAILED, "failed", _said(report))
        return ("done" if report.changed else "already"), ""

    def _release(self, step: ReleaseGuest, progress: _Progress) -> tuple[str, str]:
        """Clean the guest, as far as it answers: unplugging takes the addresses away in any case."""
        try:
            report = self._ask(step, Mode.RELEASE, wanted_nic(step.target, (), ()))
        except GuestError as error:
            return "failed", str(error)
        except _StopError as stop:
            if stop.end is not End.REFUSED:
                raise
            return "failed", str(stop)
        progress.changed = progress.changed or report.changed
        return ("failed", _said(report)) if report.state is not State.OK else ("done", "")

    def _ask(self, step: ConfigureGuest | ReleaseGuest, mode: Mode, nic: GuestNic) -> GuestReport:
        return self._sure(
            lambda: ask_guest(
                self._api,
                self._clock,
                step.target,
                mode,
                nic,
                deadline=self._deadline,
                new_token=self._new_token,
            )
        )

    def _sure(self, ask: Callable[[], _T]) -> _T:
        """Return the answer, or end the plan as its refusal or its absence asks for."""
        try:
            return ask()
        except RefusedError as refusal:
            raise self._stopped(refusal) from refusal
        except LostAnswerError as lost:
            raise _StopError(End.LOOK_AGAIN, "lost", str(lost)) from lost

    def _pauses(self) -> Iterator[float]:
        yield from _PAUSES_S
        while True:
            yield _PAUSES_S[-1]

    def _sleep(self, seconds: float, waiting: str) -> None:
        if self._clock.monotonic() + seconds > self._deadline:
            raise _StopError(End.OUT_OF_TIME, "waiting", waiting)
        self._log.say("waiting", for_=waiting, seconds=seconds)
        self._clock.sleep(seconds)


def _with_eips(facts: Facts, read: Sequence[Eip]) -> Facts:
    """Put newly read EIPs in place of the older picture, members and bound ones alike."""
    eni = facts.eni
    fresh = {eip.id: eip for eip in read}
    members = tuple(fresh.get(eip.id, eip) for eip in facts.eips)
    bound = {eip.id: fresh.get(eip.id, eip) for eip in (*facts.bound, *read)}
    still = tuple(e for e in bound.values() if eni is not None and e.bound_to == eni.id)
    return replace(facts, eips=members, bound=still)


def _with_eni(facts: Facts, read: Eni) -> Facts:
    holder = facts.instance if facts.instance and read.instance == facts.instance.id else None
    return replace(facts, enis=(read,), holder=holder if read.instance else None)


def _said(report: GuestReport) -> str:
    return "; ".join(f"{problem.code}: {problem.text}" for problem in report.problems) or report.state.value
