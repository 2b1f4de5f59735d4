"""How a run ends: its state, its message, and everything else that its result says."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from multieip.model.facts import Reading
from multieip.model.finding import Finding, Phase, Severity
from multieip.permissions import to_grant
from multieip.plan.decision import End, Ending
from multieip.plan.limits import Limits, messages
from multieip.plan.steps import ConfigureGuest, MarkRefused
from multieip.rules import evaluate, rule_for_code
from multieip.runs.bind_result import WANTED_UNDONE, BlockedEip, RunResult, RunState
from multieip.runs.judgement import is_undoing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.errors import CloudError
    from multieip.model.facts import Facts
    from multieip.plan.steps import Step
    from multieip.plan.whole import Plan
    from multieip.runs.bind_request import BindRequest
    from multieip.runs.journal import Journal
    from multieip.runs.outside import Outside
    from multieip.runs.terms import Terms
    from multieip.runs.waiting import Timer

_STATES: Final = {
    Ending.DONE: RunState.READY,
    Ending.RELEASED: RunState.RELEASED,
    Ending.BLOCKED: RunState.BLOCKED,
    Ending.HELD: RunState.HELD,
    Ending.PERSON: RunState.WAITING,
    Ending.TIME: RunState.WAITING,
    Ending.PROMISED: RunState.WAITING,
    Ending.SETTLING: RunState.WAITING,
    Ending.TOO_LATE: RunState.WAITING,
    Ending.FAILED: RunState.FAILED,
}
_ENDED_WELL: Final = frozenset({RunState.READY, RunState.RELEASED})
_LEVELS: Final = {RunState.BLOCKED: "warning", RunState.FAILED: "error"}
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_RUN_NAME: Final = 64


class Endings:
    """Turns the end of a run into its result."""

    def __init__(
        self, request: BindRequest, outside: Outside, terms: Terms, timer: Timer, journal: Journal
    ) -> None:
        """Share the journal with the run."""
        self._request = request
        self._outside = outside
        self._terms = terms
        self._timer = timer
        self._journal = journal
        self._log = outside.log
        target = request.target
        self.label = target.name or (target.explicit.label if target.explicit else "")
        name = _NOT_A_NAME.sub("_", terms.request_id) or outside.new_token()
        self.run_name = name[:_LONGEST_RUN_NAME]

    def finish(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult:
        """Say how the run ended, by the facts of its last look."""
        state = _STATES[end.ending]
        after: tuple[Finding, ...] = ()
        if state is RunState.READY or facts.guest is not None or state is RunState.WAITING:
            after = evaluate(facts, Phase.AFTER)
        reason = f"waits for {end.reason}" if end.ending is Ending.PERSON else end.reason
        if state is RunState.READY:
            # Unknown is not ready: what the guest cannot tell may be what keeps the EIPs from answering.
            wrong = [f for f in after if f.bad and f.severity is Severity.ERROR]
            state = RunState.FAILED if wrong else RunState.READY
            reason = messages(wrong)
        if state is RunState.RELEASED:
            reason = self._after_release(facts)
        return self.result(state, reason, facts, (*findings, *after))

    def _after_release(self, facts: Facts) -> str:
        if facts.group.name is None:
            return ""
        hold = f"{facts.group.tag_prefix}hold"
        return (
            f"the group stays undone until the tag {hold} is taken off, or apply is called with resume: true"
        )

    def planned(self, plan: Plan, facts: Facts, findings: tuple[Finding, ...]) -> RunResult:
        """Return a dry run: what would be done, and what would stand against it."""
        if plan.end.ending is Ending.BLOCKED and not any(_changes(step) for step in plan.steps):
            return self.result(RunState.BLOCKED, plan.end.reason, facts, findings)
        waits = "" if plan.end.ending is Ending.BLOCKED else "waits for "
        message = f"{waits}{plan.waits_for}" if plan.waits_for else ""
        if plan.settling and not message:
            message = "waits for the set of EIPs to settle"
        if plan.end.ending is Ending.TIME:
            message = plan.waits_for
        return self.result(RunState.PLANNED, message, facts, findings, plan=plan)

    def unseen(self, error: CloudError, facts: Facts) -> RunResult:
        """End a run that cannot look, with what it has done before."""
        blocking = [f for f in evaluate(facts, Phase.BEFORE) if f.rule == "region-offers-mode" and f.blocks]
        if blocking and not self._journal.outcomes:
            return self.result(RunState.BLOCKED, f"{messages(blocking)} ({error})", facts, tuple(blocking))
        message = f"{self.label} in {facts.group.region} could not be read: {error}"
        return self.result(RunState.FAILED, message, facts, ())

    def result(  # noqa: PLR0913  the parts of a result
        self,
        state: RunState,
        message: str,
        facts: Facts,
        findings: tuple[Finding, ...],
        *,
        plan: Plan | None = None,
        continues_as: str = "",
        waits_with: str = "",
    ) -> RunResult:
        """Put the result together and log it."""
        journal = self._journal
        left = self._left_detached(state, facts, handed=bool(continues_as))
        result = RunResult(
            state=state,
            message=self._message(state, message, left),
            facts=facts,
            findings=findings,
            plan=plan,
            calls=self._outside.calls.by_action(),
            seconds=self._timer.elapsed,
            turn=self._request.turn,
            continues_as=continues_as,
            request_id=self._terms.request_id,
            served=_served(facts),
            blocked_eips=self._blocked(facts, findings),
            as_of=_as_of(facts),
            restored=self._restored(state, facts),
            left_detached=left or None,
            waits_with=waits_with,
            **journal.told_in_a_result(),
        )
        return self._told(result)

    def _message(self, state: RunState, message: str, left: str) -> str:
        journal = self._journal
        lacks = "" if state in _ENDED_WELL else _lacking(journal.denied, self._terms.keys)
        parts = (message, lacks, *journal.notes, f"left detached, because {left}" if left else "")
        return "; ".join(part for part in parts if part)

    def _restored(self, state: RunState, facts: Facts) -> bool | None:
        """Whether the ENI that this run took off is on an instance again; None where that was not to be."""
        if not self._journal.took_off or state is RunState.RELEASED:
            return None
        return facts.eni is not None and facts.eni.instance is not None

    def _told(self, result: RunResult) -> RunResult:
        self._log.say(
            "result",
            level=_LEVELS.get(result.state, "info"),
            state=result.state.value,
            changed=result.changed,
            message=result.message,
            calls=sum(result.calls.values()),
        )
        return result

    def _left_detached(self, state: RunState, facts: Facts, *, handed: bool) -> str:
        """Say why the ENI that this run took off is not back; empty where it is, or where it is not ours."""
        eni = facts.eni
        on = eni is not None and eni.instance is not None
        if not self._journal.took_off or handed or on or state is RunState.RELEASED:
            return ""
        if is_undoing(facts, self._journal.course.goal):
            return WANTED_UNDONE
        if eni is None:
            unread = Reading.ENI in facts.unread
            return "it could not be read" if unread else "the ENI is not in the group any more"
        if facts.instance is None:
            return "no instance is in the group any more"
        if not any(facts.is_bound(eip) for eip in facts.eips):
            return "no EIP of the group is bound to it any more"
        return (
            "it could not be attached again" if state is not RunState.WAITING else "attaching it has to wait"
        )

    def _blocked(self, facts: Facts, findings: tuple[Finding, ...]) -> tuple[BlockedEip, ...]:
        found: dict[str, BlockedEip] = {}
        bound = {eip.id for eip in facts.eips if facts.is_bound(eip)}
        for each, finding in Limits.of(findings).eips().items():
            if each.startswith("eip-") and each not in bound:
                found[each] = BlockedEip(each, finding.rule, finding.message)
        for eip, refusal in self._journal.course.refused.items():
            rule = rule_for_code(refusal.code)
            found[eip] = BlockedEip(
                eip, rule.id if rule else refusal.code, f"{refusal.code}: {refusal.message}"
            )
        for eip, code in facts.group.refused.items():
            if eip not in bound:
                text = f"refused earlier with {code}; take the tag {facts.group.tag_prefix}refused off"
                found.setdefault(eip, BlockedEip(eip, "refused", f"{text} to try again"))
        for each in sorted(self._journal.course.given_up):
            if each.startswith("eip-"):
                found.setdefault(
                    each, BlockedEip(each, "eips-bound", "it has been between two states for too long")
                )
        return tuple(found[each] for each in sorted(found))


def _lacking(denied: Mapping[str, str], keys: str) -> str:
    """Name what the keys may not read, each action once, however many readings and rules miss it."""
    return "; ".join([*denied.values(), to_grant(denied, keys)]) if denied else ""


def _changes(step: Step) -> bool:
    """Whether a step changes anything for anybody: to read back, or to set a mark, does not."""
    return not isinstance(step, ConfigureGuest | MarkRefused)


def _served(facts: Facts) -> tuple[str, ...]:
    if facts.guest is None:
        return ()
    has = {str(eip.ip) for nic in facts.guest.nics for eip in nic.eips if eip.ok}
    return tuple(sorted(eip.id for eip in facts.eips if facts.is_bound(eip) and eip.address in has))


def _as_of(facts: Facts) -> str:
    if not facts.asof_ms:
        return ""
    return datetime.fromtimestamp(facts.asof_ms / 1000, timezone.utc).isoformat(timespec="milliseconds")
