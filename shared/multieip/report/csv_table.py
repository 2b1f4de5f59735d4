"""A report's findings as CSV, one a line, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from multieip.report.changes import with_changes
from multieip.report.front import groups_of

if TYPE_CHECKING:
    from multieip.ports import Json

COLUMNS: Final = (
    "region",
    "group",
    "group_status",
    "rule",
    "severity",
    "status",
    "change",
    "since",
    "message",
    "ids",
    "command",
)
_TOLD: Final = frozenset({"fail", "unknown", "exempt"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def render_csv(report: Json, previous: Json | None = None) -> str:
    """Return what is broken, undecided or exempt; a cell never begins as a spreadsheet's formula does."""
    if previous is not None or "history" not in report:
        report = with_changes(report, previous)
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for group in groups_of(report):
        for finding in group["findings"]:
            if finding["status"] in _TOLD:
                table.writerow([_plain(cell) for cell in _row(group, finding)])
    return written.getvalue()


def _row(group: Json, finding: Json) -> list[str]:
    return [
        group["region"],
        group["group"],
        group["status"],
        finding["rule"],
        finding["severity"],
        finding["status"],
        finding.get("change", ""),
        finding.get("since", ""),
        finding["message"],
        " ".join(finding["ids"]),
        finding.get("commands", {}).get("cli", ""),
    ]


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
