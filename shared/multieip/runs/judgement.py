"""What the rules say about facts, as far as a run with a given goal heeds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.finding import Finding, Phase
from multieip.plan.course import Goal
from multieip.rules import evaluate

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def is_undoing(facts: Facts, goal: Goal) -> bool:
    """Whether a run takes the group back: it was asked to, or the group's own tag wants it undone."""
    return facts.group.wanted_undone or goal is Goal.RELEASE


def judged(facts: Facts, goal: Goal = Goal.APPLY) -> tuple[Finding, ...]:
    """Return the findings to plan with; to undo a group, only what it is and whose it is matters."""
    findings = evaluate(facts, Phase.BEFORE)
    if is_undoing(facts, goal):
        from multieip.rules.listing import BY_ID  # noqa: PLC0415  the rules are imported when they judge

        return tuple(finding for finding in findings if BY_ID[finding.rule].guards_release)
    return findings
