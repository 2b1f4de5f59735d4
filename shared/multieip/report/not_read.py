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
_LATE: Final = "not begun: the function's time was running out"
_PERMISSIONS: Final = {reading.value: reading.permission for reading in Reading}
_VPC_WORDS: Final = ("Eip", "Vpc", "RouteTable", "Ipv4Gateway")


def not_read(
    unread: Iterable[tuple[str, str]], left: Iterable[str], groups: Sequence[Json]
) -> list[dict[str, Any]]:
    """Return the causes, each once: regions that failed, regions not begun, and readings around groups.

    A missing permission is one cause, whatever reads and groups it meets; `kind` is the first of them,
    and of a region that was denied `where` are the regions alone.
    """
    causes: dict[tuple[str, str], dict[str, Any]] = {}
    for region, reason in (*unread, *((each, _LATE) for each in left)):
        entry = _of_cause(causes, "region", reason, "")
        entry["where"].append(region)
        entry["count"] = len(entry["where"])
    for group in groups:
        for reading, reason in group["unread"].items():
            entry = _of_cause(causes, reading, reason, reading)
            named = {"region": group["region"], "group": group["group"]}
            if named not in entry["groups"][-1:]:
                entry["groups"].append(named)
            if entry["kind"] != "region":
                entry["where"] = sorted({*entry["where"], group["region"]})
                entry["count"] = len(entry["groups"])
    return list(causes.values())


def _of_cause(
    causes: dict[tuple[str, str], dict[str, Any]], kind: str, reason: str, reading: str
) -> dict[str, Any]:
    """Return the entry of this cause, a new one where it is the first of its kind."""
    cause, grant = _cause(reason), _grants(reason, reading)
    blank = {"kind": kind, "where": [], "count": 0, "cause": cause, "grant": grant, "groups": []}
    return causes.setdefault(("denied", ", ".join(grant)) if grant else (kind, cause), blank)


def policy_for(entries: Iterable[Json]) -> Json | None:
    """Return one RAM policy that grants everything that the entries lack, None where nothing is denied."""
    actions = sorted({action for entry in entries for action in entry["grant"]})
    if not actions:
        return None
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


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
