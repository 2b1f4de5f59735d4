"""What `bind` answers: one frozen value, as JSON for machines and as text for people."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from multieip import RESULT_SCHEMA, __version__
from multieip.dataclass import dataclass, field
from multieip.model.finding import Status
from multieip.model.resources import BindMode
from multieip.report.finding_json import finding_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.model.resources import Eip
    from multieip.plan.whole import Plan
    from multieip.ports import Json
    from multieip.runs.outcome import Outcome


WANTED_UNDONE: Final = "the group is wanted undone"
"""Why an ENI is left off that nobody wants back; every other reason is one for a person."""


class RunState(str, Enum):
    """How a run ended.

    `ready`: the guest has every EIP and says so. `released`: undone. `planned`: a dry run.
    `waiting`: something has to happen first, `message` says what. `blocked`: a rule refuses; what it does not
    concern may have been served all the same (`served`). `held`: the group's tag or a switch wants nothing
    written. `refused`: the request itself cannot be understood. `failed`: it should have worked; a later run
    starts from what is there.
    """

    READY = "ready"
    RELEASED = "released"
    WAITING = "waiting"
    BLOCKED = "blocked"
    FAILED = "failed"
    PLANNED = "planned"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class BlockedEip:
    """A member that cannot be bound, by which rule, and why; the other members are served without it."""

    id: str
    rule: str
    text: str

    def as_json(self) -> dict[str, str]:
        """Return it as data."""
        return {"id": self.id, "rule": self.rule, "text": self.text}


@dataclass(frozen=True, slots=True)
class Told:
    """A group that was started because it holds, or will get, one of our members."""

    group: str
    task: str

    def as_json(self) -> dict[str, str]:
        """Return it as data."""
        return {"group": self.group, "task": self.task}


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a caller may want to know of one run."""

    state: RunState
    changed: bool
    message: str
    facts: Facts
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    plan: Plan | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    turn: int = 0
    continues_as: str = ""
    request_id: str = ""
    served: tuple[str, ...] = ()
    blocked_eips: tuple[BlockedEip, ...] = ()
    as_of: str = ""
    restored: bool | None = None
    left_detached: str | None = None
    told: tuple[Told, ...] = ()
    waits_with: str = ""
    consents: tuple[Json, ...] = ()
    gave_up: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the result as data; keys are stable."""
        facts = self.facts
        body: dict[str, Any] = {
            "schema": RESULT_SCHEMA,
            "version": __version__,
            "state": self.state.value,
            "changed": self.changed,
            "message": self.message,
            "region": facts.group.region,
            "group": facts.group.name,
            "eni": facts.eni.id if facts.eni else None,
            "instance": facts.instance.id if facts.instance else None,
            "eips": [_eip_json(facts, eip) for eip in sorted(facts.eips, key=lambda e: e.id)],
            "findings": [finding_json(each) for each in self.findings if _is_told(each)],
            "rules_checked": len(self.findings),
            "steps": [outcome.as_json() for outcome in self.outcomes],
            "api_calls": {"total": sum(self.calls.values()), "by_action": dict(self.calls)},
            "seconds": round(self.seconds, 3),
            "turn": self.turn,
            "request_id": self.request_id,
            "served": list(self.served),
            "blocked_eips": [each.as_json() for each in self.blocked_eips],
            "as_of": self.as_of or None,
            "restored": self.restored,
            "left_detached": self.left_detached,
            "told": [each.as_json() for each in self.told],
            "consents": list(self.consents),
        }
        return {**body, **self._what_follows()}

    def _what_follows(self) -> dict[str, Any]:
        """Return what a reader does next: who goes on, what to call, which pages to read, the plan."""
        body: dict[str, Any] = {"waits_with": self.waits_with} if self.waits_with else {}
        if self.continues_as:
            body["continues_as"] = self.continues_as
        body["next"] = _next(self)
        body["pages"] = {each.rule: f"docs/rules/{each.rule}.md" for each in self.findings if each.bad}
        if self.plan is not None:
            body["plan"] = {**self.plan.as_json(), **_times(self.plan, self.facts)}
        return body


def _is_told(finding: Finding) -> bool:
    return finding.bad or finding.status is Status.EXEMPT


def _eip_json(facts: Facts, eip: Eip) -> dict[str, Any]:
    gateway = next((g for g in facts.gateways or () if g.address == eip.address), None)
    return {
        "id": eip.id,
        "address": eip.address,
        "mask": gateway.mask if gateway else None,
        "gateway": gateway.gateway if gateway else None,
        "status": eip.status.value,
        "bound": facts.is_bound(eip),
        "in_guest": _in_guest(facts, eip),
    }


def _in_guest(facts: Facts, eip: Eip) -> bool | None:
    """Whether the guest has the EIP and answers from it; None where no guest was asked."""
    if facts.guest is None:
        return None
    reports = (report for nic in facts.guest.nics for report in nic.eips)
    return any(str(report.ip) == eip.address and report.ok for report in reports)


def _next(result: RunResult) -> str:
    """Return the command that a person would give now; empty where there is none, or no name."""
    group = result.facts.group
    if group.name is None:
        return ""
    blocking = next((finding.rule for finding in result.findings if finding.blocks), "")
    words = {
        RunState.PLANNED: f"apply {group.name}" if result.plan and result.plan.steps else "",
        RunState.WAITING: f"apply {group.name}",
        RunState.FAILED: f"apply {group.name}",
        RunState.HELD: f"resume {group.name}",
        RunState.RELEASED: f"resume {group.name}",
        RunState.BLOCKED: f"explain {blocking}" if blocking else f"plan {group.name}",
    }.get(result.state, "")
    where = "" if words.startswith("explain") else f" --region {group.region}"
    return f"multieip {words}{where}" if words else ""


def _times(plan: Plan, facts: Facts) -> dict[str, Any]:
    """Return how long the plan takes, and when what is on the attached ENI would be away."""
    from multieip.report.seconds import plan_times  # noqa: PLC0415  only a dry run tells times

    on = facts.eni is not None and facts.eni.instance is not None
    answering = [(eip.id, eip.address) for eip in facts.bound if eip.mode is BindMode.MULTI] if on else []
    return plan_times(plan, answering)
