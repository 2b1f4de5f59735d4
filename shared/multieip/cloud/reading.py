"""Reading vendor JSON: fields of the promised type, or `UnreadableError` with what stands there instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multieip.errors import UnreadableError

Row = Mapping[str, Any]


def rows(action: str, answer: Row, outer: str, inner: str) -> list[Any]:
    """Return `answer[outer][inner]`, the list that such answers wrap twice.

    An empty list may come as a missing inner list; a missing outer object is not an empty list
    but an answer that cannot be believed, and raises `UnreadableError`.
    """
    wrapped = answer.get(outer)
    if not isinstance(wrapped, Mapping):
        raise UnreadableError(
            action, f"the answer has no {outer}", request_id=str(answer.get("RequestId", ""))
        )
    found = wrapped.get(inner)
    if found is None:
        return []
    if not isinstance(found, list):
        raise UnreadableError(action, f"{outer}.{inner} is not a list")
    return found


def text(row: Row, name: str) -> str:
    """Return a text that must be there; raises `UnreadableError` where it is not."""
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableError("reading an answer", f"an entry has no {name}")
    return value


def said(row: Row, name: str) -> str:
    """Return a text, empty where there is none; raises `UnreadableError` for anything else."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnreadableError("reading an answer", f"{name} is {value!r}, not a text")
    return value


def number(row: Row, name: str) -> int:
    """Return a number that must be there, as one or as its text; raises `UnreadableError` where it is not."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    raise UnreadableError("reading an answer", f"{name} is {value!r}, not a number")


def flag(row: Row, name: str) -> bool | None:
    """Return a truth, as one, as 0 or 1, or as text; None where there is none."""
    value = row.get(name)
    if value is None or value == "":
        return None
    known = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if known is None or not isinstance(value, (bool, int, str)):
        raise UnreadableError("reading an answer", f"{name} is {value!r}, neither true nor false")
    return known


def part(row: Row, name: str) -> Row:
    """Return an object within a row, empty where there is none; raises `UnreadableError` for others."""
    value = row.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise UnreadableError("reading an answer", f"{name} is {value!r}, not an object")
    return value


def parts(row: Row, outer: str, inner: str) -> list[Row]:
    """Return the objects of a list within a row; raises `UnreadableError` where it is no list of objects."""
    found = part(row, outer).get(inner)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise UnreadableError("reading an answer", f"{outer}.{inner} is {found!r}, not a list of objects")
    return found


def names_in(row: Row, outer: str, inner: str) -> tuple[str, ...]:
    """Return the texts of a list within a row, in order; none for anything else: only advice needs them."""
    wrapped = row.get(outer)
    found = wrapped.get(inner) if isinstance(wrapped, Mapping) else None
    return tuple(sorted(each for each in found if isinstance(each, str))) if isinstance(found, list) else ()


def tags_of(row: Row) -> dict[str, str]:
    """Return a resource's tags; ECS says TagKey and TagValue, VPC says Key and Value."""
    found = parts(row, "Tags", "Tag")
    return {
        said(tag, "TagKey") or said(tag, "Key"): said(tag, "TagValue") or said(tag, "Value") for tag in found
    }
