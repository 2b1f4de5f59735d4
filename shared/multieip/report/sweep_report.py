"""The outcome of a sweep: per region the groups and their findings, what was not read, what was repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import dataclass
from multieip.model.finding import Severity, Status

if TYPE_CHECKING:
    from datetime import datetime

    from multieip.model.facts import Facts, IntentFault
    from multieip.model.finding import Finding
    from multieip.model.resources import Region
    from multieip.plan.whole import Plan


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an apply would do now. Without a plan, `waits_for` says what has to happen first.

    `only_if` names the consent (`detach`) that the plan supposes and that nobody has given yet.
    """

    plan: Plan | None
    waits_for: str = ""
    only_if: str = ""


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One group with all that the rules say about it, and what an apply would do where one is of use."""

    facts: Facts
    findings: tuple[Finding, ...]
    foreseen: Foreseen | None = None

    @property
    def name(self) -> str:
        """The group's name."""
        return self.facts.group.label

    @property
    def ok(self) -> bool:
        """Whether no rule of severity error is broken or undecided."""
        return not any(finding.bad and finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that are failures, not merely unknown."""
        return tuple(finding for finding in self.findings if finding.status is Status.FAIL)


@dataclass(frozen=True, slots=True)
class RegionReport:
    """One region: its groups, and resources that carry a group tag but form no group."""

    region: Region
    groups: tuple[GroupReport, ...] = ()
    ungrouped: tuple[IntentFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """One `bind` that was due; `outcome` is `started`, `collapsed`, `left-over` or `failed`."""

    region: Region
    group: str
    task_id: str
    rules: tuple[str, ...]
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """A whole sweep. `unread` says which regions failed and why, `left` which were not begun in time.

    `asked` are all regions that it set out to read. A sweep of several invocations has several parts; all
    but the last say as which task it goes on. Without `regions`, groups were written as they came.
    """

    mode: str
    at: datetime
    catalog_as_of: str
    regions: tuple[RegionReport, ...] = ()
    unread: tuple[tuple[Region, str], ...] = ()
    left: tuple[Region, ...] = ()
    missing_groups: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    max_repairs: int = 0
    tag_prefix: str = "multi-eip:"
    asked: tuple[Region, ...] = ()
    seconds: float = 0.0
    part: int = 1
    continues_as: str = ""
    only_groups: tuple[str, ...] = ()
    sweeps_a_day: int = 1

    @property
    def complete(self) -> bool:
        """Whether every region that was asked for has been read."""
        return not self.unread and not self.left
