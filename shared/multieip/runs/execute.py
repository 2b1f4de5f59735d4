"""Sends one step, once, and watches it come about.

A refusal is sorted before anything else happens (`cloud.refusals`). Nothing is repeated here: a throttled,
conflicting or lost write goes back to the look, so that the next try stands on fresh facts.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from multieip.cloud.refusals import Fate, fate_of
from multieip.dataclass import dataclass, replace
from multieip.errors import CloudError, GuestError, RefusedError, TooLateError
from multieip.model.facts import Facts, Reading, Refusal
from multieip.model.guest import GuestReport, Stamp, State
from multieip.permissions import ram_action
from multieip.plan.effect import Shown, shown
from multieip.plan.steps import (
    Associate,
    Attach,
    ConfigureGuest,
    Detach,
    GuestStep,
    ReleaseGuest,
    Step,
    Unassociate,
)
from multieip.runs import guest_command
from multieip.runs.waiting import (
    FALLEN_BACK_S,
    LONGEST_MOTION_S,
    STUCK_DETACH_S,
    Change,
    Durations,
    Timer,
    change_of,
    poll_pauses,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from multieip.log import Log
    from multieip.ports import Api

_R: Final = Reading
AFTER: Final = {
    "Associate": frozenset({_R.ENI, _R.EIPS, _R.INSTANCE}),
    "Unassociate": frozenset({_R.ENI, _R.EIPS, _R.BOUND}),
    "Detach": frozenset({_R.ENI, _R.EIPS, _R.BOUND}),
    "Attach": frozenset({_R.ENI, _R.EIPS}),
    "narrow": frozenset({_R.ENI, _R.EIPS, _R.BOUND, _R.INSTANCE}),
    "ConfigureGuest": frozenset({_R.ENI, _R.EIPS}),
    "undoing": frozenset({_R.ENI, _R.BOUND}),
    "unbinding": frozenset({_R.ENI, _R.EIPS}),
    "other": frozenset({_R.ENI, _R.EIPS, _R.BOUND, _R.INSTANCE}),
}
"""What the step after a step of this kind depends on, and so what is read between the two."""


_BEHIND_S: Final = 0.02
"""A command sent ahead is to end just after the attach, not just before it."""


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


class _EndedError(Exception):
    """Ends a step early."""

    def __init__(self, done: Done) -> None:
        super().__init__(done.detail)
        self.done = done


class Executor:
    """Performs single steps against the cloud and the guest."""

    def __init__(  # noqa: PLR0913  what a step needs of the world, each its own thing
        self,
        api: Api,
        timer: Timer,
        log: Log,
        durations: Durations,
        *,
        look: Callable[[Collection[Reading], Facts], Facts],
        gateways: Callable[[Facts], Facts],
        new_token: Callable[[], str],
        run: str,
        undoing: bool = False,
    ) -> None:
        """`look` reads again, `gateways` only those; `new_token` gives ClientTokens, `run` is in stamps."""
        self._api = api
        self._timer = timer
        self._clock = timer.clock
        self._log = log
        self._durations = durations
        self._look = look
        self._gateways = gateways
        self._new_token = new_token
        self._run = run
        self.undoing = undoing
        self.newest_ms = 0
        self._refusal: Done | None = None

    def perform(self, step: Step, facts: Facts) -> Done:
        """Send the step and wait for what it is to bring about."""
        try:
            match step:
                case Attach():
                    return self._attach(step, facts, None)
                case ConfigureGuest() | ReleaseGuest():
                    return self._guest(step, facts)
            return self._await_effect(step, facts, self._write(step, facts))
        except _EndedError as ended:
            return ended.done

    def attach_and_serve(self, step: Attach, serve: ConfigureGuest, facts: Facts) -> Done:
        """Attach, and have the guest's command under way meanwhile: it waits there for the interface."""
        try:
            return self._attach(step, facts, serve)
        except _EndedError as ended:
            return ended.done

    # --- writes of the cloud -------------------------------------------------------------------------------

    def _write(self, step: Step, facts: Facts) -> float:
        """Send the call of a step and return when that was; ends the step where it was not simply taken."""
        call = step.calls()[0]
        # A token per attempt: one that met a refusal must not be used again. Tags and ENI calls take none.
        token = {"ClientToken": self._new_token()} if isinstance(step, Associate | Unassociate) else {}
        sent = self._clock.monotonic()
        try:
            self._api.call(call.product, call.action, {**call.params, **token})
        except RefusedError as refusal:
            raise _EndedError(refused(refusal, facts)) from refusal
        except TooLateError:
            raise
        except CloudError as lost:
            raise _EndedError(Done(Fared.LOST, facts, str(lost), changed=True)) from lost
        return sent

    def _await_effect(self, step: Step, facts: Facts, sent: float) -> Done:
        change = change_of(step)
        if change is None:
            return Done(Fared.DONE, facts, changed=True)
        self._timer.sleep_until(sent + self._durations.predict(change), step.title)
        # A guess may well be early: then what is awaited is read alone, and the rest once it shows.
        guessed = not self._durations.known(change)
        facts = self._look(self._awaited(step) if guessed else self._after(step), facts)
        return self._watch(step, change, facts, sent, polled=guessed)

    def _after(self, step: Step) -> frozenset[Reading]:
        if self.undoing:
            return AFTER["unbinding"]
        return AFTER.get(type(step).__name__, AFTER["other"])

    def _awaited(self, step: Step) -> frozenset[Reading]:
        """Return what shows the effect of a step."""
        if isinstance(step, Attach | Detach):
            return frozenset({Reading.ENI})
        by_eni = isinstance(step, Unassociate) and not self.undoing
        return frozenset({Reading.BOUND if by_eni else Reading.EIPS})

    def _watch(self, step: Step, change: Change, facts: Facts, sent: float, *, polled: bool = False) -> Done:
        """Read what is late until it shows, has fallen back, or has taken too long."""
        kind = "eni" if isinstance(step, Attach | Detach) else "eips"
        narrow = self._awaited(step)
        moved = nudged = False
        pauses = poll_pauses(self._clock.monotonic() - sent)
        while True:
            how, waited = shown(step, facts), self._clock.monotonic() - sent
            if how is Shown.DONE:
                self._durations.learn(change, facts.looked_at - sent, late=polled)
                rest = self._after(step) - narrow
                return Done(
                    Fared.DONE, self._look(rest, facts) if polled else facts, changed=True, looked=True
                )
            if how is Shown.NOT_YET and (moved or waited > FALLEN_BACK_S):
                text = f"the cloud took the call and did nothing: {step.title}"
                return Done(Fared.FAILED, facts, f"{text}; {_fallen(step, facts)}", changed=True)
            moved = moved or how is Shown.MOVING
            if waited > LONGEST_MOTION_S[kind]:
                return Done(
                    Fared.WAITING, facts, _fallen(step, facts), stuck=_moving(step, facts), changed=True
                )
            if isinstance(step, Detach) and not nudged and moved and waited > STUCK_DETACH_S:
                nudged = True
                self._write(step, facts)
            self._timer.sleep(next(pauses), f"{step.title}: {_fallen(step, facts)}")
            facts, polled = self._look(narrow, facts), True

    # --- the attach, with the guest's command under way ----------------------------------------------------

    def _attach(self, step: Attach, facts: Facts, serve: ConfigureGuest | None) -> Done:
        sent = self._write(step, facts)
        command, told = self._send_ahead(serve, facts, sent) if serve is not None else (None, facts)
        due = sent + self._durations.predict(Change.ATTACHING)
        if command is None or serve is None:
            self._timer.sleep_until(due, step.title)
            return self._watch(step, Change.ATTACHING, self._look(self._after(step), told), sent)
        ready = max(due, command.at + self._durations.predict(Change.COMMAND))
        self._timer.sleep_until(ready, step.title)
        report, facts, detail = self._ahead(command, step, told, sent)
        if report is None or report.state is not State.OK:
            facts = self._look(self._after(step), facts)
            done = self._watch(step, Change.ATTACHING, facts, sent)
            return replace(done, detail=detail or done.detail)
        at = self._clock.monotonic()
        facts = replace(self._look(self._after(step), facts), guest=report)
        done = self._watch(step, Change.ATTACHING, facts, sent)
        return replace(done, report=report, served=serve, answered_at=at)

    def _send_ahead(
        self, serve: ConfigureGuest, facts: Facts, sent: float
    ) -> tuple[guest_command.Sent | None, Facts]:
        """Send the command so that it ends as the attach does; without gateways it waits for the attach."""
        try:
            facts = self._with_gateways(serve, facts)
            nic = guest_command.wanted_of(serve, facts.gateways or ())
            ahead = self._durations.predict(Change.ATTACHING) - self._durations.predict(Change.COMMAND)
            ahead += _BEHIND_S
            self._timer.sleep_until(sent + ahead, serve.title)
            return self._send(serve, nic, facts), facts
        except RefusedError as refusal:
            known = refused(refusal, facts)
            self._refusal = known if known.fared is Fared.REFUSED else None
            return None, facts
        except (CloudError, GuestError) as fault:
            self._log.say("the guest is asked after the attach", reason=str(fault))
            return None, facts

    def _ahead(
        self, command: guest_command.Sent, step: Attach, facts: Facts, sent: float
    ) -> tuple[GuestReport | None, Facts, str]:
        """Read the answer of a command sent ahead; give it up where the attach has fallen back meanwhile."""
        pauses = poll_pauses(self._clock.monotonic() - sent)
        while True:
            try:
                report = guest_command.answer_of(self._api, command)
            except (GuestError, CloudError) as fault:
                return None, facts, str(fault)
            if report is not None:
                self._heard(report)
                return report, facts, ""
            waited = self._clock.monotonic() - command.at
            if waited > guest_command.GIVEN_UP_S:
                return None, facts, f"command {command.invocation} has not ended"
            self._timer.sleep(next(pauses), step.title)
            if self._clock.monotonic() - sent > self._durations.predict(Change.ATTACHING) * 2:
                facts = self._look({Reading.ENI}, facts)
                if shown(step, facts) is Shown.NOT_YET:
                    return None, facts, ""

    # --- the guest -----------------------------------------------------------------------------------------

    def _guest(self, step: GuestStep, facts: Facts) -> Done:
        if self._refusal is not None:
            return replace(self._refusal, facts=facts)
        try:
            if isinstance(step, ConfigureGuest):
                facts = self._with_gateways(step, facts)
            nic = guest_command.wanted_of(step, facts.gateways or ())
            command = self._send(step, nic, facts)
            report = self._answer(command, step)
        except GuestError as error:
            return Done(Fared.FAILED, facts, str(error))
        except RefusedError as refusal:
            return refused(refusal, facts)
        except TooLateError:
            raise
        except CloudError as lost:
            return Done(Fared.LOST, facts, str(lost))
        at = self._clock.monotonic()
        facts = replace(facts, guest=report)
        if report.state is not State.OK:
            return Done(
                Fared.FAILED, facts, said(report), report=report, answered_at=at, changed=report.changed
            )
        fared = Fared.DONE if report.changed else Fared.ALREADY
        served = step if isinstance(step, ConfigureGuest) else None
        return Done(fared, facts, report=report, answered_at=at, served=served, changed=report.changed)

    def _with_gateways(self, step: ConfigureGuest, facts: Facts) -> Facts:
        known = {gateway.address for gateway in facts.gateways or ()}
        facts = facts if set(step.addresses) <= known else self._gateways(facts)
        if Reading.GATEWAYS in facts.unread:
            raise GuestError(_unread_gateways(facts))
        return facts

    def _send(self, step: GuestStep, nic: Any, facts: Facts) -> guest_command.Sent:  # noqa: ANN401
        stamp = Stamp(max(facts.asof_ms, self.newest_ms + 1), self._run)
        self.newest_ms = stamp.asof_ms
        return guest_command.send(self._api, step, nic, stamp, self._clock.monotonic(), self._new_token)

    def _answer(self, command: guest_command.Sent, step: GuestStep) -> GuestReport:
        self._timer.sleep_until(command.at + self._durations.predict(Change.COMMAND), step.title)
        pauses = poll_pauses(self._clock.monotonic() - command.at)
        asked = 0
        while True:
            asked, at = asked + 1, self._clock.monotonic()
            report = guest_command.answer_of(self._api, command)
            if report is not None:
                self._durations.learn(Change.COMMAND, at - command.at, late=asked > 1)
                self._heard(report)
                return report
            if self._clock.monotonic() - command.at > guest_command.GIVEN_UP_S:
                raise GuestError(
                    f"command {command.invocation} has not ended on {command.instance}; "
                    f"look at it in Cloud Assistant"
                )
            self._timer.sleep(next(pauses), step.title)

    def _heard(self, report: GuestReport) -> None:
        """Remember the newest stamp that the guest has shown: the next set must be newer."""
        stamps = [nic.stamp for nic in report.nics if nic.stamp is not None]
        stamps += [report.older.stamp] if report.older is not None else []
        self.newest_ms = max([self.newest_ms, *(stamp.asof_ms for stamp in stamps)])


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
    if report.older is not None:
        return f"the guest has a set of a later look, by run {report.older.stamp.run}"
    return "; ".join(f"{problem.code}: {problem.text}" for problem in report.problems) or report.state.value


def _unread_gateways(facts: Facts) -> str:
    why = facts.unread[Reading.GATEWAYS]
    grant = f"; grant {ram_action('DescribeEipGatewayInfo')}" if why.denied else ""
    return f"the gateways could not be read ({why}){grant}"


def _fallen(step: Step, facts: Facts) -> str:
    if isinstance(step, Attach | Detach):
        return f"{step.eni} is {facts.eni.status.value}" if facts.eni else f"{step.eni} is not shown"
    ids = step.eips if isinstance(step, Associate) else (step.eip,) if isinstance(step, Unassociate) else ()
    rows = {eip.id: eip for eip in (*facts.bound, *facts.eips)}
    return ", ".join(f"{each} {rows[each].status.value}" for each in ids if each in rows)


def _moving(step: Step, facts: Facts) -> frozenset[str]:
    if isinstance(step, Attach | Detach):
        return frozenset({step.eni})
    rows = {eip.id: eip for eip in (*facts.bound, *facts.eips)}
    return frozenset(each for each, row in rows.items() if row.status.settles)
