"""The two ways in which the cloud gives long lists in pieces."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from localcloud.errors import ApiError, deep_page, invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.calls.operations import Call

T = TypeVar("T")

_OF_ONE_PAGE = frozenset(("PageNumber", "Signature", "SignatureNonce", "Timestamp"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Default and largest page; `clamp` says whether a wrong size is bent into the bounds or refused."""

    default: int
    most: int
    least: int = 1
    clamp: bool = False


def by_number(call: Call, items: Sequence[T], bounds: Bounds) -> tuple[Sequence[T], dict[str, Any]]:
    """One page by `PageNumber` and `PageSize`, and the fields that describe it."""
    args = call.args
    number = args.integer("PageNumber", 1)
    size = args.integer("PageSize", bounds.default)
    if number < 1:
        raise invalid_parameter("PageNumber", "it starts at 1")
    size = _sized("PageSize", size, bounds)
    start = (number - 1) * size
    if call.cloud.faults.all:
        _check_depth(call, number)
        size = _smaller(call, size)
        start = _moved(call, (number - 1) * size)
    return items[start : start + size], {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}


def by_token(call: Call, items: Sequence[T], bounds: Bounds) -> tuple[Sequence[T], str]:
    """One page by `NextToken` and `MaxResults`, and the token of the next one (empty at the end)."""
    args = call.args
    size = _sized("MaxResults", args.integer("MaxResults", bounds.default), bounds)
    start = _position(args.text("NextToken"))
    if call.cloud.faults.all:
        size = _smaller(call, size)
        begin = _moved(call, start)
    else:
        begin = start
    following = start + size
    token = base64.urlsafe_b64encode(f"at:{following}".encode()).decode() if following < len(items) else ""
    return items[begin : begin + size], token


def either(
    call: Call, items: Sequence[T], tokens: Bounds, pages: Bounds
) -> tuple[Sequence[T], dict[str, Any]]:
    """Page by token where the caller uses that style, by number otherwise."""
    if call.args.has("NextToken") or call.args.has("MaxResults"):
        page, token = by_token(call, items, tokens)
        return page, {"NextToken": token, "TotalCount": len(items)}
    numbered, fields = by_number(call, items, pages)
    return numbered, {"NextToken": "", **fields}


def _smaller(call: Call, size: int) -> int:
    fault = call.cloud.faults.strike(call.operation.name, "smaller", args=call.args)
    return size if fault is None else max(1, min(size, fault.number("most", 50)))


def _moved(call: Call, start: int) -> int:
    """Where a page behind the first begins when the rows have moved since the one before it was read."""
    if not start:
        return 0
    fault = call.cloud.faults.strike(call.operation.name, "moves", args=call.args)
    return start if fault is None else max(0, start + fault.number("by", 1))


def _check_depth(call: Call, number: int) -> None:
    rest = (pair for pair in call.args.raw.items() if pair[0] not in _OF_ONE_PAGE)
    query = (call.operation.name, frozenset(rest))
    last, call.state.pages[query] = call.state.pages.get(query, 0), number
    fault = call.cloud.faults.strike(call.operation.name, "deep-page", args=call.args)
    if fault is None or number == 1:
        return
    if number >= fault.number("from", 0) if "from" in fault.detail else number not in {last, last + 1}:
        call.state.pages[query] = last
        raise deep_page()


def _sized(name: str, size: int, bounds: Bounds) -> int:
    if bounds.least <= size <= bounds.most:
        return size
    if bounds.clamp:
        return min(max(size, bounds.least), bounds.most)
    raise invalid_parameter(name, f"it is between {bounds.least} and {bounds.most}")


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        mark, _, position = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if mark == "at" and position.isdigit():
            return int(position)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise ApiError("InvalidParameter.NextToken", "The specified NextToken is not valid.", 400)
