"""The verdict of a report in a few sentences, the same in every form that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.report.words import english

if TYPE_CHECKING:
    from multieip.ports import Json


def verdict(report: Json) -> str:
    """Return what a reader who stops after one sentence has to know."""
    totals = report["totals"]
    by, eips, groups = totals["groups_by_status"], totals["eips"], totals["groups"]
    if not groups:
        return english("verdict.none")
    if by["fail"]:
        first = english("verdict.broken", n=by["fail"], groups=groups)
    elif by["unknown"]:
        first = english("verdict.undecided", n=by["unknown"], groups=groups)
    else:
        first = english("verdict.whole", n=groups)
    how = "verdict.silent" if eips["silent"] else "verdict.answering"
    return f"{first} {english(how, n=eips['silent'], eips=eips['members'])}"


def completeness(report: Json) -> str:
    """Return whether the report is whole, and what it lacks."""
    entries = report["not_read"]
    regions = [where for entry in entries if entry["kind"] == "region" for where in entry["where"]]
    guests = sum(entry["count"] for entry in entries if entry["kind"] == "guest")
    lists = sum(entry["count"] for entry in entries if entry["kind"] not in {"region", "guest"})
    said = []
    if regions:
        said.append(english("complete.region", n=len(regions), where=", ".join(regions)))
    if guests:
        said.append(english("complete.guest", n=guests))
    if lists:
        said.append(english("complete.reading", n=lists))
    if report["missing_groups"]:
        names = report["missing_groups"]
        said.append(english("complete.missing", n=len(names), names=", ".join(names)))
    if not said:
        return f"{english('complete.yes')} {english('complete.all')}"
    return " ".join([english("complete.no"), *said])


def delta(report: Json, sums: dict[str, int]) -> str:
    """Return what changed since the last report; `sums` counts findings by their change."""
    if not report["previous"]:
        return english("delta.first")
    counted = (
        f"{sums.get(what, 0):,} {english('change.' + what)}"
        for what in ("new", "fixed", "still", "first")
        if sums.get(what) or what != "first"
    )
    return f"{english('delta.since')} {report['previous']['at'][:10]}: {', '.join(counted)}."
