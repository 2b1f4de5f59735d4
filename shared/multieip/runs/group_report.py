"""A group of a sweep, judged: its findings and what an apply would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.report.sweep_report import GroupReport
from multieip.rules import evaluate
from multieip.runs.foresee import foresee
from multieip.runs.judgement import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding


def _judged(facts: Facts) -> tuple[Finding, ...]:
    """Let all rules speak; of a group that its own tag wants undone, those that guard a release."""
    return judged(facts) if facts.group.wanted_undone else evaluate(facts)


def report_group(facts: Facts, judge: Callable[[Facts], tuple[Finding, ...]] = _judged) -> GroupReport | str:
    """Return what the rules say of a group; one that they stumble over costs no other its place."""
    try:
        findings = judge(facts)
        return GroupReport(facts, findings, foresee(facts, findings))
    except Exception as fault:  # noqa: BLE001  the others are still to be judged, and this one is reported
        return f"group {facts.group.label} could not be judged ({type(fault).__name__}: {fault})"
