"""Values as PowerShell has them, where they differ from Python's."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

from localcloud.guests.windows.language.errors import PowerShellError, no_property

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Value: TypeAlias = Any


class Nothing:
    """What a command without output gives: null in an expression, no object in a pipeline."""

    def __bool__(self) -> bool:
        """Be false."""
        return False

    def __repr__(self) -> str:
        """Say the name."""
        return "NOTHING"


NOTHING = Nothing()
_numbers = itertools.count(1)


class Thing:
    """An object with properties by name, in any case; `kind` is its type's name."""

    def __init__(self, kind: str, /, **properties: Value) -> None:
        """Keep the properties in order."""
        self.kind = kind
        self.properties: dict[str, Value] = dict(properties)

    def name_of(self, name: str) -> str | None:
        """Find a property whatever its case."""
        lower = name.lower()
        return next((own for own in self.properties if own.lower() == lower), None)

    def get(self, name: str) -> Value:
        """Give a property; strict mode refuses others."""
        own = self.name_of(name)
        if own is None:
            raise no_property(name, self.kind)
        return self.properties[own]

    def set(self, name: str, value: Value) -> None:
        """Change a property that is there; none can be added by assignment."""
        own = self.name_of(name)
        if own is None:
            raise no_property(name, self.kind)
        self.properties[own] = value


class Table:
    """A hashtable: keys in any case. Unordered ones are listed in an order of their own, as in .NET."""

    def __init__(self, *, ordered: bool = False) -> None:
        """Make an empty one."""
        self.ordered = ordered
        self._salt = next(_numbers)
        self._items: dict[str, tuple[Value, Value]] = {}

    def has(self, key: Value) -> bool:
        """Whether the key is there."""
        return _key(key) in self._items

    def get(self, key: Value) -> Value:
        """Give a value; strict mode refuses a key that is not there."""
        found = self._items.get(_key(key))
        if found is None:
            raise no_property(str(key), "hashtable")
        return found[1]

    def set(self, key: Value, value: Value) -> None:
        """Set or add a key."""
        kept = self._items.get(_key(key))
        self._items[_key(key)] = (kept[0] if kept else key, value)

    def items(self) -> list[tuple[Value, Value]]:
        """List the pairs, ordered ones in their order."""
        pairs = list(self._items.values())
        if self.ordered:
            return pairs
        return sorted(pairs, key=lambda pair: zlib.crc32(f"{self._salt}{pair[0]}".encode()))

    def clone(self) -> Table:
        """Copy the pairs, not what they hold; an ordered dictionary has no such method."""
        if self.ordered:
            raise PowerShellError("[System.Collections.Specialized.OrderedDictionary] has no method 'Clone'")
        copy = Table()
        copy._items = dict(self._items)
        return copy

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._items)


def _key(key: Value) -> Value:
    return key.lower() if isinstance(key, str) else key


def enumerated(value: Value) -> Iterator[Value]:
    """Give what a pipeline would carry of a value: the elements of an array, nothing of nothing."""
    if isinstance(value, Nothing):
        return
    if isinstance(value, list):
        yield from value
    else:
        yield value


def collected(items: Iterable[Value]) -> Value:
    """Give what an assignment makes of a pipeline's output."""
    found = list(items)
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else found


def plain(value: Value) -> Value:
    """Turn nothing into null, as passing it on does."""
    return None if isinstance(value, Nothing) else value


def truth(value: Value) -> bool:
    """Say what `if` makes of a value."""
    if value is None or isinstance(value, Nothing):
        return False
    if isinstance(value, list):
        return len(value) > 1 or (len(value) == 1 and truth(value[0]))
    if isinstance(value, (bool, int, float, str)):
        return bool(value)
    return True


def text(value: Value) -> str:
    """Convert to a string."""
    if value is None or isinstance(value, Nothing):
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, list):
        return " ".join(text(item) for item in value)
    if isinstance(value, (Thing, Table)):
        return f"System.Object {getattr(value, 'kind', 'hashtable')}"
    return str(value)


def number(value: Value) -> int | float:
    """Convert to a number, or say why not."""
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, bool) else value
    if value is None or isinstance(value, Nothing):
        return 0
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    raise PowerShellError(f'Cannot convert value "{text(value)}" to type "System.Int32".', "InvalidCast")
