"""Sends one step, once, and watches it come about.

A refusal is sorted before anything else happens (`cloud.refusals`). Nothing is repeated here: a throttled,
conflicting or lost write goes back to the look, so that the next try stands on fresh facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.errors import CloudError, GuestError, RefusedError, TooLateError
from multieip.model.facts import Facts, Reading
from multieip.model.guest import GuestReport, State
from multieip.plan.effect import Shown, shown
from multieip.plan.steps import (
    Associate,
    Attach,
    ConfigureGuest,
    Detach,
    ReleaseGuest,
    Step,
    Unassociate,
)
from multieip.runs import guest_command
from multieip.runs.guest_steps import GuestSteps
from multieip.runs.outcome import Done, Fared, refused
from multieip.runs.rereading import after_step, effect_of
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

_BEHIND_S: Final = 0.02
"""A command sent ahead is to end just after the attach, not just before it."""


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
        rule_priority: int,
        fresh_s: float,
        undoing: bool = False,
    ) -> None:
        """`look` reads again, `gateways` only those; the rest is for `GuestSteps`."""
        self._api = api
        self._timer = timer
        self._clock = timer.clock
        self._log = log
        self._durations = durations
        self._look = look
        self._new_token = new_token
        self._guest = GuestSteps(
            api,
            timer,
            durations,
            gateways=gateways,
            new_token=new_token,
            run=run,
            rule_priority=rule_priority,
            fresh_s=fresh_s,
        )
        self.undoing = undoing
        self._refusal: Done | None = None

    def perform(self, step: Step, facts: Facts) -> Done:
        """Send the step and wait for what it is to bring about."""
        try:
            match step:
                case Attach():
                    return self._attach(step, facts, None)
                case ConfigureGuest() | ReleaseGuest():
                    known = self._refusal
                    return replace(known, facts=facts) if known else self._guest.perform(step, facts)
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
        narrow = effect_of(step, undoing=self.undoing)
        facts = self._look(narrow, facts) if guessed else self._look_after(step, facts)
        return self._watch(step, change, facts, sent, polled=guessed)

    def _look_after(self, step: Step, facts: Facts) -> Facts:
        """Read what the step after this one depends on."""
        return self._look(after_step(step, undoing=self.undoing), facts)

    def _watch(self, step: Step, change: Change, facts: Facts, sent: float, *, polled: bool = False) -> Done:
        """Read what is late until it shows, has fallen back, or has taken too long."""
        kind = "eni" if isinstance(step, Attach | Detach) else "eips"
        narrow = effect_of(step, undoing=self.undoing)
        moved = nudged = False
        pauses = poll_pauses(self._clock.monotonic() - sent)
        while True:
            how, waited = shown(step, facts), self._clock.monotonic() - sent
            if how is Shown.DONE:
                self._durations.learn(change, facts.looked_at - sent, late=polled)
                rest = after_step(step, undoing=self.undoing) - narrow
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
            stuck = isinstance(step, Detach) and moved and waited > STUCK_DETACH_S
            if stuck and not nudged:
                # It is a write like the first one: what it depends on may have changed since.
                nudged, facts = True, self._look_after(step, facts)
                if shown(step, facts) is Shown.MOVING and _may_still_go(facts, undoing=self.undoing):
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
            return self._watch(step, Change.ATTACHING, self._look_after(step, told), sent)
        ready = max(due, command.at + self._durations.predict(Change.COMMAND))
        self._timer.sleep_until(ready, step.title)
        report, facts, detail = self._ahead(command, step, told, sent)
        if report is None or report.state is not State.OK:
            facts = self._look_after(step, facts)
            done = self._watch(step, Change.ATTACHING, facts, sent)
            return replace(done, detail=detail or done.detail)
        at = self._clock.monotonic()
        facts = replace(self._look_after(step, facts), guest=report)
        done = self._watch(step, Change.ATTACHING, facts, sent)
        return replace(done, report=report, served=serve, answered_at=at)

    def _send_ahead(
        self, serve: ConfigureGuest, facts: Facts, sent: float
    ) -> tuple[guest_command.Sent | None, Facts]:
        """Send the command so that it ends as the attach does; without gateways it waits for the attach."""
        try:
            wanted, facts = self._guest.prepared(serve, facts)
            ahead = self._durations.predict(Change.ATTACHING) - self._durations.predict(Change.COMMAND)
            ahead += _BEHIND_S
            self._timer.sleep_until(sent + ahead, serve.title)
            return self._guest.send(serve, wanted, facts), facts
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
                self._guest.heard(report)
                return report, facts, ""
            waited = self._clock.monotonic() - command.at
            if waited > guest_command.GIVEN_UP_S:
                return None, facts, f"command {command.invocation} has not ended"
            self._timer.sleep(next(pauses), step.title)
            if self._clock.monotonic() - sent > self._durations.predict(Change.ATTACHING) * 2:
                facts = self._look({Reading.ENI}, facts)
                if shown(step, facts) is Shown.NOT_YET:
                    return None, facts, ""


def _may_still_go(facts: Facts, *, undoing: bool) -> bool:
    """Whether the look allows to send a detach once more; the consent may have gone since the first time."""
    group = facts.group
    if group.name is not None and group.wanted_undone:
        # To undo takes no consent to detach, and all that goes off has to be the group's.
        return not facts.eips_staying
    return group.detach or (undoing and group.name is None)


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
