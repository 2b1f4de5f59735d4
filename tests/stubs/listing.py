"""What all lists of the cloud share: objects too new to be listed, and filters that were not sent."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.stubs.operations import Call


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
    return fnmatchcase(text, pattern)
