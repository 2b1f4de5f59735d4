"""The totals of a report, counted as its groups come."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Status
from multieip.report.group_json import GROUP_STATUSES

if TYPE_CHECKING:
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport


class Tally:
    """Counts groups, findings and EIPs of one region, or of all."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.groups = 0
        self.ok = 0
        self.ungrouped = 0
        self._findings: Counter[str] = Counter()
        self._bad: dict[str, Counter[str]] = {}
        self._statuses: Counter[str] = Counter()
        self._eips: Counter[str] = Counter()
        self._gateways: Counter[str] = Counter()

    def add(self, report: GroupReport, body: Json) -> None:
        """Count one group; `body` is its whole as data."""
        self.groups += 1
        self.ok += report.ok
        self._statuses[body["status"]] += 1
        for finding in report.findings:
            self._findings[finding.status.value] += 1
            if finding.bad:
                self._bad.setdefault(finding.rule, Counter())[finding.status.value] += 1
        members = [way for way in body["ways"] if way["member"]]
        self._eips += Counter(members=len(members), silent=sum(way["silent"] for way in members))
        left_out = Reading.GATEWAYS in report.facts.unasked
        self._gateways["trusted" if left_out else "read"] += 1

    def of_region(self) -> Json:
        """Return what the totals say of one region."""
        return {
            "groups": self.groups,
            "ok": self.ok,
            "ungrouped": self.ungrouped,
            "by_status": self._by_status(),
        }

    def of_all(self) -> Json:
        """Return the totals of all regions, without what only the whole report knows."""
        return {
            "groups": self.groups,
            "ok": self.ok,
            "ungrouped": self.ungrouped,
            "by_status": self._by_status(),
            "by_rule": {rule: dict(counts) for rule, counts in sorted(self._bad.items())},
            "groups_by_status": {status: self._statuses[status] for status in GROUP_STATUSES},
            "eips": {"members": self._eips["members"], "silent": self._eips["silent"]},
            "gateways": {"read": self._gateways["read"], "trusted": self._gateways["trusted"]},
        }

    def _by_status(self) -> dict[str, int]:
        return {status.value: self._findings[status.value] for status in Status}
