"""What the front of the page says, taken out of a report's data: rows and counts, no words. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from multieip.report.line import SAID_ONCE
from multieip.report.ways import LINKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from multieip.ports import Json

_BAD: Final = frozenset({"fail", "unknown"})
_SEVERITIES: Final = ("error", "warning")
_LATEST_FIRST: Final = "9999"


def front(report: Json) -> Json:
    """Return the sections of the page by name; `report` carries its changes (see `changes`)."""
    groups = list(groups_of(report))
    return {
        "changes": _changes(report, groups),
        "silent": _silent(groups),
        "waiting": _waiting(groups),
        "beside": _beside(report, groups),
        "tags": _tags(groups),
        "moves": _moves(report, groups),
    }


def groups_of(report: Json) -> Iterator[Json]:
    """Return all groups in the report's order."""
    for region in report["regions"]:
        yield from region["groups"]


def looked_at(finding: Json) -> bool:
    """Whether the page tells about this finding as something to look at; advice has its own section."""
    return finding["status"] in _BAD and finding["severity"] != "advice"


def _changes(report: Json, groups: Iterable[Json]) -> Json:
    """Return per rule how many groups have it new, still, for the first time seen, fixed, and undecided."""
    rows: dict[str, dict[str, Any]] = {}
    sums: dict[str, int] = defaultdict(int)

    def count(rule: str, severity: str, what: str) -> None:
        title = report["rules"].get(rule, {}).get("title", rule)
        row = rows.setdefault(rule, {"rule": rule, "title": title, "severity": severity})
        row[what] = row.get(what, 0) + 1
        sums[what] += 1

    for group in groups:
        for finding in filter(looked_at, group["findings"]):
            count(finding["rule"], finding["severity"], finding["change"])
            if finding["status"] == "unknown":
                count(finding["rule"], finding["severity"], "undecided")
        for fixed in group["fixed"]:
            count(fixed["rule"], fixed["severity"], "fixed")
    ordered = sorted(
        rows.values(), key=lambda row: tuple(-row.get(what, 0) for what in ("new", "still", "first"))
    )
    by_severity = {
        severity: [row for row in ordered if row["severity"] == severity] for severity in _SEVERITIES
    }
    return {"rows": by_severity, "sums": dict(sums)}


def _silent(groups: Iterable[Json]) -> list[Json]:
    """Return the silent EIPs, those of one group with one cause in one row, newest first."""
    rows: dict[tuple[str, str, str, str, str], dict[str, Any]] = {}
    for group in groups:
        for way in group["ways"]:
            if not way["silent"]:
                continue
            broken = next(link for link in LINKS if way["links"][link] == "fail")
            key = (group["region"], group["group"], broken, way["reason"], way["since"])
            row = rows.setdefault(
                key,
                {
                    "region": group["region"],
                    "group": group["group"],
                    "status": group["status"],
                    "broken": broken,
                    "links": list(way["links"].values()),
                    "reason": way["reason"],
                    "since": way["since"],
                    "change": way["change"],
                    "addresses": [],
                },
            )
            row["addresses"].append(way["address"])
    return sorted(rows.values(), key=lambda row: row["since"], reverse=True)


def _waiting(groups: Iterable[Json]) -> list[Json]:
    """Return the groups that wait for a person, newest first; those on hold are under what tags decide."""
    rows = [
        {
            "region": group["region"],
            "group": group["group"],
            "status": group["status"],
            "text": group["waits_for"]["text"],
            "since": min((f["since"] for f in group["findings"] if looked_at(f)), default=""),
            "only_if": (group["apply"] or {}).get("only_if", ""),
            "away": max(
                (each["to"] - each["from"] for each in (group["apply"] or {}).get("away", ())), default=0
            ),
            "away_count": len((group["apply"] or {}).get("away", ())),
        }
        for group in groups
        if group["status"] != "held" and (group["waits_for"] or {}).get("who") == "person"
    ]
    return sorted(rows, key=lambda row: row["since"] or _LATEST_FIRST, reverse=True)


def _beside(report: Json, groups: Sequence[Json]) -> Json:
    """Return what costs or endangers: idle, lost at reboot, in no group, stale, advice, wrongly tagged."""
    idle, reboot, outside, stale = [], [], [], []
    for group in groups:
        named = {"region": group["region"], "group": group["group"]}
        addresses = {way["id"]: way["address"] for way in group["ways"]}
        idle += [{**named, "id": each, "address": addresses.get(each, "")} for each in group["idle"]]
        outside += [
            {**named, "id": each["id"], "address": each["address"], "eni": (group["enis"] or [""])[0]}
            | {"other": each["group"]}
            for each in group["outside"]
        ]
        guest = group["guest"] or {}
        stale += [{**named, "address": each, "dev": guest.get("interface") or ""} for each in group["stale"]]
        if guest.get("survives_reboot") is False:
            instance = (group["instance"] or {}).get("id", "")
            silenced = sum(way["member"] for way in group["ways"])
            reboot.append({**named, "instance": instance, "eips": silenced})
    odd = [
        {"region": region["region"], "text": each["text"], "ids": each["ids"]}
        for region in report["regions"]
        for each in region["ungrouped"]
    ]
    return {
        "idle": idle,
        "reboot": reboot,
        "outside": outside,
        "stale": stale,
        "advice": _advice(groups),
        "odd": odd,
    }


def _advice(groups: Iterable[Json]) -> list[Json]:
    """Return what advice is broken, the same of several groups once; the closed mode has its own section."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for group in groups:
        for finding in group["findings"]:
            if (
                finding["status"] == "fail"
                and finding["severity"] == "advice"
                and finding["rule"] != SAID_ONCE
            ):
                key = (group["region"], finding["rule"], finding["message"])
                row = {"region": key[0], "rule": key[1], "text": key[2], "groups": []}
                rows.setdefault(key, row)["groups"].append(group["group"])
    return list(rows.values())


def _tags(groups: Iterable[Json]) -> Json:
    """Return what tags decide: groups on hold, exempt findings, and who may cut a working address."""
    held, exempt, power = [], [], []
    for group in groups:
        named = {"region": group["region"], "group": group["group"]}
        found = {tag["tag"]: tag for tag in group["tags"]}
        if "hold" in found:
            held.append({**named, **found["hold"]})
        exempt += [
            {
                **named,
                "rule": finding["rule"],
                "by": ", ".join(finding["exempt_by"]),
                "message": finding["message"],
                "since": found.get("ignore", {}).get("seen_since", ""),
            }
            for finding in group["findings"]
            if finding["status"] == "exempt"
        ]
        given = [found[tag] for tag in ("detach", "prune") if found.get(tag, {}).get("value") == "allow"]
        if given:
            works = sum(all(link == "pass" for link in way["links"].values()) for way in group["ways"])
            since = min(tag["seen_since"] for tag in given)
            tags = [tag["tag"] for tag in given]
            power.append({**named, "tags": tags, "on": given[0]["on"], "works": works, "since": since})
    return {"held": held, "exempt": exempt, "power": power}


def _moves(report: Json, groups: Iterable[Json]) -> list[Json]:
    """Return per region how many EIPs depend on the closed mode, and for how many its successor has room."""
    rows = {
        region["region"]: {"groups": 0, "eips": 0, "room": 0, "full": 0, "unclear": 0}
        for region in report["regions"]
    }
    for group in groups:
        row, need, room = rows[group["region"]], group["successor"]["eips"], group["successor"]["room"]
        row["groups"] += 1 if need else 0
        row["eips"] += need
        row["unclear" if room is None else "room" if room >= need else "full"] += need
    return [{"region": region, **row} for region, row in rows.items()]
