"""A whole account as the report of a sweep, and the same account as it was one sweep before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from multieip.model.facts import IntentFault
from multieip.model.resources import Region
from multieip.report.as_json import as_json
from multieip.report.changes import with_changes
from multieip.report.sweep_report import GroupReport, RegionReport, SweepReport
from multieip.rules import evaluate
from multieip.runs.foresee import foresee
from tests.report_account.groups import good_group, resource_id
from tests.report_account.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.facts import Facts
    from multieip.ports import Json

REGIONS: Final = ("cn-shanghai", "cn-beijing", "ap-southeast-1")
NOW: Final = datetime(2026, 11, 26, 6, 4, 12, tzinfo=timezone.utc)
BEFORE: Final = NOW - timedelta(days=1)
_EARLIER: Final = NOW - timedelta(days=2)
_STEMS: Final = (
    "media-relay",
    "sip-edge",
    "ftp",
    "dns-auth",
    "呼叫中心",
    "rtsp-cam",
    "game-lobby",
    "mail-out",
)
_SIZES: Final = (1, 2, 3, 1, 4, 2, 2, 6, 1, 3, 2, 10, 1, 2, 3, 2)


@dataclass(frozen=True, slots=True)
class Account:
    """Two reports of one account, with the facts of the last by group, and what is wrong with each."""

    facts: dict[str, Facts]
    kinds: dict[str, str]
    now: Json
    before: Json

    @property
    def report(self) -> Json:
        """The last report with its changes since the one before."""
        return with_changes(self.now, self.before)


def made_account(good: int, *, rounds: int = 1, partial: bool = True) -> Account:
    """Return an account of good groups and `rounds` groups of each kind; `partial`: a region is unread."""
    facts: dict[str, Facts] = {}
    kinds: dict[str, str] = {}
    broken = list(KINDS) * rounds
    for number in range(good + len(broken)):
        kind = broken[number] if number < len(broken) else ""
        region = REGIONS[number % len(REGIONS)]
        name = f"{_STEMS[number % len(_STEMS)]}-{number:04d}"
        size = _SIZES[number % len(_SIZES)]
        group = good_group(number, name, region, min(max(size, 2), 6) if kind else size)
        facts[name] = KINDS[kind](group, number) if kind else group
        kinds[name] = kind
    return Account(facts, kinds, *_reports(facts, kinds, partial=partial))


def _reports(facts: dict[str, Facts], kinds: dict[str, str], *, partial: bool) -> tuple[Json, Json]:
    """Return the report of now and the one before, when some were good that are not, and the reverse."""
    earlier = dict(facts)
    for number, (name, kind) in enumerate(kinds.items()):
        region = facts[name].group.region
        if kind in {"no_rule", "waits_for_consent", "stale", "locked"}:
            earlier[name] = good_group(number, name, region, len(facts[name].group.eips))
        elif not kind and number % 97 == 5 and partial:
            earlier[name] = KINDS["no_route"](facts[name], number)
    first = with_changes(report_of(list(earlier.values()), _EARLIER, partial=False), None)
    before = with_changes(report_of(list(earlier.values()), BEFORE, partial=False), first)
    return report_of(list(facts.values()), NOW, partial=partial), before


def report_of(groups: Sequence[Facts], at: datetime = NOW, *, partial: bool = False) -> Json:
    """Return the report of a sweep that found these groups; `partial`: and could not read a region."""
    regions = tuple(_region(name, groups, ungrouped=name == REGIONS[0] and partial) for name in REGIONS)
    lost = "DescribeNetworkInterfaces: Forbidden.RAM: User not authorized to operate on the resource"
    return as_json(
        SweepReport(
            mode="report",
            at=at,
            catalog_as_of="2026-11",
            regions=regions,
            unread=((Region("eu-central-1"), lost),) if partial else (),
            asked=tuple(Region(each) for each in (*REGIONS, *(("eu-central-1",) if partial else ()))),
            seconds=41.2,
        )
    )


def _region(name: str, groups: Sequence[Facts], *, ungrouped: bool) -> RegionReport:
    here = tuple(_looked_at(facts) for facts in groups if facts.group.region == name)
    odd = resource_id("eip", name, 9_000_000)
    fault = IntentFault("multi-eip:group=ftp 01 is not a valid group name", (odd,))
    return RegionReport(Region(name), here, (fault,) if ungrouped else ())


def _looked_at(facts: Facts) -> GroupReport:
    findings = evaluate(facts)
    return GroupReport(facts, findings, foresee(facts, findings))
