"""What a sweep could not read, equal causes once, and what would have to be granted to read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from multieip.model.facts import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multieip.ports import Json

_ID: Final = re.compile(r"\b(?:i|eni|eip|vsw|vpc|t|c)-[0-9a-zA-Z]{3,}\b")
_REQUEST: Final = re.compile(r"\s*\(?\b[Rr]equest(?:[ _]?[Ii]d)?:? ?[0-9A-F-]{8,}\)?")
_ACTION: Final = re.compile(r"\b(ecs|vpc):[A-Z]\w+|\b([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b")
_DENIED: Final = re.compile(
    r"Forbidden\.(RAM|NoPermission|SubUser)|NoPermission|AccessDenied|not authorized", re.IGNORECASE
)
_PERMISSIONS: Final = {reading.value: reading.permission for reading in Reading}
_VPC_WORDS: Final = ("Eip", "Vpc", "RouteTable", "Ipv4Gateway")


def not_read(
    unread: Iterable[tuple[str, str]], left: Iterable[str], groups: Sequence[Json]
) -> list[dict[str, Any]]:
    """Return the causes: regions that failed, regions not begun, and readings around groups."""
    found = [_entry("region", region, reason) for region, reason in unread]
    late = list(left)
    if late:
        found.append(
            {
                "kind": "region",
                "where": late,
                "count": len(late),
                "cause": "not begun: the function's time was running out",
                "grant": [],
                "groups": [],
            }
        )
    causes: dict[tuple[str, str], dict[str, Any]] = {}
    for group in groups:
        for reading, reason in group["unread"].items():
            kind = "guest" if reading == "guest" else reading
            entry = causes.setdefault((kind, _cause(reason)), _entry(kind, "", reason, reading))
            entry["where"] = sorted({*entry["where"], group["region"]} - {""})
            entry["groups"].append({"region": group["region"], "group": group["group"]})
            entry["count"] = len(entry["groups"])
    return found + list(causes.values())


def policy_for(entries: Iterable[Json]) -> Json | None:
    """Return one RAM policy that grants everything that the entries lack, None where nothing is denied."""
    actions = sorted({action for entry in entries for action in entry["grant"]})
    if not actions:
        return None
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


def _entry(kind: str, where: str, reason: str, reading: str = "") -> dict[str, Any]:
    return {
        "kind": kind,
        "where": [where] if where else [],
        "count": 1,
        "cause": _cause(reason),
        "grant": _grants(reason, reading),
        "groups": [],
    }


def _cause(reason: str) -> str:
    """Return the reason without what differs from one resource to the next."""
    return _ID.sub("…", _REQUEST.sub("", reason)).strip()


def _grants(reason: str, reading: str) -> list[str]:
    if not _DENIED.search(reason):
        return []
    if reading in _PERMISSIONS:
        return _PERMISSIONS[reading].split(" and ")
    named = _ACTION.search(reason)
    if named is None:
        return []
    if named.group(1):
        return [named.group(0)]
    action = named.group(2)
    return [f"{'vpc' if any(word in action for word in _VPC_WORDS) else 'ecs'}:{action}"]
