"""A group of a sweep, judged: its findings and what an apply would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.report.sweep_report import GroupReport
from multieip.rules import evaluate
from multieip.runs.foresee import foresee

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding


def report_group(facts: Facts, judge: Callable[[Facts], tuple[Finding, ...]] = evaluate) -> GroupReport | str:
    """Return what the rules say of a group; one that they stumble over costs no other its place."""
    try:
        findings = judge(facts)
        return GroupReport(facts, findings, foresee(facts, findings))
    except Exception as fault:  # noqa: BLE001  the others are still to be judged, and this one is reported
        return f"group {facts.group.label} could not be judged ({type(fault).__name__}: {fault})"
