"""Use case: all regions → findings → report, and in mode `repair` a `bind` for each group that needs one.

A region that cannot be read is named as unread and stops no other. Near the deadline no region is begun
any more; what is left is named too. A sweep never writes to the cloud itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from multieip.dataclass import dataclass
from multieip.errors import CloudError
from multieip.guest.survey import GuestSurvey
from multieip.model.facts import Catalog, Facts, Group
from multieip.model.finding import Severity
from multieip.model.resources import Region
from multieip.observe.region import RegionReader
from multieip.report.sweep_report import GroupReport, RegionReport, Repair, SweepReport
from multieip.rules import evaluate
from multieip.runs.foresee import foresee, is_due
from multieip.runs.sweep_request import SweepMode, SweepRequest
from multieip.runs.task import task_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multieip.log import Log
    from multieip.ports import Api, Clock, Invoker, Parallel
    from multieip.settings import Settings


@dataclass(frozen=True, slots=True)
class SweepOutside:
    """What a sweep needs of the world."""

    api: Api
    clock: Clock
    invoker: Invoker
    log: Log
    new_token: Callable[[], str]
    parallel: Parallel | None = None


@dataclass(frozen=True, slots=True)
class SweepTerms:
    """The limits of one sweep. `deadline` is a reading of `clock.monotonic()`.

    `cause` is what a repeated delivery of the same timer or call shares: the same repair is queued once.
    """

    catalog: Catalog
    tag_prefix: str
    deadline: float
    max_repairs: int
    cause: str
    regions: tuple[str, ...] = ()
    bind_while_attached: bool = False

    @classmethod
    def of(cls, settings: Settings, catalog: Catalog, *, deadline: float, cause: str) -> SweepTerms:
        """Take the terms out of the settings."""
        return cls(
            catalog=catalog,
            tag_prefix=settings.tag_prefix,
            deadline=deadline,
            max_repairs=settings.sweep_max_repairs,
            cause=cause,
            regions=settings.sweep_regions,
            bind_while_attached=settings.bind_while_attached,
        )


class Sweep:
    """Runs one request over its regions."""

    def __init__(self, request: SweepRequest, outside: SweepOutside, terms: SweepTerms) -> None:
        """Nothing is read before `run`."""
        self._request = request
        self._outside = outside
        self._terms = terms
        self._log = outside.log
        self._unread: list[tuple[Region, str]] = []

    def run(self) -> SweepReport:
        """Return what was found, what was not read, and what was repaired."""
        begun = self._outside.clock.monotonic()
        regions = self._regions()
        found: list[RegionReport] = []
        left: tuple[Region, ...] = ()
        for number, region in enumerate(regions):
            if self._outside.clock.monotonic() >= self._terms.deadline:
                left = regions[number:]
                self._log.say("out of time", level="warning", left=list(left))
                break
            report = self._read(region)
            found += [report] if report else []
        repairs = self._repair(found) if self._request.mode is SweepMode.REPAIR else ()
        return SweepReport(
            mode=self._request.mode.value,
            at=self._outside.clock.now(),
            catalog_as_of=self._terms.catalog.as_of,
            regions=tuple(found),
            unread=tuple(self._unread),
            left=left,
            missing_groups=self._missing(found),
            repairs=repairs,
            max_repairs=self._most,
            tag_prefix=self._terms.tag_prefix,
            asked=regions,
            seconds=self._outside.clock.monotonic() - begun,
        )

    @property
    def _most(self) -> int:
        asked = self._request.max_repairs
        return self._terms.max_repairs if asked is None else asked

    def _regions(self) -> tuple[Region, ...]:
        """Return the regions asked for, else those of the settings, else all that still offer the mode."""
        catalog = self._terms.catalog
        named = self._request.regions or self._terms.regions
        return tuple(Region(each) for each in named or sorted(catalog.regions - catalog.closed_regions))

    def _read(self, region: Region) -> RegionReport | None:
        log = self._log.with_fields(region=region)
        log.say("region begun")
        outside, terms = self._outside, self._terms
        blank = Facts(Group(region), terms.catalog, bind_while_attached=terms.bind_while_attached)
        try:
            reader = RegionReader(outside.api, region, terms.tag_prefix, blank, outside.parallel)
            found = reader.read(self._request.groups)
        except CloudError as error:
            log.say("unread", level="warning", error=str(error))
            self._unread.append((region, str(error)))
            return None
        for reading, why in found.unread.items():
            # The groups that are known are reported all the same, with what is unknown about them.
            log.say("unread", level="warning", reading=reading.value, error=why.text)
            self._unread.append((region, why.text))
        log.say("cloud read", groups=len(found.facts), ungrouped=len(found.ungrouped))
        survey = GuestSurvey(
            outside.api, outside.clock, region, deadline=terms.deadline, new_token=outside.new_token
        )
        groups = tuple(_group_report(facts) for facts in survey.add_to(found.facts))
        for group in groups:
            if not group.ok:
                # The answer of a call by timer is dropped; the log is where its findings can be read.
                bad = {finding.rule: finding.message for finding in group.findings if finding.bad}
                log.say("group not ok", level="warning", group=group.name, findings=bad)
        guests = sum(group.facts.guest is not None for group in groups)
        log.say("region done", groups=len(groups), ok=sum(group.ok for group in groups), guests=guests)
        return RegionReport(region, groups, found.ungrouped)

    def _missing(self, found: Sequence[RegionReport]) -> tuple[str, ...]:
        seen = {group.name for region in found for group in region.groups}
        return tuple(name for name in self._request.groups if name not in seen)

    def _repair(self, found: Sequence[RegionReport]) -> tuple[Repair, ...]:
        due = [(region.region, group) for region in found for group in region.groups if needs_bind(group)]
        # Not by name: with a cap, groups that never mend would keep the same others waiting for ever.
        due.sort(key=lambda each: _lot(self._terms.cause, each[0], each[1].name))
        return tuple(
            self._start(region, group, within_cap=number < self._most)
            for number, (region, group) in enumerate(due)
        )

    def _start(self, region: Region, group: GroupReport, *, within_cap: bool) -> Repair:
        task = task_id("sweep", region, group.name, self._terms.cause)
        outcome, reason = "left-over", f"more than max_repairs ({self._most}) groups need it"
        if within_cap:
            outcome, reason = self._invoke(region, group.name, task)
        rules = tuple(finding.rule for finding in group.failed if finding.severity is Severity.ERROR)
        self._log.say("repair", region=region, group=group.name, outcome=outcome, task_id=task, reason=reason)
        return Repair(region, group.name, task, rules, outcome, reason)

    def _invoke(self, region: Region, group: str, task: str) -> tuple[str, str]:
        payload = {"region": region, "group": group, "action": "apply", "cause": {"sweep": self._terms.cause}}
        try:
            fresh = self._outside.invoker.start("bind", payload, task_id=task)
        except CloudError as error:
            return "failed", str(error)
        return ("started", "") if fresh else ("collapsed", "this sweep has already queued it")


def needs_bind(group: GroupReport) -> bool:
    """Whether a `bind` would change anything; see `is_due`."""
    return is_due(group.facts)


def _group_report(facts: Facts) -> GroupReport:
    findings = evaluate(facts)
    return GroupReport(facts, findings, foresee(facts, findings))


def _lot(cause: str, region: str, group: str) -> str:
    return hashlib.sha256(f"{cause} {region} {group}".encode()).hexdigest()
