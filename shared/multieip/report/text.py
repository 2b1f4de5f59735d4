"""A report as plain text for a terminal or a mail: what needs a look, nothing of what is good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.report.changes import with_changes
from multieip.report.front import front
from multieip.report.summary import completeness, delta, verdict
from multieip.report.words import english

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multieip.ports import Json

_BESIDE: Final = (
    ("idle", "{id} {address}"),
    ("reboot", "{instance}"),
    ("outside", "{id} {address}"),
    ("stale", "{address} {dev}"),
)


def render_text(report: Json, previous: Json | None = None) -> str:
    """Return the report in lines of text, beside the one before it where that is given."""
    if previous is not None or "history" not in report:
        report = with_changes(report, previous)
    sections = front(report)
    head = [verdict(report), completeness(report), delta(report, sections["changes"]["sums"])]
    parts = [
        _part("sec.silent", map(_silent, sections["silent"])),
        _part("sec.waiting", map(_waiting, sections["waiting"])),
        _part("sec.unread", [*map(_unread, report["not_read"]), *_whose(report)]),
        _part("sec.beside", _beside(sections["beside"])),
        _part("sec.tags", _tags(sections["tags"])),
    ]
    return "\n".join([*head, *(line for part in parts for line in part)]) + "\n"


def _part(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", english(title), *(f"  {line}" for line in found)] if found else []


def _where(row: Json) -> str:
    return f"{row['group']} ({row['region']})"


def _since(since: str) -> str:
    return f", since {since[:10]}" if since else ""


def _silent(row: Json) -> str:
    link = english(f"link.{row['broken']}")
    return f"{', '.join(row['addresses'])}  {_where(row)}  {link}: {row['reason']}{_since(row['since'])}"


def _waiting(row: Json) -> str:
    outage = ""
    if row["away_count"]:
        outage = f" {english('waiting.away', n=row['away_count'], seconds=round(row['away']))}."
    return f"{_where(row)}  {row['text']}{outage}"


def _whose(report: Json) -> list[str]:
    return [english("unread.whose")] if report["policy"] else []


def _unread(entry: Json) -> str:
    grant = f"; grant {', '.join(entry['grant'])}" if entry["grant"] else ""
    return f"{entry['kind']} {', '.join(entry['where'])} ({entry['count']})  {entry['cause']}{grant}"


def _beside(beside: Json) -> list[str]:
    lines: list[str] = []
    for kind, form in _BESIDE:
        rows: Sequence[Json] = beside[kind]
        if rows:
            lines.append(english(f"beside.{kind}", n=len(rows)))
            lines += [f"  {form.format_map(row)}  {_where(row)}" for row in rows]
    if beside["advice"]:
        lines.append(english("beside.advice", n=len(beside["advice"])))
        lines += [
            f"  {row['text']} ({row['region']}): {', '.join(row['groups'])}" for row in beside["advice"]
        ]
    if beside["odd"]:
        lines.append(english("beside.odd", n=len(beside["odd"])))
        lines += [f"  {row['text']} ({row['region']}): {', '.join(row['ids'])}" for row in beside["odd"]]
    return lines


def _tags(tags: Json) -> list[str]:
    held = [f"on hold: {_where(row)}  {row['value']}{_since(row['seen_since'])}" for row in tags["held"]]
    exempt = [f"exempt: {row['rule']}  {_where(row)}, by the tag on {row['by']}" for row in tags["exempt"]]
    power = [f"may be cut: {_where(row)}  {', '.join(row['tags'])} on {row['on']}" for row in tags["power"]]
    return held + exempt + power
