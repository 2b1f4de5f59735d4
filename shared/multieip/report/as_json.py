"""A sweep's report as JSON: what programs read, and what the function answers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from multieip import __version__
from multieip.model.finding import Status
from multieip.report.group_json import GROUP_STATUSES, group_json
from multieip.report.not_read import not_read, policy_for
from multieip.report.seconds import SECONDS_AS_OF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.model.finding import Finding
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport, RegionReport, Repair, SweepReport


REPORT_SCHEMA: Final = "multieip-report/1"
"""Name and version of the form; its JSON Schema is `docs/schema/report-1.json`."""


def as_json(report: SweepReport) -> Json:
    """Return the whole report as data, totals first."""
    from multieip.rules import RULES  # noqa: PLC0415  the rules are imported when they judge

    regions = [_region(region, report.tag_prefix) for region in report.regions]
    groups = [group for region in regions for group in region["groups"]]
    missed = not_read(report.unread, report.left, groups)
    return {
        "schema": REPORT_SCHEMA,
        "version": __version__,
        "mode": report.mode,
        "at": report.at.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 1),
        "complete": report.complete,
        "totals": totals(report) | {"groups_by_status": _groups_by_status(groups), "eips": _eips(groups)},
        "asked": list(report.asked),
        "unread": [{"region": region, "reason": reason} for region, reason in report.unread],
        "left": list(report.left),
        "not_read": missed,
        "policy": policy_for(missed),
        "missing_groups": list(report.missing_groups),
        "tag_prefix": report.tag_prefix,
        "rules": {rule.id: {"title": rule.title, "severity": rule.severity.value} for rule in RULES},
        "ages": _ages(report),
        "regions": regions,
        "repairs": {"max": report.max_repairs, "groups": [_repair(repair) for repair in report.repairs]},
        "catalog_as_of": report.catalog_as_of,
    }


def _groups_by_status(groups: Iterable[Json]) -> dict[str, int]:
    counted = Counter(group["status"] for group in groups)
    return {status: counted[status] for status in GROUP_STATUSES}


def _eips(groups: Iterable[Json]) -> dict[str, int]:
    """Count the members, and those of them that are known to be silent."""
    ways = [way for group in groups for way in group["ways"] if way["member"]]
    return {"members": len(ways), "silent": sum(way["silent"] for way in ways)}


def totals(report: SweepReport) -> Json:
    """Return the counts by status, rule and region."""
    groups = [group for region in report.regions for group in region.groups]
    return {
        "regions": len(report.regions),
        "groups": len(groups),
        "ok": sum(group.ok for group in groups),
        "ungrouped": sum(len(region.ungrouped) for region in report.regions),
        "by_status": _by_status(finding for group in groups for finding in group.findings),
        "by_rule": _bad_by_rule(groups),
        "by_region": {region.region: _region_totals(region) for region in report.regions},
        "repairs": dict(sorted(Counter(repair.outcome for repair in report.repairs).items())),
    }


def _by_status(findings: Iterable[Finding]) -> dict[str, int]:
    counted = Counter(finding.status.value for finding in findings)
    return {status.value: counted[status.value] for status in Status}


def _bad_by_rule(groups: Iterable[GroupReport]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for group in groups:
        for finding in group.findings:
            if finding.bad:
                counted.setdefault(finding.rule, Counter())[finding.status.value] += 1
    return {rule: dict(counts) for rule, counts in sorted(counted.items())}


def _region_totals(region: RegionReport) -> Json:
    return {
        "groups": len(region.groups),
        "ok": sum(group.ok for group in region.groups),
        "ungrouped": len(region.ungrouped),
        "by_status": _by_status(finding for group in region.groups for finding in group.findings),
    }


def _region(region: RegionReport, prefix: str) -> Json:
    return {
        "region": region.region,
        "groups": [group_json(group, prefix) for group in region.groups],
        "ungrouped": [{"text": fault.text, "ids": list(fault.ids)} for fault in region.ungrouped],
    }


def _ages(report: SweepReport) -> list[Json]:
    """Return our own slow data with the day each was read by hand."""
    vendor = "the vendor's user guide, read by hand"
    return [
        {"what": "regions that offer the mode", "as_of": report.catalog_as_of, "source": vendor},
        {"what": "instance families of the mode", "as_of": report.catalog_as_of, "source": vendor},
        {
            "what": "expected seconds of a step",
            "as_of": SECONDS_AS_OF,
            "source": "assumed, not measured here",
        },
    ]


def _repair(repair: Repair) -> Json:
    return {
        "region": repair.region,
        "group": repair.group,
        "outcome": repair.outcome,
        "task_id": repair.task_id,
        "rules": list(repair.rules),
        **({"reason": repair.reason} if repair.reason else {}),
    }
