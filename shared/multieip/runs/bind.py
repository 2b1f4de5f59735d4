"""One group: observe → check → plan → act → verify, until it is ready or time runs short.

Every turn starts from what the cloud says now. A run that was killed is therefore finished by the next one,
and applying twice changes nothing the second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.refusals import is_denied
from multieip.dataclass import dataclass, replace
from multieip.errors import CloudError
from multieip.model.finding import Finding, Phase, Severity, Status
from multieip.plan.planner import Plan, plan_apply, plan_release
from multieip.rules import evaluate
from multieip.runs.bind_request import Action, BindRequest, Settling
from multieip.runs.bind_result import RunResult, RunState
from multieip.runs.execute import End, Executor, Outcome, Performance
from multieip.runs.task import task_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from multieip.model.facts import Facts, Refusal
    from multieip.observe.group import Observer
    from multieip.runs.outside import Outside

_PAUSES_S: Final = (1.0, 2.0, 3.0, 5.0, 10.0)
_SETTLE_LOOK_S: Final = 10.0
_LONGEST_GATHERING_S: Final = 60.0
_MOST_LOOKS_AGAIN: Final = 12
"""How often a run starts over after a step that did not end as planned, before it gives up."""

_RELEASE_RULES: Final = frozenset({"group-shape", "eni-secondary", "eni-state", "one-group-per-eip"})
"""What must hold to undo a group: that we know what it is, and that it is ours to touch."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of one run. `deadline` is a reading of `clock.monotonic()`."""

    deadline: float
    max_turns: int
    request_id: str = ""


class Binder:
    """Runs one request against one group."""

    def __init__(self, request: BindRequest, observer: Observer, outside: Outside, terms: Terms) -> None:
        """Nothing is read before `run`."""
        self._request = request
        self._observer = observer
        self._outside = outside
        self._terms = terms
        self._clock = outside.clock
        self._log = outside.log
        self._started = outside.clock.monotonic()
        self._refusals: list[Refusal] = []
        self._outcomes: list[Outcome] = []
        self._changed = False
        self._settling = request.settling
        self._looks_again = 0
        self._pauses = 0

    def run(self) -> RunResult:
        """Do what the request asks and say how it ended; see `RunState`."""
        self._gather()
        while True:
            try:
                facts = self._observer.look(self._refusals)
            except CloudError as error:
                return self._unseen(error)
            findings = self._findings(facts)
            blocking = [finding for finding in findings if finding.blocks]
            if self._request.action is Action.PLAN:
                return self._planned(facts, findings, blocking)
            ended = self._refused(facts, findings, blocking)
            if ended is None and not blocking:
                ended = self._act(facts, findings)
            if ended is not None:
                return ended

    def _unseen(self, error: CloudError) -> RunResult:
        """End a run that cannot look: a region without the mode, or without a host now, says why."""
        facts = self._observer.unseen()
        blocking = [f for f in evaluate(facts, Phase.BEFORE) if f.rule == "region-offers-mode" and f.blocks]
        if blocking:
            return self._result(RunState.BLOCKED, f"{_messages(blocking)} ({error})", facts, tuple(blocking))
        message = f"{facts.group.label} in {facts.group.region} could not be read: {error}"
        return self._result(RunState.FAILED, message, facts, ())

    def _gather(self) -> None:
        """Let the window of the events that started this run end, so that its first look sees them all."""
        if self._request.not_before is None:
            return
        left = (self._request.not_before - self._clock.now()).total_seconds()
        if left > 0:
            self._clock.sleep(min(left, _LONGEST_GATHERING_S))

    def _findings(self, facts: Facts) -> tuple[Finding, ...]:
        findings = evaluate(facts, Phase.BEFORE)
        if self._request.action is Action.RELEASE:
            return tuple(finding for finding in findings if finding.rule in _RELEASE_RULES)
        return findings

    def _refused(
        self, facts: Facts, findings: tuple[Finding, ...], blocking: Sequence[Finding]
    ) -> RunResult | None:
        """End a run that rules block; wait where time alone may cure it."""
        lasting = [finding for finding in blocking if not finding.settles]
        if lasting:
            return self._result(RunState.BLOCKED, _messages(lasting), facts, findings)
        if blocking:
            return self._later(_messages(blocking), facts, findings, self._pause())
        return None

    def _plan(self, facts: Facts) -> Plan:
        if self._request.action is Action.RELEASE:
            return plan_release(facts)
        return plan_apply(facts, settled=self._settled(facts))

    def _planned(self, facts: Facts, findings: tuple[Finding, ...], blocking: Sequence[Finding]) -> RunResult:
        if any(not finding.settles for finding in blocking):
            return self._result(RunState.BLOCKED, _messages(blocking), facts, findings)
        plan = plan_apply(facts, settled=self._settled(facts))
        message = _messages(blocking) or (f"waits for {plan.waits_for}" if plan.waits_for else "")
        # The whole way is shown, also where a run would pause on it until the set has settled.
        plan = plan_apply(facts, settled=True) if plan.settling else plan
        return self._result(RunState.PLANNED, message, facts, findings, plan=plan)

    def _act(self, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | None:
        plan = self._plan(facts)
        done = self._executor().perform(plan, facts)
        self._outcomes += done.outcomes
        self._changed = self._changed or done.changed
        match done.end:
            case End.COMPLETE:
                return self._complete(plan, done.facts, findings)
            case End.LOOK_AGAIN:
                return self._look_again(done, findings)
            case End.OUT_OF_TIME:
                return self._hand_over(done.detail, done.facts, findings)
            case End.REFUSED:
                return self._cloud_refused(done, findings)
            case End.FAILED:
                return self._failed(done, findings)

    def _executor(self) -> Executor:
        outside = self._outside
        return Executor(
            outside.api,
            outside.clock,
            outside.log,
            deadline=self._terms.deadline,
            new_token=outside.new_token,
        )

    def _complete(self, plan: Plan, facts: Facts, findings: tuple[Finding, ...]) -> RunResult | None:
        if self._request.action is Action.RELEASE:
            return self._released(facts, findings)
        if plan.settling:
            return self._later(f"waits for {plan.waits_for}", facts, findings, self._settle_pause())
        # What was unknown before the first write (whether the account may) is known now.
        findings, after = self._findings(facts), evaluate(facts, Phase.AFTER)
        if plan.waits_for:
            return self._result(RunState.WAITING, f"waits for {plan.waits_for}", facts, (*findings, *after))
        wrong = [f for f in after if f.status is Status.FAIL and f.severity is Severity.ERROR]
        state = RunState.FAILED if wrong else RunState.READY
        return self._result(state, _messages(wrong), facts, (*findings, *after))

    def _released(self, facts: Facts, findings: tuple[Finding, ...]) -> RunResult:
        stuck = [outcome for outcome in self._outcomes if outcome.state == "failed"]
        if stuck:
            message = "; ".join(f"{outcome.title}: {outcome.detail}" for outcome in stuck)
            return self._result(RunState.FAILED, f"released, but {message}", facts, findings)
        hint = (
            ""
            if facts.group.name is None
            else "take the group's tags off too, or the next event binds it again"
        )
        return self._result(RunState.RELEASED, hint, facts, findings)

    def _look_again(self, done: Performance, findings: tuple[Finding, ...]) -> RunResult | None:
        self._looks_again += 1
        if self._looks_again > _MOST_LOOKS_AGAIN:
            message = f"gave up after {_MOST_LOOKS_AGAIN} tries; last: {done.detail}"
            return self._result(RunState.FAILED, message, done.facts, findings)
        return self._later(done.detail, done.facts, findings, self._pause())

    def _cloud_refused(self, done: Performance, findings: tuple[Finding, ...]) -> RunResult:
        """End with the rule that predicts the code, which says what to do, else with the code alone."""
        self._refusals += [done.refusal] if done.refusal else []
        facts = replace(done.facts, refusals=tuple(self._refusals))
        again = self._findings(facts)
        lasting = [finding for finding in again if finding.blocks and not finding.settles]
        if lasting:
            return self._result(RunState.BLOCKED, _messages(lasting), facts, again)
        message = done.detail
        if done.refusal and is_denied(done.refusal.code):
            message = f"{message}; grant {_permission(done.refusal.action)} to the function's role"
        return self._result(RunState.FAILED, message, facts, findings)

    def _failed(self, done: Performance, findings: tuple[Finding, ...]) -> RunResult:
        after = evaluate(done.facts, Phase.AFTER)
        return self._result(RunState.FAILED, done.detail, done.facts, (*findings, *after))

    def _settled(self, facts: Facts) -> bool:
        """Whether the set of EIPs has been the same for the settle time; ids of a manual call are."""
        if facts.group.name is None:
            return True
        now, eips = self._clock.now(), frozenset(facts.group.eips)
        if self._settling is None or self._settling.eips != eips:
            self._settling = Settling(eips, now)
        return self._quiet_for(now) >= self._request.settle_seconds

    def _quiet_for(self, now: datetime) -> float:
        return (now - self._settling.since).total_seconds() if self._settling else 0.0

    def _settle_pause(self) -> float:
        left = self._request.settle_seconds - self._quiet_for(self._clock.now())
        return min(_SETTLE_LOOK_S, max(left, 0.1))

    def _pause(self) -> float:
        self._pauses += 1
        return _PAUSES_S[min(self._pauses, len(_PAUSES_S)) - 1]

    def _later(
        self, reason: str, facts: Facts, findings: tuple[Finding, ...], seconds: float
    ) -> RunResult | None:
        """Wait and look again (None), or hand over where the time left is too short for that."""
        if self._clock.monotonic() + seconds > self._terms.deadline:
            return self._hand_over(reason, facts, findings)
        self._log.say("waiting", reason=reason, seconds=seconds)
        self._clock.sleep(seconds)
        return None

    def _hand_over(self, reason: str, facts: Facts, findings: tuple[Finding, ...]) -> RunResult:
        """Continue in a new invocation; a run that has done so often enough leaves it to the sweep."""
        request = self._request
        if request.turn >= self._terms.max_turns:
            message = f"{reason}; not ready after {request.turn + 1} turns, the next event or sweep goes on"
            return self._result(RunState.WAITING, message, facts, findings)
        # Without a request id (a call outside of Function Compute) chains must differ all the same.
        chain = self._terms.request_id or self._outside.new_token()
        payload = request.next_turn(chain, self._settling)
        name = task_id("bind", facts.group.label, payload["chain"], str(payload["turn"]))
        try:
            self._outside.invoker.start("bind", payload, task_id=name)
        except CloudError as error:
            message = f"{reason}; could not hand over to the next run: {error}"
            return self._result(RunState.FAILED, message, facts, findings)
        self._log.say("handed over", task=name, reason=reason)
        return self._result(
            RunState.WAITING, f"{reason}; goes on as {name}", facts, findings, continues_as=name
        )

    def _result(
        self,
        state: RunState,
        message: str,
        facts: Facts,
        findings: tuple[Finding, ...],
        *,
        plan: Plan | None = None,
        continues_as: str = "",
    ) -> RunResult:
        result = RunResult(
            state=state,
            changed=self._changed,
            message=message,
            facts=facts,
            findings=findings,
            outcomes=tuple(self._outcomes),
            plan=plan,
            calls=self._outside.calls.by_action(),
            seconds=self._clock.monotonic() - self._started,
            turn=self._request.turn,
            continues_as=continues_as,
            request_id=self._terms.request_id,
        )
        self._log.say(
            "result",
            state=state.value,
            changed=self._changed,
            message=message,
            calls=sum(result.calls.values()),
        )
        return result


def _permission(action: str) -> str:
    """Return the RAM action that a call of ours takes: all that we ask of VPC is about EIPs."""
    return f"{'vpc' if 'Eip' in action else 'ecs'}:{action}"


def _messages(findings: Sequence[Finding]) -> str:
    return "; ".join(f"{finding.rule}: {finding.message}" for finding in findings)
