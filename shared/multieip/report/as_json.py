"""A sweep's report as JSON: what programs read, and what the function answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.report.growing import REPORT_SCHEMA, Growing

if TYPE_CHECKING:
    from multieip.ports import Json
    from multieip.report.sweep_report import SweepReport

__all__ = ["REPORT_SCHEMA", "as_json"]


def as_json(report: SweepReport) -> Json:
    """Return the whole report as data, every group in full."""
    growing = Growing(report.tag_prefix, full=True)
    for region in report.regions:
        growing.begin(region.region)
        for group in region.groups:
            growing.add(group)
        growing.end(region.ungrouped)
    return growing.finish(report).data()
