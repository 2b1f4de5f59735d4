"""A report beside the one before it: what is new, still there or fixed, and since when. Pure, data to data.

Nothing is claimed of what either report did not read: a finding of a region that the last one left out is
`first`, and a finding that is gone is `fixed` only where its group was read again and the rule is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from multieip.report.line import SAID_ONCE, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multieip.ports import Json

_BAD: Final = frozenset({"fail", "unknown"})
_MENDED: Final = frozenset({"pass", "not-applicable"})
_HISTORY_MOST: Final = 14

_Key = tuple[str, str]


def with_changes(report: Json, previous: Json | None) -> Json:
    """Return the report with `previous`, `history`, and per finding, silent EIP and tag its `since`.

    `previous` is a report of the same form, from an earlier sweep; None makes this the first report.
    """
    report, previous = whole(report), whole(previous) if previous else None
    old = {_key(group): group for group in _groups(previous)} if previous else {}
    read_before = {region["region"] for region in previous["regions"]} if previous else set()
    regions = [
        {
            **region,
            "groups": [
                _group(group, old.get(_key(group)), report["at"], known=region["region"] in read_before)
                for group in region["groups"]
            ],
        }
        for region in report["regions"]
    ]
    here = {_key(group) for region in regions for group in region["groups"]}
    now_read = {region["region"] for region in regions}
    gone = (
        [key for key in old if key not in here and key[0] in now_read]
        if not report.get("only_groups")
        else []
    )
    return {
        **report,
        "previous": {"at": previous["at"]} if previous else None,
        "history": _history(report, previous),
        "gone": [{"region": region, "group": group} for region, group in sorted(gone)],
        "regions": regions,
    }


def _groups(report: Json) -> Iterator[Json]:
    for region in report["regions"]:
        for group in region["groups"]:
            yield {"region": region["region"], **group}


def _key(group: Json) -> _Key:
    return group["region"], group["group"]


def _group(group: Json, old: Json | None, at: str, *, known: bool) -> Json:
    before = {
        finding["rule"]: finding for finding in (old or {}).get("findings", ()) if finding["status"] in _BAD
    }
    silent = {way["id"]: way for way in (old or {}).get("ways", ()) if way.get("silent")}
    tags = {(tag["on"], tag["tag"], tag["value"]): tag for tag in (old or {}).get("tags", ())}
    now = {finding["rule"]: finding for finding in group["findings"]}
    fresh = "new" if known else "first"
    return {
        **group,
        "findings": [
            _finding(finding, before.get(finding["rule"]), at, fresh) for finding in group["findings"]
        ],
        "ways": [
            _since(way, silent.get(way["id"]), at, fresh) if way["silent"] else way for way in group["ways"]
        ],
        "tags": [
            {**tag, "seen_since": tags.get((tag["on"], tag["tag"], tag["value"]), {}).get("seen_since", at)}
            for tag in group["tags"]
        ],
        "fixed": [
            {"rule": rule, "severity": finding["severity"], "since": finding.get("since", "")}
            for rule, finding in before.items()
            if now.get(rule, {}).get("status", _of_line(group, rule)) in _MENDED
        ],
    }


def _of_line(group: Json, rule: str) -> str:
    """Return what a rule said that the group does not tell of; a good one tells of what was undecided."""
    untold = {SAID_ONCE, *group.get("undecided", ())}
    return "pass" if group.get("status") == "good" and rule not in untold else ""


def _finding(finding: Json, before: Json | None, at: str, fresh: str) -> Json:
    return _since(finding, before, at, fresh) if finding["status"] in _BAD else finding


def _since(found: Mapping[str, Any], before: Json | None, at: str, fresh: str) -> Json:
    if before is None:
        return {**found, "since": at, "change": fresh}
    return {**found, "since": before.get("since") or at, "change": "still"}


def _history(report: Json, previous: Json | None) -> list[Json]:
    counts = report["totals"]["groups_by_status"]
    point = {"at": report["at"], "broken": counts["fail"], "undecided": counts["unknown"]}
    earlier = list((previous or {}).get("history") or ())
    return [*earlier, point][-_HISTORY_MOST:]
