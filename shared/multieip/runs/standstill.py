"""What a run does where its plan has nothing to write: wait with patience, in a chain, or end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import dataclass
from multieip.plan.decision import End, Ending
from multieip.runs.looks import MEMBERS
from multieip.runs.waiting import PATIENCE_PAUSES_S, OutOfTimeError

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.runs.bind_request import BindRequest
    from multieip.runs.bind_result import RunResult
    from multieip.runs.ending import Endings
    from multieip.runs.journal import Journal
    from multieip.runs.looks import Looks
    from multieip.runs.relay import Relay
    from multieip.runs.terms import Terms
    from multieip.runs.waiting import Timer


@dataclass(frozen=True, slots=True)
class Again:
    """The run is not over: go on from these facts."""

    facts: Facts


class Standstill:
    """Decides whether an end of the plan is the end of the run."""

    def __init__(  # noqa: PLR0913, PLR0917  the parts of one run, put together in one place
        self,
        request: BindRequest,
        terms: Terms,
        timer: Timer,
        journal: Journal,
        looks: Looks,
        relay: Relay,
        ends: Endings,
    ) -> None:
        """Share the journal with the run."""
        self._request = request
        self._terms = terms
        self._timer = timer
        self._journal = journal
        self._looks = looks
        self._relay = relay
        self._ends = ends

    def at(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | Again:
        """Return the result, or newer facts where the run is not over yet."""
        journal = self._journal
        later = self._later(end, facts, findings)
        if later is not None:
            return later
        stop = journal.stopped or end
        if self._must_restore(stop, facts):
            journal.stop(stop)
            return Again(facts)
        return self._ends.finish(stop, facts, findings)

    def _later(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | Again | None:
        """Return what follows where the end of the plan is not yet that of the run; None where it is."""
        if self._journal.stopped is not None:
            waits = end.ending is Ending.TIME and self._journal.course.restoring
            return self._way_back_later(end, facts, findings) if waits else None
        looked = self._after_window(facts)
        if looked is not facts:
            return Again(looked)
        match end.ending:
            case Ending.SETTLING:
                return self._settle(facts)
            case Ending.TIME:
                return self._patience(end, facts, findings)
            case Ending.PROMISED:
                return self._promised(end, facts, findings)
            case Ending.TOO_LATE:
                raise OutOfTimeError(end.reason)
        return None

    def _after_window(self, facts: Facts) -> Facts:
        if self._request.not_before is None or self._journal.windowed:
            return facts
        self._journal.windowed = True
        return self._looks.after_window(facts, self._request.not_before)

    def _must_restore(self, stop: End, facts: Facts) -> bool:
        course, eni = self._journal.course, facts.eni
        if stop.ending in {Ending.DONE, Ending.RELEASED} or course.restoring or course.owes is None:
            return False
        return eni is not None and eni.instance is None and not self._looks.is_undoing(facts)

    def _patience(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | Again:
        """Wait for what time alone cures: some time in this run, then in one chain for the whole group."""
        journal = self._journal
        if journal.chain is not None:
            return self._in_chain(end, facts, findings)
        spent = sum(PATIENCE_PAUSES_S[: journal.patience])
        if journal.patience < len(PATIENCE_PAUSES_S) and spent < self._terms.patience_s:
            pause = min(PATIENCE_PAUSES_S[journal.patience], self._terms.patience_s - spent)
            journal.patience += 1
            self._looks.rest(pause, end.reason)
            return Again(self._looks.whole(facts))
        if self._must_restore(end, facts):
            journal.stop(end)
            return Again(facts)
        return self._relay.wait_in_chain(end, facts, findings)

    def _way_back_later(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | Again:
        """Look again where even the ENI that is owed cannot be read; then let the next turn bring it back."""
        journal = self._journal
        if journal.patience < len(PATIENCE_PAUSES_S):
            pause = PATIENCE_PAUSES_S[journal.patience]
            journal.patience += 1
            self._looks.rest(pause, end.reason)
            return Again(self._looks.whole(facts))
        return self._relay.hand_over(end.reason, facts, findings)

    def _in_chain(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | Again:
        journal = self._journal
        if journal.chain is None or self._relay.chain_ends():
            journal.gave_up = True
            text = f"{end.reason}; waited for long enough, the next event or sweep goes on"
            return self._ends.finish(End(end.ending, text), facts, findings)
        journal.chain = journal.chain.longer()
        if journal.chain.pause >= self._timer.left:
            return self._relay.wait_in_chain(end, facts, findings)
        self._looks.rest(journal.chain.pause, end.reason)
        return Again(self._looks.whole(facts))

    def _promised(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | Again:
        """Tell the groups that hold members of ours; wait for them only where one of them told us."""
        self._relay.tell_groups(facts)
        if self._request.told_us and self._journal.patience < len(PATIENCE_PAUSES_S):
            return self._patience(end, facts, findings)
        return self._ends.finish(end, facts, findings)

    def _settle(self, facts: Facts) -> Again:
        """Sleep until the set of EIPs will have been the same for long enough, and look once."""
        settling = self._journal.settling
        quiet = (self._timer.clock.now() - settling.since).total_seconds() if settling else 0.0
        left = max(self._request.settle_seconds - quiet, 0.1)
        self._looks.rest(left, "the set of EIPs to settle")
        return Again(self._looks.again(facts, MEMBERS))
