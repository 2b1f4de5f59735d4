"""Reading vendor JSON: nested lists, required texts, batches, tag filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from multieip.errors import UnreadableError


def rows(action: str, answer: Mapping[str, Any], outer: str, inner: str) -> list[Mapping[str, Any]]:
    """Return `answer[outer][inner]`, the list that such answers wrap twice.

    An empty list may come as a missing inner list; a missing outer object is not an empty list
    but an answer that cannot be believed, and raises `UnreadableError`.
    """
    wrapped = answer.get(outer)
    if not isinstance(wrapped, Mapping):
        raise UnreadableError(
            action, f"the answer has no {outer}", request_id=str(answer.get("RequestId", ""))
        )
    found = wrapped.get(inner) or []
    if not isinstance(found, list):
        raise UnreadableError(action, f"{outer}.{inner} is not a list")
    return found


def text(row: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there; raises `UnreadableError` where it is not."""
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableError("reading an answer", f"an entry has no {name}")
    return value


def batched(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the values in batches; no values are one empty batch, the call without ids."""
    if not values:
        yield ()
    for start in range(0, len(values), size):
        yield values[start : start + size]


def tag_filter(tag: tuple[str, str | None] | None) -> dict[str, str]:
    """Return the parameters that select by one tag; a value of None selects every value."""
    if tag is None:
        return {}
    key, value = tag
    return {"Tag.1.Key": key} if value is None else {"Tag.1.Key": key, "Tag.1.Value": value}
