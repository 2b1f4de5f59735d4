"""What a run makes of a write that did not come about: look again, go another way, or stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.fates import Fate
from multieip.cloud.refusals import is_denied, is_throttling
from multieip.model.finding import Reach
from multieip.model.guest import State
from multieip.permissions import ram_action, to_grant
from multieip.plan.decision import End, Ending
from multieip.plan.steps import Associate, Attach, ConfigureGuest, Detach, MarkRefused, ReleaseGuest, SetHold
from multieip.rules import rule_for_code
from multieip.runs.binding_ways import BindingWays
from multieip.runs.outcome import Fared
from multieip.runs.rereading import AFTER
from multieip.runs.waiting import PATIENCE_PAUSES_S, until_next_minute

if TYPE_CHECKING:
    from multieip.model.facts import Facts, Refusal
    from multieip.plan.course import Course
    from multieip.plan.steps import GuestStep, Step
    from multieip.runs.journal import Journal
    from multieip.runs.looks import Looks
    from multieip.runs.outcome import Done
    from multieip.runs.terms import Terms
    from multieip.runs.waiting import Timer

_MOST_TRIES: Final = 12
"""How often a run starts over after a write that did not end as planned, before it gives up."""

_LONGEST_PAUSE: Final = 6
_MOST_GUEST_TRIES: Final = 3
_SAME_GUEST_ANSWER: Final = 2


class Setbacks:
    """Takes into the journal what went wrong, and returns the facts to go on from."""

    def __init__(self, journal: Journal, looks: Looks, timer: Timer, terms: Terms) -> None:
        """Share the journal with the run."""
        self._journal = journal
        self._looks = looks
        self._timer = timer
        self._keys = terms.keys
        self._key = f"{terms.tag_prefix}group"
        self._ways = BindingWays(timer.clock, journal.last.group.label)

    def take(self, step: Step, done: Done, before: Course) -> Facts:
        """Sort a step that did not come about; `before` is the course from before it was sent."""
        journal = self._journal
        if done.stuck:
            journal.note(given_up=journal.course.given_up | done.stuck)
            return done.facts
        if isinstance(step, ConfigureGuest | ReleaseGuest) and done.refusal is None:
            return self._guest_failed(step, done)
        if isinstance(step, Detach) and done.refusal is not None:
            # Refused is not sent: nothing is owed for it.
            journal.note(owes=before.owes, detaches=before.detaches)
        if isinstance(step, MarkRefused):
            journal.note(marked=journal.course.marked | {step.eip})
            journal.notes.append(f"{step.title} was not possible ({done.detail}); set it yourself")
            return self._looks.again(done.facts)
        if done.fared is Fared.REFUSED and done.refusal is not None:
            return self._refused(step, done, done.refusal)
        return self._try_again(step, done)

    def stop(self, end: End, facts: Facts) -> Facts:
        """Let the run end with this, after the way back where one is owed."""
        self._journal.stop(end, put_back=not self._looks.is_undoing(facts))
        return self._looks.again(facts) if facts.enis else facts

    def _counted(self) -> bool:
        self._journal.tries += 1
        return self._journal.tries <= _MOST_TRIES

    def _try_again(self, step: Step, done: Done) -> Facts:
        """Look again after a write that may pass, with growing pauses; give up where it never ends."""
        code = done.refusal.code if done.refusal else ""
        if is_throttling(code) and isinstance(step, Associate):
            return self._bind_otherwise(step, done)
        if not self._counted():
            text = f"gave up after {_MOST_TRIES} tries; last: {done.detail}"
            return self.stop(End(Ending.FAILED, text), done.facts)
        pause = PATIENCE_PAUSES_S[min(self._journal.tries, _LONGEST_PAUSE) - 1]
        if is_throttling(code):
            pause = until_next_minute(self._timer.clock, done.facts.group.label)
        elif done.fared in {Fared.LOST, Fared.FAILED}:
            pause = PATIENCE_PAUSES_S[0]
        self._looks.rest(pause, done.detail)
        return self._looks.again(done.facts)

    def _bind_otherwise(self, step: Associate, done: Done) -> Facts:
        """Bind the other way, or in the cloud's next minute, where a limit is used up."""
        facts = done.facts
        unbound = sum(not facts.is_bound(eip) for eip in facts.eips)
        then = self._ways.after_throttling(singly=step.singly, eips=max(unbound, len(step.eips)))
        self._journal.note(singly=then.singly)
        if not then.after_s:
            # A look that is still fresh serves the other call as well.
            return facts
        self._looks.rest(then.after_s, done.detail)
        return self._looks.again(facts, AFTER["Associate"])

    def _refused(self, step: Step, done: Done, refusal: Refusal) -> Facts:  # noqa: PLR0911  cases, one after the other
        """Take a refusal that will not pass: by the facts it is looked at once more, else it is final."""
        journal = self._journal
        journal.met[refusal.action, refusal.code] += 1
        if not self._counted():
            return self.stop(End(Ending.FAILED, done.detail), done.facts)
        if done.fate is Fate.FACTS and journal.met[refusal.action, refusal.code] == 1:
            return self._looks.whole(done.facts)
        if isinstance(step, SetHold):
            return self.stop(End(Ending.BLOCKED, f"{done.detail}; {step.title} yourself"), done.facts)
        if is_denied(refusal.code):
            call = step.calls()[0]
            grant = to_grant([ram_action(call.action, call.product)], self._keys)
            return self.stop(End(Ending.FAILED, f"{done.detail}; {grant}"), done.facts)
        rule = rule_for_code(refusal.code)
        if isinstance(step, Associate) and (rule is None or rule.reach is Reach.EIPS):
            return self._single_out(step, done, refusal)
        if isinstance(step, Attach):
            self._find_way_back(step)
        # Where even the instance that it came from refuses the ENI for good, no rule knows another way.
        owed = isinstance(step, Attach) and journal.course.owes == step.instance
        if journal.course.restoring or owed or rule is None:
            return self.stop(End(Ending.FAILED, done.detail), done.facts)
        journal.refusals.append(refusal)
        return self._looks.whole(done.facts)

    def _single_out(self, step: Associate, done: Done, refusal: Refusal) -> Facts:
        """Find out which EIP of a batch the cloud refuses; that one is left out, the rest is bound."""
        journal = self._journal
        if len(step.eips) > 1:
            journal.note(singly=True)
        else:
            journal.note(refused={**journal.course.refused, step.eips[0]: refusal})
        return self._looks.again(done.facts)

    def _find_way_back(self, step: Attach) -> None:
        """Where the group's instance refuses the ENI for good, let it go back to where it came from."""
        came, group = self._journal.came_from, self._journal.last.group.name
        if came is not None and came.id != step.instance and came.tags.get(self._key) in {None, group}:
            self._journal.note(way_back=came.id, way_back_served=self._journal.emptied)

    def _guest_failed(self, step: GuestStep, done: Done) -> Facts:
        """Ask a guest that did not say yes again, on a fresh look, a bounded number of times."""
        report, failures = done.report, self._journal.guest_failures
        if report is not None and report.state in {State.OLDER, State.UNNAMED} and self._counted():
            return self._looks.again(done.facts)
        failures["any"] += 1
        failures[done.detail] += 1
        absent = report is not None and any(problem.code == "no-interface" for problem in report.problems)
        final = report is not None and not absent and failures[done.detail] >= _SAME_GUEST_ANSWER
        if not final and failures["any"] < _MOST_GUEST_TRIES:
            self._looks.rest(PATIENCE_PAUSES_S[failures["any"] - 1], done.detail)
            return self._looks.again(done.facts)
        if self._looks.is_undoing(done.facts):
            # Unplugging takes the addresses away; Windows keeps them for the interface's return and says so.
            self._journal.notes.append(f"the guest was not cleaned: {done.detail}")
            self._journal.note(undone_guest=True)
            return self._looks.again(done.facts, AFTER["undoing"])
        before = isinstance(step, ReleaseGuest) or step.narrow
        what = "nothing was taken off" if before else "the guest is not right"
        return self.stop(End(Ending.FAILED, f"{what}: {done.detail}"), done.facts)
