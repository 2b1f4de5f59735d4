"""What all lists of the cloud share: new objects, filters that were not sent, the pages after the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from localcloud.state.tags import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from localcloud.calls.operations import Call


class Listed(Protocol):
    """An object that a list may not know yet."""

    unlisted_reads: int


L = TypeVar("L", bound=Listed)
T = TypeVar("T")


def visible(call: Call, objects: Iterable[L]) -> Iterable[L]:
    """Leave out what was made a moment ago and has not reached the list's replica yet."""
    if not call.cloud.some_unlisted:
        return objects
    found: list[L] = []
    for each in objects:
        if each.unlisted_reads > 0:
            each.unlisted_reads -= 1
        else:
            found.append(each)
    return found


def unlisted(call: Call) -> int:
    """For how many reads the object that this call makes stays out of lists; 0 without that fault."""
    fault = call.cloud.faults.strike(call.operation.name, "unlisted", args=call.args)
    if fault is None:
        return 0
    call.cloud.some_unlisted = True
    return fault.number("reads", 1)


def tagged(call: Call) -> list[str]:
    """Return the ids that the tags of the call find, in a list that may lag behind what was written."""
    tags = call.state.tags
    lag = lag_of(call)
    return tags.matching(call.args.tags()) if lag is None else tags.matched(call.args.tags(), lag)


def lag_of(call: Call) -> Moment | None:
    """How far this list by tag is behind; None without that fault."""
    fault = call.cloud.faults.strike(call.operation.name, "lag", args=call.args)
    return None if fault is None else Moment(fault.number("writes", 0), fault.seconds(0.0))


def limited(call: Call, found: list[T], most: int = 0) -> list[T]:
    """Cut a list by tag where lists by tag end: after `most` (0: nowhere), or where a fault ends them."""
    if not call.args.tags():
        return found
    fault = call.cloud.faults.strike(call.operation.name, "tag-limit", args=call.args)
    limit = most if fault is None else fault.number("most", MOST_BY_TAG)
    return found[:limit] if limit and len(found) > limit else found


# However many pages are asked for, a choice of interfaces or instances by tags ends here.
MOST_BY_TAG = 1000


def where(call: Call, objects: Iterable[T], tests: dict[str, Callable[[T, str], bool]]) -> list[T]:
    """Return the objects that pass every test whose parameter was sent; not to be changed by the caller."""
    raw = call.args.raw
    active = [(test, raw[name]) for name, test in tests.items() if raw.get(name)]
    if not active:
        return objects if isinstance(objects, list) else list(objects)
    return [each for each in objects if all(test(each, value) for test, value in active)]


def like(text: str, pattern: str) -> bool:
    """Match a name with `*` as wildcard."""
    return (
        re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), text, re.DOTALL) is not None
    )


_MOST_KEPT = 16
# A list that is not longer than the smallest default page has no later pages worth a choice kept.
_ONE_PAGE = 10
_NO_FILTER = frozenset(
    ("PageNumber", "PageSize", "NextToken", "MaxResults", "Signature", "SignatureNonce", "Timestamp")
)


def kept(call: Call, choose: Callable[[], list[T]]) -> list[T]:
    """Give the list that pages are cut from; while nothing changes, later pages need no new choice.

    Without this each page of a long list would look at everything again, and all pages together
    would take a time that grows with the square of the list.
    """
    later = call.args.has("NextToken") or call.args.integer("PageNumber", 1) > 1
    if not later:
        chosen = choose()
        if len(chosen) <= _ONE_PAGE:
            return chosen
        _remember(call, chosen)
        return chosen
    lists = call.state.lists
    key = _query(call)
    if key in lists and lists[key][0] == call.cloud.revision:
        found: list[T] = lists[key][1]
        return found
    chosen = choose()
    _remember(call, chosen)
    return chosen


def _query(call: Call) -> Hashable:
    query = frozenset(pair for pair in call.args.raw.items() if pair[0] not in _NO_FILTER)
    return call.operation.name, call.permitted, query


def _remember(call: Call, chosen: list[Any]) -> None:
    lists = call.state.lists
    key = _query(call)
    lists.pop(key, None)
    while len(lists) >= _MOST_KEPT:
        lists.pop(next(iter(lists)))
    lists[key] = (call.cloud.revision, chosen)
