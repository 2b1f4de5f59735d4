"""One group: look, plan, write one step, look again, until there is nothing left to write.

Each write stands on a look of its own. A run that was killed is finished by the next one, runs that race want
the same and commute, and applying twice changes nothing the second time. `docs/runs.md` tells operators more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.errors import CloudError, TooLateError
from multieip.model.facts import Reading
from multieip.plan.course import Course, Goal
from multieip.plan.decision import Decision, End, Ending, Wait, Write
from multieip.plan.effect import after
from multieip.plan.planner import next_step
from multieip.plan.steps import (
    Attach,
    ConfigureGuest,
    Detach,
    MarkRefused,
    ReleaseGuest,
    SetHold,
    Step,
    Unassociate,
)
from multieip.plan.whole import whole_plan
from multieip.runs.bind_request import Action, BindRequest, Settling
from multieip.runs.bind_result import RunResult, RunState
from multieip.runs.consent_record import ConsentRecord
from multieip.runs.ending import Endings
from multieip.runs.execute import Executor
from multieip.runs.journal import Journal
from multieip.runs.judgement import judged
from multieip.runs.looks import Looks
from multieip.runs.outcome import Done, Fared, Outcome
from multieip.runs.relay import Relay
from multieip.runs.rereading import AFTER
from multieip.runs.setbacks import Setbacks
from multieip.runs.standstill import Again, Standstill
from multieip.runs.switches import forbidden
from multieip.runs.waiting import TO_CHANGE_S, TO_DETACH_S, OutOfTimeError, Timer

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.observe.group import Observer
    from multieip.runs.outside import Outside
    from multieip.runs.terms import Terms

__all__ = ["Binder"]

_MOST_STALE: Final = 3
_AT_ONCE: Final = 60.0
"""A run that continues a chain leaves this much of its time for what it may find to do."""


class Binder:
    """Runs one request against one group."""

    def __init__(self, request: BindRequest, observer: Observer, outside: Outside, terms: Terms) -> None:
        """Nothing is read before `run`."""
        self._request = request
        self._outside = outside
        self._terms = terms
        self._log = outside.log
        self._clock = outside.clock
        self._timer = timer = Timer(outside.clock, terms.deadline)
        self._journal = journal = _journal(request, observer.unseen(), outside)
        self._ends = ends = Endings(request, outside, terms, timer, journal)
        self._looks = looks = Looks(observer, timer, journal, outside.log, ends.label)
        self._relay = Relay(request, outside, terms, journal, ends)
        self._setbacks = Setbacks(journal, looks, timer, terms)
        self._standstill = Standstill(request, terms, timer, journal, looks, self._relay, ends)
        self._executor = Executor(
            outside.api,
            timer,
            outside.log,
            outside.durations,
            look=lambda reading, facts: looks.again(facts, reading),
            gateways=lambda facts: looks.again(facts, {Reading.GATEWAYS}),
            new_token=outside.new_token,
            run=ends.run_name,
            rule_priority=terms.rule_priority,
            fresh_s=terms.fresh_s,
        )

    def run(self) -> RunResult:
        """Do what the request asks and say how it ended; see `RunState`."""
        try:
            self._wait_in_chain()
            facts = self._looks.first()
            if self._request.action is Action.PLAN:
                return self._planned(facts)
            if self._request.not_before is not None:
                facts = self._looks.gathered(facts, self._request.not_before)
            return self._loop(facts)
        except OutOfTimeError as late:
            last = self._journal.last
            return self._relay.hand_over(late.waiting, last, self._judged(last))
        except TooLateError as late:
            last = self._journal.last
            return self._relay.hand_over(str(late), last, self._judged(last))
        except CloudError as error:
            return self._unseen(error)

    def _loop(self, facts: Facts) -> RunResult:
        stale = 0
        while True:
            findings = self._judged(facts)
            self._note_time(facts)
            owed = self._journal.course.restoring and not self._looks.is_undoing(facts)
            if self._journal.stopped is not None and not owed:
                return self._ends.finish(self._journal.stopped, facts, findings)
            decision: Decision = next_step(facts, findings, self._journal.course)
            if isinstance(decision, Wait):
                facts = self._looks.watched(decision, facts)
            elif isinstance(decision, End):
                ended = self._standstill.at(decision, facts, findings)
                if not isinstance(ended, Again):
                    return ended
                facts = ended.facts
            elif self._clock.monotonic() - facts.looked_at > self._terms.fresh_s:
                stale += 1
                if stale > _MOST_STALE:
                    why = f"each look took longer than {self._terms.fresh_s:g} s, too long to write on it"
                    return self._ends.result(RunState.FAILED, why, facts, findings)
                facts = self._looks.again(facts)
            elif self._may_drop_unseen(decision.step, facts):
                facts = self._looks.again(facts, {Reading.BOUND})
            else:
                stale = 0
                facts = self._write(decision, facts)

    def _may_drop_unseen(self, step: Step, facts: Facts) -> bool:
        """Whether an EIP may have been bound by others since, which the guest would lose by this set."""
        old = self._clock.monotonic() - facts.bound_at > self._terms.fresh_s
        return isinstance(step, ConfigureGuest) and old and Reading.BOUND not in facts.unread

    # --- one write -----------------------------------------------------------------------------------------

    def _write(self, decision: Write, facts: Facts) -> Facts:
        step = decision.step
        why = forbidden(step, self._ends.label, self._journal, self._outside, self._terms)
        if why:
            return self._setbacks.stop(End(Ending.HELD, why), facts)
        before = self._journal.course
        self._begin(step, facts)
        started = self._clock.monotonic()
        try:
            done = self._perform(step, facts)
        except (OutOfTimeError, CloudError) as cut:
            sent = not isinstance(step, ConfigureGuest | ReleaseGuest)
            self._record(step, Done(Fared.WAITING, facts, str(cut), changed=sent), started)
            raise
        self._record(step, done, started)
        if done.fared in {Fared.DONE, Fared.ALREADY}:
            return self._came_about(step, done)
        return self._setbacks.take(step, done, before)

    def _perform(self, step: Step, facts: Facts) -> Done:
        self._log.say("step", step=type(step).__name__, state="started", title=step.title)
        if isinstance(step, Attach):
            attached, course = after(step, facts, self._journal.course)
            serve = next_step(attached, judged(attached, course.goal), course)
            if isinstance(serve, Write) and isinstance(serve.step, ConfigureGuest):
                return self._executor.attach_and_serve(step, serve.step, facts)
        return self._executor.perform(step, facts)

    def _begin(self, step: Step, facts: Facts) -> None:
        """Note what a step changes from the moment it is sent, whatever becomes of it."""
        journal = self._journal
        journal.consents.note(step, facts, undoing=self._looks.is_undoing(facts))
        if not isinstance(step, MarkRefused):
            # Whatever the guest has said before, it may have to say again.
            journal.note(answered=None)
        if isinstance(step, Detach):
            # A release owes the way back, too: from the moment in which it is called off.
            journal.took_off = True
            journal.came_from = facts.attached_instance or facts.instance
            journal.note(owes=step.instance, detaches=journal.course.detaches + 1)
        if isinstance(step, Unassociate) and step.claimed_by:
            self._relay.tell(step.claimed_by, step.eip, facts)

    def _record(self, step: Step, done: Done, started: float) -> None:
        seconds = self._clock.monotonic() - started
        outcome = Outcome(type(step).__name__, step.title, done.fared.value, seconds, done.detail)
        self._journal.outcomes.append(outcome)
        self._journal.changed = self._journal.changed or done.changed
        self._log.say("step", **outcome.as_json())

    def _came_about(self, step: Step, done: Done) -> Facts:
        """Take into the course what a step has brought about, and look as the next one needs it."""
        facts = done.facts
        if done.report is None and not isinstance(step, MarkRefused):
            facts = replace(facts, guest=None)
        self._take_over(step, done, facts)
        if done.looked:
            return facts
        if done.fared is Fared.ALREADY and done.refusal is not None:
            return self._looks.again(facts)
        if done.served is not None and not done.served.narrow:
            fresh = done.answered_at - facts.looked_at <= self._terms.fresh_s
            return facts if fresh else self._looks.last(facts)
        if isinstance(step, MarkRefused):
            return self._looks.last(facts)
        undoing = self._looks.is_undoing(facts) or isinstance(step, SetHold)
        return self._looks.again(facts, AFTER["undoing"] if undoing else AFTER["narrow"])

    def _take_over(self, step: Step, done: Done, facts: Facts) -> None:
        journal = self._journal
        if isinstance(step, ReleaseGuest) and done.report is not None:
            journal.emptied = journal.emptied or done.report.changed
        if facts.enis:
            _, journal.course = after(step, facts, journal.course)
        if isinstance(step, Attach) and done.served is not None:
            journal.note(answered=done.served.wants)

    # --- what the plan needs to know -----------------------------------------------------------------------

    def _judged(self, facts: Facts) -> tuple[Finding, ...]:
        return judged(facts, self._journal.course.goal)

    def _note_time(self, facts: Facts) -> None:
        course, left, eni = self._journal.course, self._timer.left, facts.eni
        self._executor.undoing = self._looks.is_undoing(facts)
        on = eni is not None and eni.instance is not None and not eni.status.settles
        if facts.group.wanted_undone:
            # From here on the tag alone says what is wanted; whoever takes it off is not overruled.
            self._journal.note(goal=Goal.APPLY)
        self._journal.note(
            settled=self._settled(facts),
            time_to_detach=left >= TO_DETACH_S,
            time_to_change=left >= TO_CHANGE_S,
            owes=None if on else course.owes,
            left_alone=self._journal.waited_for_others,
        )

    def _settled(self, facts: Facts) -> bool:
        """Whether the set of EIPs has been the same for the settle time; ids of a manual call are."""
        if facts.group.name is None:
            return True
        now, eips, settling = self._clock.now(), frozenset(facts.group.eips), self._journal.settling
        if settling is None or settling.eips != eips:
            self._journal.settling = settling = Settling(eips, now)
        return (now - settling.since).total_seconds() >= self._request.settle_seconds

    # --- the edges -----------------------------------------------------------------------------------------

    def _wait_in_chain(self) -> None:
        chain = self._journal.chain
        if chain is not None:
            pause = min(chain.pause, max(self._timer.left - _AT_ONCE, 0.0))
            self._timer.sleep(pause, "what this group waits for")

    def _planned(self, facts: Facts) -> RunResult:
        self._note_time(facts)
        course = replace(self._journal.course, left_alone=True, time_to_detach=True, time_to_change=True)
        plan = whole_plan(facts, self._judged, course)
        return self._ends.planned(plan, facts, self._judged(facts))

    def _unseen(self, error: CloudError) -> RunResult:
        """End a run that cannot look; one that owes leaves the way back to its next turn."""
        if self._journal.course.owes is not None and self._request.turn < self._terms.max_turns:
            last = self._journal.last
            return self._relay.hand_over(f"could not be read: {error}", last, self._judged(last))
        return self._ends.unseen(error, self._journal.last)


def _journal(request: BindRequest, unseen: Facts, outside: Outside) -> Journal:
    undoing = request.action is Action.RELEASE or request.of is Action.RELEASE
    course = Course(
        Goal.RELEASE if undoing else Goal.APPLY,
        resume=request.resume,
        owes=request.owes,
        detaches=request.detaches,
    )
    consents = ConsentRecord(outside.log, request.cause)
    return Journal(
        course, unseen, consents, request.waits, request.settling, took_off=request.owes is not None
    )
