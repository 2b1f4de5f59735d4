"""What all lists of the cloud share: new objects, filters that were not sent, the pages after the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localcloud.calls.operations import Call


class Listed(Protocol):
    """An object that a list may not know yet."""

    unlisted_reads: int


L = TypeVar("L", bound=Listed)
T = TypeVar("T")


def visible(objects: Iterable[L]) -> list[L]:
    """Leave out what was made a moment ago and has not reached the list's replica yet."""
    found = []
    for each in objects:
        if each.unlisted_reads > 0:
            each.unlisted_reads -= 1
        else:
            found.append(each)
    return found


def unlisted(call: Call) -> int:
    """For how many reads the object that this call makes stays out of lists; 0 without that fault."""
    fault = call.cloud.faults.strike(call.operation.name, "unlisted")
    return int(fault.detail.get("reads", "1")) if fault else 0


def where(call: Call, objects: Iterable[T], tests: dict[str, Callable[[T, str], bool]]) -> list[T]:
    """Return the objects that pass every test whose parameter was sent."""
    active = [(test, call.args.text(name)) for name, test in tests.items() if call.args.text(name)]
    if not active:
        return list(objects)
    return [each for each in objects if all(test(each, value) for test, value in active)]


def like(text: str, pattern: str) -> bool:
    """Match a name with `*` as wildcard."""
    return (
        re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), text, re.DOTALL) is not None
    )


_MOST_KEPT = 16
_NO_FILTER = frozenset(
    ("PageNumber", "PageSize", "NextToken", "MaxResults", "Signature", "SignatureNonce", "Timestamp")
)


def kept(call: Call, choose: Callable[[], list[T]]) -> list[T]:
    """Give the list that pages are cut from; while nothing changes, later pages need no new choice.

    Without this each page of a long list would look at everything again, and all pages together
    would take a time that grows with the square of the list.
    """
    lists = call.state.lists
    query = frozenset(pair for pair in call.args.raw.items() if pair[0] not in _NO_FILTER)
    key = (call.operation.name, call.permitted, query)
    later = call.args.has("NextToken") or call.args.integer("PageNumber", 1) > 1
    if later and key in lists and lists[key][0] == call.cloud.revision:
        found: list[T] = lists[key][1]
        return found
    lists.pop(key, None)
    while len(lists) >= _MOST_KEPT:
        lists.pop(next(iter(lists)))
    chosen = choose()
    lists[key] = (call.cloud.revision, chosen)
    return chosen
