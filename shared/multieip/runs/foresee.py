"""What an apply would do to a group that a sweep has looked at: the same plan that a run would make. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.model.finding import Severity
from multieip.plan.planner import plan_apply
from multieip.report.sweep_report import Foreseen
from multieip.rules.before import eni_detached_while_binding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding

_CONSENT: Final = eni_detached_while_binding.RULE.id


def foresee(facts: Facts, findings: Sequence[Finding]) -> Foreseen | None:
    """Return the plan of an apply, or what it would wait for; None for a group that needs none.

    Where nothing but the consent to detach is missing, the plan supposes it and says so.
    """
    if not any(finding.bad and finding.severity is not Severity.ADVICE for finding in findings):
        return None
    hard = [finding for finding in findings if finding.blocks and not finding.settles]
    if facts.eni is None or any(finding.rule != _CONSENT for finding in hard):
        first = next((each for each in hard if each.rule != _CONSENT), None)
        return Foreseen(None, waits_for=first.message if first else "exactly one ENI in the group")
    if hard:
        facts = replace(facts, group=replace(facts.group, detach=True))
    plan = plan_apply(facts, settled=True)
    settling = next((each.message for each in findings if each.blocks and each.settles), "")
    return Foreseen(plan, waits_for=plan.waits_for or settling, only_if="detach" if hard else "")
