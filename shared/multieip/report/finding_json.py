"""The one form of a finding as data: results of `bind` and reports of `sweep` have the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from multieip.model.finding import Finding

FINDING_SCHEMA: Final = "multieip-finding/1"
"""Name and version of this form; its JSON Schema is `docs/schema/finding-1.json`."""


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return one finding as data. `remedy` is empty where nothing has to be mended."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "phase": finding.phase.value,
        "message": finding.message,
        "ids": list(finding.ids),
        "remedy": finding.remedy,
    }
