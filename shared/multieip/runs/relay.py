"""Starts other runs: the next turn of this one, the one chain that waits for the group, other groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.errors import CloudError
from multieip.plan.course import Goal
from multieip.runs.bind_request import Action
from multieip.runs.bind_result import RunResult, RunState, Told
from multieip.runs.chain import MOST_CHAIN_CALLS, SLOT_S, Chain
from multieip.runs.task import group_digest, task_id

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.model.resources import AllocationId
    from multieip.plan.decision import End
    from multieip.runs.bind_request import BindRequest
    from multieip.runs.ending import Endings
    from multieip.runs.journal import Journal
    from multieip.runs.outside import Outside
    from multieip.runs.terms import Terms


class Relay:
    """Everything that one run starts."""

    def __init__(
        self, request: BindRequest, outside: Outside, terms: Terms, journal: Journal, ends: Endings
    ) -> None:
        """Share the journal with the run."""
        self._request = request
        self._outside = outside
        self._terms = terms
        self._journal = journal
        self._ends = ends
        self._log = outside.log

    # --- other groups --------------------------------------------------------------------------------------

    def tell(self, group: str, eip: AllocationId, facts: Facts) -> None:
        """Start the group that claims an EIP which this run is about to unbind: it waits for it."""
        cause = {"told_by": facts.group.label, "eip": eip}
        self._start(group, facts, cause, f"{eip} becomes free")

    def tell_groups(self, facts: Facts) -> None:
        """Start the groups that hold a member of this one and may give it up, each once."""
        for eip in facts.unbound_members:
            holding = facts.holding(eip)
            if holding is None or not holding.gives or holding.group is None:
                continue
            if not any(told.group == holding.group for told in self._journal.told):
                cause = {"wanted_by": facts.group.label, "eip": eip.id}
                self._start(holding.group, facts, cause, f"{facts.group.label} wants {eip.id}")

    def _start(self, group: str, facts: Facts, cause: dict[str, str], why: str) -> None:
        region = facts.group.region
        slot = int(self._outside.clock.now().timestamp() // SLOT_S)
        words = (self._digest(group), cause["eip"], "told" if "told_by" in cause else "wanted", str(slot))
        name = task_id("tell", region, *words)
        payload = {"region": region, "group": group, "action": "apply", "cause": cause}
        payload["named"] = [cause["eip"]]
        try:
            self._outside.invoker.start("bind", payload, task_id=name)
        except CloudError as error:
            self._journal.notes.append(f"group {group} could not be told that {why}: {error}")
            return
        self._log.say("told", group=group, task=name, why=why)
        self._journal.told.append(Told(group, name))

    def _digest(self, group: str) -> str:
        return group_digest(self._terms.account, self._request.target.region, self._terms.tag_prefix, group)

    # --- going on later ------------------------------------------------------------------------------------

    def hand_over(self, reason: str, facts: Facts, findings: tuple[Finding, ...]) -> RunResult:
        """Continue in a new invocation; a run that has done so often enough leaves it to the sweep."""
        request = self._request
        if request.turn >= self._terms.max_turns:
            self._journal.gave_up = True
            text = f"{reason}; not ready after {request.turn + 1} turns, the next event or sweep goes on"
            return self._ends.result(RunState.WAITING, text, facts, findings)
        # Without a request id (a call outside of Function Compute) chains must differ all the same.
        chain = self._terms.request_id or self._outside.new_token()
        course = self._journal.course
        payload = request.next_turn(chain, self._journal.settling, owes=course.owes, detaches=course.detaches)
        payload |= self._by_the_tags()
        words = (self._digest(self._ends.label), payload["chain"], str(payload["turn"]))
        name = task_id("bind", *words)
        try:
            self._outside.invoker.start("bind", payload, task_id=name)
        except CloudError as error:
            text = f"{reason}; could not hand over to the next run: {error}"
            return self._ends.result(RunState.FAILED, text, facts, findings)
        self._log.say("handed over", task=name, reason=reason)
        return self._ends.result(
            RunState.WAITING, f"{reason}; goes on as {name}", facts, findings, continues_as=name
        )

    def _by_the_tags(self) -> dict[str, str]:
        """Let no later turn of a release set the hold again that may have been taken off by then."""
        return {"action": Action.APPLY.value} if self._journal.course.goal is Goal.APPLY else {}

    def chain_ends(self) -> bool:
        """Whether the group has waited in chains for as long as it may without anybody asking."""
        chain = self._journal.chain
        if chain is None:
            return False
        made = chain.calls + self._outside.calls.total
        return made >= MOST_CHAIN_CALLS or chain.slots > self._terms.max_turns

    def wait_in_chain(self, end: End, facts: Facts, findings: tuple[Finding, ...]) -> RunResult:
        """Leave the waiting to the one chain of this group; end here."""
        chain = self._journal.chain or Chain()
        made = chain.calls + (self._outside.calls.total if self._journal.chain else 0)
        awaited = sorted({f.rule for f in findings if f.blocks and f.settles}) or [end.ending.name]
        # The next run of the chain never shares a slot with this one: it would be taken for this one.
        slot = max(int(self._outside.clock.now().timestamp() // SLOT_S), chain.slot + 1)
        digest = self._digest(self._ends.label)
        name = task_id("wait", self._request.target.region, digest, str(slot), *awaited)
        payload = self._request.waiting_turn(Chain(chain.pause, made, chain.slots + 1, slot))
        payload |= self._by_the_tags()
        try:
            fresh = self._outside.invoker.start("bind", payload, task_id=name)
        except CloudError as error:
            text = f"{end.reason}; could not go on waiting: {error}"
            return self._ends.result(RunState.FAILED, text, facts, findings)
        how = f"{name} goes on waiting" if fresh else f"{name} waits already"
        self._log.say("waits in a chain", task=name, fresh=fresh, reason=end.reason)
        return self._ends.result(RunState.WAITING, f"{end.reason}; {how}", facts, findings, waits_with=name)
