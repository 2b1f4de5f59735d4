"""A sweep's report as JSON: what programs read, and what the function answers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from multieip.model.finding import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.model.finding import Finding
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport, RegionReport, Repair, SweepReport


def as_json(report: SweepReport) -> Json:
    """Return the whole report as data, totals first."""
    return {
        "mode": report.mode,
        "at": report.at.isoformat(timespec="seconds"),
        "complete": report.complete,
        "totals": totals(report),
        "unread": [{"region": region, "reason": reason} for region, reason in report.unread],
        "left": list(report.left),
        "missing_groups": list(report.missing_groups),
        "regions": [_region(region) for region in report.regions],
        "repairs": {"max": report.max_repairs, "groups": [_repair(repair) for repair in report.repairs]},
        "catalog_as_of": report.catalog_as_of,
    }


def totals(report: SweepReport) -> Json:
    """Return the counts by status, rule and region."""
    groups = [group for region in report.regions for group in region.groups]
    return {
        "regions": len(report.regions),
        "groups": len(groups),
        "ok": sum(group.ok for group in groups),
        "loose": sum(len(region.loose) for region in report.regions),
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
        "loose": len(region.loose),
        "by_status": _by_status(finding for group in region.groups for finding in group.findings),
    }


def _region(region: RegionReport) -> Json:
    return {
        "region": region.region,
        "groups": [_group(group) for group in region.groups],
        "loose": [{"text": fault.text, "ids": list(fault.ids)} for fault in region.loose],
    }


def _group(report: GroupReport) -> Json:
    group, guest = report.facts.group, report.facts.guest
    return {
        "group": report.name,
        "ok": report.ok,
        "enis": list(group.enis),
        "eips": list(group.eips),
        "instances": list(group.instances),
        "guest": None if guest is None else {"simulated": guest.simulated, "manager": guest.manager},
        "unread": dict(report.facts.unread),
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> Json:
    body: Json = {
        "rule": finding.rule,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "phase": finding.phase.value,
        "message": finding.message,
        "ids": list(finding.ids),
    }
    return {**body, "remedy": finding.remedy} if finding.bad else body


def _repair(repair: Repair) -> Json:
    return {
        "region": repair.region,
        "group": repair.group,
        "outcome": repair.outcome,
        "task_id": repair.task_id,
        "rules": list(repair.rules),
        **({"reason": repair.reason} if repair.reason else {}),
    }
