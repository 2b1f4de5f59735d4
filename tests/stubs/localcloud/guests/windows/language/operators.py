"""Operators, with PowerShell's ideas of types: the left side decides, strings are compared in any case."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError, no_property
from localcloud.guests.windows.language.values import (
    Nothing,
    Table,
    Thing,
    Value,
    enumerated,
    number,
    plain,
    text,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.guests.windows.language.scope import Scope

INT32 = 2**31


def add(left: Value, right: Value) -> Value:
    """Play `+`."""
    left, right = plain(left), plain(right)
    if isinstance(left, str):
        return left + text(right)
    if isinstance(left, list):
        return [*left, *(right if isinstance(right, list) else [right])]
    if left is None:
        return right
    if isinstance(left, (int, float)):
        return number(left) + number(right)
    raise NotPlayedError(f"+ with {type(left).__name__} on its left")


def subtract(left: Value, right: Value) -> Value:
    """Play `-`."""
    return number(left) - number(right)


def multiply(left: Value, right: Value) -> Value:
    """Play `*` with numbers."""
    if isinstance(plain(left), (str, list)):
        raise NotPlayedError(f"* with {type(left).__name__} on its left")
    return number(left) * number(right)


def divide(left: Value, right: Value) -> Value:
    """Play `/`: an int where nothing is lost."""
    quotient = number(left) / number(right)
    return int(quotient) if quotient.is_integer() else quotient


def modulo(left: Value, right: Value) -> Value:
    """Play `%`."""
    return number(left) % number(right)


def same(left: Value, right: Value) -> bool:
    """Compare two single values; the right one is converted to the left one's type."""
    left, right = plain(left), plain(right)
    if left is None or right is None:
        return left is right
    if isinstance(left, bool):
        return left == truth(right)
    if isinstance(left, str):
        return left.lower() == text(right).lower()
    if isinstance(left, (int, float)):
        try:
            return bool(number(left) == number(right))
        except PowerShellError:
            return False
    return left is right


def _ordered(left: Value, right: Value) -> tuple[Value, Value]:
    if isinstance(left, str):
        return left.lower(), text(right).lower()
    return number(left), number(right)


def _filtering(test: Callable[[Value, Value], bool]) -> Callable[[Value, Value], Value]:
    """With an array on its left, a comparison gives the elements that fit."""

    def compare(left: Value, right: Value) -> Value:
        if isinstance(left, list):
            return [item for item in left if test(item, right)]
        return test(left, right)

    return compare


def _less(left: Value, right: Value) -> bool:
    a, b = _ordered(left, right)
    return bool(a < b)


def _more(left: Value, right: Value) -> bool:
    a, b = _ordered(left, right)
    return bool(a > b)


def _contains(left: Value, right: Value) -> bool:
    return any(same(item, right) for item in enumerated(left))


def _like(left: Value, right: Value) -> bool:
    return fnmatch.fnmatchcase(text(left).lower(), text(right).lower())


def pattern(regex: Value, *, case: bool = False) -> re.Pattern[str]:
    """Compile a .NET expression; the ones used mean the same in Python, `$` before a last newline too."""
    return re.compile(text(regex), 0 if case else re.IGNORECASE)


def match(scope: Scope, left: Value, right: Value) -> bool:
    """Play `-match`: what was found is in `$Matches`."""
    if isinstance(left, list):
        raise NotPlayedError("-match with an array on its left")
    found = pattern(right).search(text(left))
    if found:
        groups = Table()
        groups.set(0, found.group(0))
        for place, group in enumerate(found.groups(), 1):
            groups.set(place, group)
        scope.set("matches", groups)
    return found is not None


def _cnotmatch(left: Value, right: Value) -> bool:
    return pattern(right, case=True).search(text(left)) is None


def _cmatch(left: Value, right: Value) -> bool:
    return not _cnotmatch(left, right)


def replace(left: Value, right: Value) -> Value:
    """Play `-replace`."""
    if not isinstance(right, list) or len(right) != 2:
        raise NotPlayedError("-replace without two values on its right")
    by = re.sub(r"\$(\d)", r"\\\1", text(right[1]).replace("\\", "\\\\"))
    return pattern(right[0]).sub(by, text(left))


def join(left: Value, right: Value) -> Value:
    """Play `-join`."""
    return text(right).join(text(item) for item in enumerated(left))


def is_a(value: Value, kind: Value) -> bool:
    """Play `-is`."""
    match str(kind).lower():
        case "int":
            return isinstance(value, int) and not isinstance(value, bool) and -INT32 <= value < INT32
        case "bool":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
    raise NotPlayedError(f"-is [{kind}]")


COMPARE: dict[str, Callable[[Value, Value], Value]] = {
    "-eq": _filtering(same),
    "-ne": _filtering(lambda left, right: not same(left, right)),
    "-lt": _filtering(_less),
    "-gt": _filtering(_more),
    "-le": _filtering(lambda left, right: not _more(left, right)),
    "-ge": _filtering(lambda left, right: not _less(left, right)),
    "-contains": _contains,
    "-notcontains": lambda left, right: not _contains(left, right),
    "-notlike": lambda left, right: not _like(left, right),
    "-like": _like,
    "-cnotmatch": _cnotmatch,
    "-cmatch": _cmatch,
    "-replace": replace,
    "-join": join,
    "-is": is_a,
    "-isnot": lambda left, right: not is_a(left, right),
}
ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
}


def member(target: Value, name: str) -> Value:
    """Read a property; of an array without it, that of each element."""
    if isinstance(target, list):
        counts = name.lower() in ("count", "length")
        return len(target) if counts else [member(item, name) for item in target]
    if isinstance(target, Table):
        return len(target) if name.lower() == "count" and not target.has(name) else target.get(name)
    if isinstance(target, Thing):
        return _reflection(target) if name.lower() == "psobject" else target.get(name)
    if isinstance(target, bytes) and name.lower() == "length":
        return len(target)
    reader = getattr(target, f"get_{name.lower()}", None)
    if reader is None:
        # Strict mode refuses it of a single object, and of null.
        raise no_property(name, type(plain(target)).__name__)
    return reader()


def _reflection(target: Thing) -> Thing:
    return Thing("PSObject", Properties=[Thing("Property", Name=own) for own in target.properties])


def set_member(target: Value, name: str, value: Value) -> None:
    """Assign to a property of a hashtable or an object."""
    if isinstance(target, (Table, Thing)):
        target.set(name, plain(value))
        return
    raise NotPlayedError(f"assignment to {name} of {type(target).__name__}")


def element(target: Value, index: Value) -> Value:
    """Read by index or key; one that is not there is an error, where strict mode 2 would give null."""
    if isinstance(target, Table):
        return target.get(index)
    if isinstance(target, list):
        place = int(number(index))
        if not 0 <= place < len(target):
            raise PowerShellError(f"Index {place} was outside the bounds of the array of {len(target)}.")
        return target[place]
    if isinstance(target, Nothing) or target is None:
        raise PowerShellError("Cannot index into a null array.", "NullArray")
    raise NotPlayedError(f"an index into {type(target).__name__}")
