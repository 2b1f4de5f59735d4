"""The two ways in which the cloud gives long lists in pieces."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from localcloud.errors import ApiError, invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.calls.params import Arguments

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Default and largest page; `clamp` says whether a wrong size is bent into the bounds or refused."""

    default: int
    most: int
    least: int = 1
    clamp: bool = False


def by_number(args: Arguments, items: Sequence[T], bounds: Bounds) -> tuple[Sequence[T], dict[str, Any]]:
    """One page by `PageNumber` and `PageSize`, and the fields that describe it."""
    number = args.integer("PageNumber", 1)
    size = args.integer("PageSize", bounds.default)
    if number < 1:
        raise invalid_parameter("PageNumber", "it starts at 1")
    size = _sized("PageSize", size, bounds)
    start = (number - 1) * size
    return items[start : start + size], {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}


def by_token(args: Arguments, items: Sequence[T], bounds: Bounds) -> tuple[Sequence[T], str]:
    """One page by `NextToken` and `MaxResults`, and the token of the next one (empty at the end)."""
    size = _sized("MaxResults", args.integer("MaxResults", bounds.default), bounds)
    start = _position(args.text("NextToken"))
    following = start + size
    token = base64.urlsafe_b64encode(f"at:{following}".encode()).decode() if following < len(items) else ""
    return items[start:following], token


def either(
    args: Arguments, items: Sequence[T], tokens: Bounds, pages: Bounds
) -> tuple[Sequence[T], dict[str, Any]]:
    """Page by token where the caller uses that style, by number otherwise."""
    if args.has("NextToken") or args.has("MaxResults"):
        page, token = by_token(args, items, tokens)
        return page, {"NextToken": token, "TotalCount": len(items)}
    numbered, fields = by_number(args, items, pages)
    return numbered, {"NextToken": "", **fields}


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
