"""One form of a finding as data, for results and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multieip.model.finding import Finding


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return one finding as data."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "message": finding.message,
        "ids": list(finding.ids),
        "remedy": finding.remedy,
    }
