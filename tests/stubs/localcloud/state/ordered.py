"""Resources by id, in the order in which they were made, without a new list for each call that lists all."""

from __future__ import annotations

from typing import TypeVar

V = TypeVar("V")


class Ordered(dict[str, V]):
    """A dict whose values are also a list, made anew only after something came or went."""

    _list: list[V] | None = None

    def __setitem__(self, key: str, value: V) -> None:
        """Take in a resource."""
        self._list = None
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        """Let go of a resource."""
        self._list = None
        super().__delitem__(key)

    def listed(self) -> list[V]:
        """Return all resources; the list is not the caller's to change."""
        if self._list is None:
            self._list = list(self.values())
        return self._list
