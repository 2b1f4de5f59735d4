"""Use case: all regions → findings → report, and in mode `repair` a `bind` for each group that needs one.

A region that cannot be read is named as unread and stops no other. What time does not allow is left, and goes
on in a next invocation from where this one stopped. A sweep never writes to the cloud itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.errors import CloudError
from multieip.model.finding import Severity
from multieip.model.resources import GroupName, Region
from multieip.observe.region_lists import Known
from multieip.report.growing import Growing
from multieip.report.sweep_report import SweepReport
from multieip.runs.cursor import MOST_PARTS, Cursor
from multieip.runs.repairs import Repairs
from multieip.runs.rotation import Rotation
from multieip.runs.sweep_region import SweptRegion
from multieip.runs.sweep_request import SweepMode, SweepRequest
from multieip.runs.task import task_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.log import Log
    from multieip.ports import Json
    from multieip.report.growing import Report
    from multieip.report.sweep_report import GroupReport, Repair
    from multieip.runs.sweep_terms import SweepOutside, SweepTerms

MOST_CALLED: Final = 20
"""Groups that one sweep lets a person be called for, one message each."""

_PIECE_S: Final = 60.0
"""Reading some groups and asking their guests takes up to this long; with less time left, none are begun."""


class Sweep:
    """Runs one request over its regions, or the part of it that its time allows."""

    def __init__(self, request: SweepRequest, outside: SweepOutside, terms: SweepTerms) -> None:
        """Nothing is read before `run`."""
        self._request = request
        self._outside = outside
        self._terms = terms
        self._log = outside.log
        self._begun = outside.clock.monotonic()
        first = Cursor(outside.clock.now(), terms.cause, (), part=1)
        self._cursor = cursor = request.cursor or first
        self._turn = Rotation(cursor.at, 1 if request.full else request.sweeps_a_day)
        self._growing = Growing(terms.tag_prefix, full=request.full)
        self._known = Known()
        self._unread: list[tuple[Region, str]] = []
        self._seen = set(cursor.seen)
        self._pieces = 0
        self._called = 0
        self._repairs = Repairs(outside.invoker, outside.log, cursor.cause, self._most, cursor.repairs)

    def run(self) -> Report:
        """Return what was found, not read and repaired; start what is left as a next part."""
        asked, after = self._regions(), self._cursor.after
        todo = list(self._cursor.regions or sorted(asked, key=self._turn.place))
        while todo and not self._is_over():
            after = self._read(todo[0], after)
            if after:
                break
            todo.pop(0)
        repairs = self._repairs.start() if self._request.mode is SweepMode.REPAIR else ()
        return self._growing.finish(self._frame(asked, todo, repairs, self._go_on(todo, after)))

    def _frame(
        self, asked: tuple[Region, ...], left: Sequence[Region], repairs: tuple[Repair, ...], task: str
    ) -> SweepReport:
        named = self._request.groups
        return SweepReport(
            mode=self._request.mode.value,
            at=self._outside.clock.now(),
            catalog_as_of=self._terms.catalog.as_of,
            unread=tuple(self._unread),
            left=tuple(each for each in asked if each in left),
            missing_groups=() if left else tuple(name for name in named if name not in self._seen),
            repairs=repairs,
            max_repairs=self._most,
            tag_prefix=self._terms.tag_prefix,
            asked=asked,
            seconds=self._outside.clock.monotonic() - self._begun,
            part=self._cursor.part,
            continues_as=task,
            only_groups=named,
            sweeps_a_day=self._turn.a_day,
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

    def _is_over(self) -> bool:
        """Whether no more groups are begun; one piece of each part always is, so that every part gets on."""
        now, deadline = self._outside.clock.monotonic(), self._terms.deadline
        return now >= (deadline - _PIECE_S if self._pieces else deadline)

    def _read(self, name: Region, after: str) -> str:
        """Report a region; where time ends first, return the last group that was reported."""
        log = self._log.with_fields(region=name)
        log.say("region begun")
        region = SweptRegion(name, self._outside, self._terms, self._turn, self._known)
        try:
            names = region.begin(self._request.groups, after, log)
        except CloudError as error:
            log.say("unread", level="warning", error=str(error))
            self._unread.append((name, str(error)))
            return ""
        self._growing.begin(name)
        after = ""
        for piece in region.pieces(names):
            for group, judged in piece:
                self._take(name, group, judged, log)
                after = group
            self._pieces += 1
            if after != names[-1] and self._is_over():
                break
        stopped = after if names and after != names[-1] else ""
        self._growing.end(() if stopped else region.ungrouped(log))
        self._unread += [(name, text) for text in region.unread]
        log.say("region done", **self._growing.counts(), guests=region.guests)
        return stopped

    def _take(self, region: Region, group: str, judged: GroupReport | str, log: Log) -> None:
        """Write one group into the report, and one that is not ok into the log, where a timer's is read."""
        self._seen.add(group)
        if isinstance(judged, str):
            log.say("unread", level="error", group=group, error=judged)
            self._unread.append((region, judged))
            return
        self._call_for_person(region, group, self._growing.add(judged), log)
        if not judged.ok:
            bad = {finding.rule: finding.message for finding in judged.findings if finding.bad}
            log.say("group not ok", level="warning", group=group, findings=bad)
        from multieip.runs.foresee import is_due  # noqa: PLC0415  loaded with what has judged the group

        if self._request.mode is SweepMode.REPAIR and is_due(judged.facts):
            rules = tuple(each.rule for each in judged.failed if each.severity is Severity.ERROR)
            self._repairs.need(region, group, rules)

    def _call_for_person(self, region: Region, group: str, body: Json, log: Log) -> None:
        """Let the robot hear of a group that waits for a person, in the turn that each has once a day."""
        waits, account = body["waits_for"] or {}, self._terms.calls_for
        if account is None or waits.get("who") != "person" or body["status"] == "held":
            return
        if self._called < MOST_CALLED and self._turn.is_due(region, group):
            from multieip.runs.person import PersonCaller  # noqa: PLC0415  hardly a sweep calls for anybody

            caller = PersonCaller(
                self._outside.invoker, self._outside.clock, log, account, self._terms.tag_prefix
            )
            caller.call(region, GroupName(group), waits["text"])
            self._called += 1

    def _go_on(self, left: Sequence[Region], after: str) -> str:
        """Start the next part, and return its task id; what cannot go on stays left."""
        if not left:
            return ""
        self._log.say("out of time", level="warning", left=list(left), after=after)
        now, part = self._cursor, self._cursor.part + 1
        seen = tuple(name for name in self._request.groups if name in self._seen)
        cursor = Cursor(now.at, now.cause, tuple(left), after, part, self._repairs.started, seen)
        task = task_id("sweep-part", now.cause, str(part))
        if part > MOST_PARTS:
            return ""
        try:
            self._outside.invoker.start("sweep", self._request.going_on(cursor), task_id=task)
        except CloudError as error:
            self._log.say("not continued", level="error", error=str(error))
            return ""
        return task
