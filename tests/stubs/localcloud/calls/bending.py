"""Answers that contradict themselves or lack what they promise: what faults of lists and fields make of one.

A body is copied before it is bent: the answer of an idempotent call is kept and given again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localcloud.calls.operations import Call, Json
    from localcloud.physics.faults import Fault

Rows = list[Any]


def bend(call: Call, body: Json) -> Json:
    """Return the answer as the faults that strike it and the switches for its types leave it."""
    cloud, name = call.cloud, call.operation.name
    if cloud.switches.is_("total-count", "text"):
        body = deepcopy(body)
        for entry in _objects(body):
            if "TotalCount" in entry:
                entry["TotalCount"] = str(entry["TotalCount"])
    for fault in cloud.faults.strikes(name, *_BENT, args=call.args):
        body = deepcopy(body)
        _BENT[fault.kind](call, fault, body)
    return body


def rows_of(body: object) -> Rows:
    """Return the list that a list answer is about: the first one below it; empty where there is none."""
    if isinstance(body, Mapping):
        for inner in body.values():
            if isinstance(inner, list):
                return inner
            if found := rows_of(inner):
                return found
    return []


def _short(call: Call, fault: Fault, body: Json) -> None:
    rows = rows_of(body)
    for _ in range(min(int(fault.detail.get("rows", "1")), len(rows))):
        rows.pop(call.cloud.faults.choose(len(rows)))


def _empty(_call: Call, _fault: Fault, body: Json) -> None:
    rows_of(body).clear()


def _count(_call: Call, fault: Fault, body: Json) -> None:
    for entry in _objects(body):
        if "TotalCount" in entry:
            told = int(entry["TotalCount"]) + int(fault.detail.get("by", "1"))
            entry["TotalCount"] = type(entry["TotalCount"])(max(0, told))


def _row_tags(call: Call, fault: Fault, body: Json) -> None:
    asked = call.args.tags()
    for row in rows_of(body):
        tags = row.get("Tags", {}).get("Tag", [])
        other = fault.detail.get("value")
        kept = [each for each in tags if each.get("TagKey", each.get("Key")) not in asked]
        if other is not None:
            names = ("TagKey", "TagValue") if "MacAddress" in row or "HostName" in row else ("Key", "Value")
            kept += [dict(zip(names, (key, other), strict=True)) for key in asked]
        tags[:] = kept


def _repeat_token(call: Call, _fault: Fault, body: Json) -> None:
    for entry in _objects(body):
        if "NextToken" in entry:
            sent = call.args.text("NextToken")
            entry["NextToken"] = sent or entry["NextToken"]


def _field(_call: Call, fault: Fault, body: Json) -> None:
    name, rows = fault.detail["name"], rows_of(body)
    places: list[Any] = rows[: int(fault.detail["rows"])] if "rows" in fault.detail else [body]
    for place in places:
        for entry in list(_objects(place)):
            if name in entry:
                _put(entry, name, fault)


def _put(entry: dict[str, Any], name: str, fault: Fault) -> None:
    form = fault.detail.get("as", "")
    if form == "absent":
        del entry[name]
    elif form:
        entry[name] = FORMS[form](entry[name])
    else:
        entry[name] = fault.detail.get("value", "")


def _number(value: object) -> object:
    try:
        number: object = json.loads(str(value))
    except ValueError:
        return 0
    return number if isinstance(number, (int, float)) else 0


def _words(value: object) -> object:
    """Objects as bare texts: `[{"LockReason": "financial"}]` becomes `["financial"]`."""
    if isinstance(value, list):
        return [_words(each) for each in value]
    if isinstance(value, Mapping):
        if len(value) == 1 and isinstance(inner := next(iter(value.values())), list):
            return {next(iter(value)): _words(inner)}
        return str(next(iter(value.values()), ""))
    return value


# What the key `as` of the fault `field` makes of a value, `absent` beside them.
FORMS: Mapping[str, Callable[[Any], object]] = {
    "null": lambda _value: None,
    "empty": lambda _value: "",
    "text": str,
    "number": _number,
    "words": _words,
}

_BENT: Mapping[str, Callable[[Call, Fault, Json], None]] = {
    "short": _short,
    "empty": _empty,
    "count": _count,
    "row-tags": _row_tags,
    "repeat-token": _repeat_token,
    "field": _field,
}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in list(value.values()):
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)
