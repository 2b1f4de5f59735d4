"""A report while it grows: each group becomes text as soon as it is judged, and its facts may be let go."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from multieip import __version__
from multieip.dataclass import dataclass, field
from multieip.report.group_json import group_json
from multieip.report.line import as_line
from multieip.report.not_read import not_read, policy_for
from multieip.report.seconds import SECONDS_AS_OF
from multieip.report.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multieip.model.facts import IntentFault
    from multieip.model.resources import Region
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport, Repair, SweepReport

REPORT_SCHEMA = "multieip-report/2"
"""Name and version of the form; its JSON Schema is `docs/schema/report-2.json`."""


@dataclass(slots=True)
class _Region:
    """One region: its groups by name as text, those to look at in full, the good ones a line each."""

    region: Region
    groups: list[tuple[str, str]] = field(default_factory=list)
    good: list[tuple[str, str]] = field(default_factory=list)
    ungrouped: tuple[IntentFault, ...] = ()
    tally: Tally = field(default_factory=Tally)

    def rest(self) -> Json:
        """Return what is not its groups."""
        return {"ungrouped": [{"text": fault.text, "ids": list(fault.ids)} for fault in self.ungrouped]}


class Growing:
    """Takes groups one by one. With `full`, good groups are written in full like the others."""

    def __init__(self, prefix: str, *, full: bool = False) -> None:
        """`prefix` is that of our tags."""
        self._prefix = prefix
        self._full = full
        self._regions: list[_Region] = []
        self._tally = Tally()
        self._unread: list[Json] = []

    def begin(self, region: Region) -> None:
        """Let the groups that come now be this region's."""
        self._regions.append(_Region(region))

    def add(self, report: GroupReport) -> Json:
        """Take one group, and return the whole of it as data."""
        here, body = self._regions[-1], group_json(report, self._prefix)
        here.tally.add(report, body)
        self._tally.add(report, body)
        if body["unread"]:
            self._unread.append({key: body[key] for key in ("region", "group", "unread")})
        line = None if self._full else as_line(body)
        text = _text(body if line is None else line)
        (here.groups if line is None else here.good).append((report.name, text))
        return body

    def end(self, ungrouped: Iterable[IntentFault]) -> None:
        """Take what is in no group of the region."""
        here = self._regions[-1]
        here.ungrouped = tuple(ungrouped)
        here.tally.ungrouped = len(here.ungrouped)
        self._tally.ungrouped += len(here.ungrouped)

    def counts(self) -> dict[str, int]:
        """Return how many groups the region of now has so far, and how many of them are ok."""
        here = self._regions[-1].tally
        return {"groups": here.groups, "ok": here.ok, "ungrouped": here.ungrouped}

    def finish(self, frame: SweepReport) -> Report:
        """Return the report; `frame` says everything but its regions."""
        places = {region: place for place, region in enumerate(frame.asked)}
        self._regions.sort(key=lambda each: places.get(each.region, len(places)))
        for each in self._regions:
            each.groups.sort()
            each.good.sort()
        missed = not_read(frame.unread, frame.left, self._unread)
        head = _head(frame) | {
            "totals": self._totals(frame),
            "not_read": missed,
            "policy": policy_for(missed),
        }
        return Report(head, self._regions)

    def _totals(self, frame: SweepReport) -> Json:
        return self._tally.of_all() | {
            "regions": len(self._regions),
            "by_region": {each.region: each.tally.of_region() for each in self._regions},
            "repairs": dict(sorted(Counter(repair.outcome for repair in frame.repairs).items())),
        }


class Report:
    """A finished report: text in pieces for whoever keeps or sends it, data for whoever reads it here."""

    def __init__(self, head: Json, regions: list[_Region]) -> None:
        """`head` is everything but the regions."""
        self.head = head
        self._regions = regions

    def summary(self) -> Json:
        """Return what a log line says of the whole."""
        totals = self.head["totals"]
        kept = ("groups", "ok", "ungrouped", "groups_by_status", "gateways")
        return {
            **{key: totals[key] for key in kept},
            "complete": self.head["complete"],
            "part": self.head["part"],
            "continues_as": self.head["continues_as"] or "",
        }

    def pieces(self) -> Iterator[str]:
        """Yield the report as JSON, piece by piece."""
        yield _text(self.head)[:-1] + ',"regions":['
        for number, region in enumerate(self._regions):
            yield ("," if number else "") + _text({"region": region.region})[:-1]
            for name, texts in (("groups", region.groups), ("good", region.good)):
                yield f',"{name}":['
                yield from (f",{text}" if place else text for place, (_, text) in enumerate(texts))
                yield "]"
            yield "," + _text(region.rest())[1:]
        yield "]}"

    def data(self) -> Json:
        """Return the report as data."""
        return self.head | {
            "regions": [
                {
                    "region": region.region,
                    "groups": [json.loads(text) for _, text in region.groups],
                    "good": [json.loads(text) for _, text in region.good],
                    **region.rest(),
                }
                for region in self._regions
            ]
        }


def _text(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _head(frame: SweepReport) -> Json:
    from multieip.rules import RULES  # noqa: PLC0415  the rules are imported when they judge

    return {
        "schema": REPORT_SCHEMA,
        "version": __version__,
        "mode": frame.mode,
        "at": frame.at.isoformat(timespec="seconds"),
        "seconds": round(frame.seconds, 1),
        "complete": frame.complete,
        "part": frame.part,
        "continues_as": frame.continues_as or None,
        "asked": list(frame.asked),
        "unread": [{"region": region, "reason": reason} for region, reason in frame.unread],
        "left": list(frame.left),
        "missing_groups": list(frame.missing_groups),
        "only_groups": list(frame.only_groups),
        "tag_prefix": frame.tag_prefix,
        "rules": {rule.id: {"title": rule.title, "severity": rule.severity.value} for rule in RULES},
        "ages": _ages(frame),
        "repairs": {"max": frame.max_repairs, "groups": [_repair(repair) for repair in frame.repairs]},
        "rotation": {"sweeps_a_day": frame.sweeps_a_day},
        "catalog_as_of": frame.catalog_as_of,
    }


def _ages(frame: SweepReport) -> list[Json]:
    """Return our own slow data with the day each was read by hand."""
    vendor = "the vendor's user guide, read by hand"
    return [
        {"what": "regions that offer the mode", "as_of": frame.catalog_as_of, "source": vendor},
        {"what": "instance families of the mode", "as_of": frame.catalog_as_of, "source": vendor},
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
