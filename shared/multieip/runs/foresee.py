"""What an apply would do to a group that a sweep has looked at: the same plan that a run would make. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.model.finding import Finding, Phase, Severity
from multieip.plan.course import Course
from multieip.plan.decision import Ending, Write
from multieip.plan.planner import next_step
from multieip.plan.serving import wanted_set
from multieip.plan.steps import ConfigureGuest
from multieip.plan.whole import whole_plan
from multieip.report.sweep_report import Foreseen
from multieip.rules import evaluate
from multieip.rules.before import eni_detached_while_binding
from multieip.runs.judgement import judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.facts import Facts

_CONSENT: Final = eni_detached_while_binding.RULE.id


def foresee(facts: Facts, findings: Sequence[Finding]) -> Foreseen | None:
    """Return the plan of an apply, or what it would wait for; None for a group that needs none.

    Where nothing but the consent to detach is missing, the plan supposes it and says so.
    """
    if not any(finding.bad and finding.severity is not Severity.ADVICE for finding in findings):
        return None
    hard = [finding for finding in findings if finding.blocks and not finding.settles]
    consent = any(finding.rule == _CONSENT for finding in hard)
    if consent and len(hard) == 1:
        facts = replace(facts, group=replace(facts.group, detach=True))
    plan = whole_plan(facts, judged, Course(left_alone=True))
    if not plan.steps and plan.end.ending is Ending.BLOCKED:
        first = next((each for each in hard if each.rule != _CONSENT), None)
        return Foreseen(None, waits_for=first.message if first else plan.end.reason)
    settling = next((each.message for each in findings if each.blocks and each.settles), "")
    return Foreseen(plan, waits_for=plan.waits_for or settling, only_if="detach" if consent else "")


def is_due(facts: Facts) -> bool:
    """Whether a run of this group would write: its plan has a step, or the guest differs; nothing else.

    A group that only waits, is on hold or blocked, or in which something is in motion right now, is not. A
    guest that left no doubt is not configured anew.
    """
    findings = judged(facts)
    course = Course(left_alone=True)
    decision = next_step(facts, findings, course)
    if not isinstance(decision, Write):
        return False
    if not isinstance(decision.step, ConfigureGuest):
        return True
    if facts.trusts_guest:
        return False
    if decision.step.narrow:
        return True
    return facts.guest is not None and not _guest_is_right(facts, findings, course)


def _guest_is_right(facts: Facts, findings: Sequence[Finding], course: Course) -> bool:
    """Whether the guest has what is wanted, and nothing that is not on the ENI any more."""
    wants = wanted_set(facts, findings, course)
    after = evaluate(facts, Phase.AFTER)
    stale = any(f.bad and f.rule == "no-stale-address" for f in after)
    wrong = any(f.bad and f.rule in {"eips-on-interface", "replies-by-own-gateway"} for f in after)
    return wants is not None and not wrong and not stale
