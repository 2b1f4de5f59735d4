"""Rows of one kind as the lists of a look show them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from multieip.model.resources import Eip, Eni, Instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from multieip.model.resources import Gateway

R = TypeVar("R", Eni, Eip, Instance)


class Rows(Generic[R]):
    """The rows of one kind: those carried over from an earlier look, and over them those of this one.

    The same id may stand in several lists of one look. Where their rows differ, it is in `doubtful` until its
    row was read by id.
    """

    def __init__(self, carried: Iterable[R] = ()) -> None:
        """Start with what an earlier look has shown."""
        self._carried: dict[str, R] = {row.id: row for row in carried}
        self._fresh: dict[str, R] = {}
        self.doubtful: frozenset[str] = frozenset()
        self._by_id: tuple[R, ...] | None = None
        self._members: tuple[R, ...] | None = None

    def take(self, rows: Iterable[R]) -> None:
        """Add what a list of this look shows; a row that another list shows differently is doubtful."""
        self._by_id = self._members = None
        for row in rows:
            if self._fresh.setdefault(row.id, row) != row:
                self.doubtful |= {row.id}

    def settle(self, ids: frozenset[str], rows: Iterable[R]) -> None:
        """Believe what a read by these ids shows, and only that."""
        self._by_id = self._members = None
        for each in ids:
            self._carried.pop(each, None)
            self._fresh.pop(each, None)
        self.doubtful -= ids
        self._fresh.update({row.id: row for row in rows if row.id in ids})

    def lacks(self, named: str) -> bool:
        """Whether no list of this look shows the id."""
        return named not in self._fresh

    def left_over(self) -> list[R]:
        """Return the carried rows that no list of this look has shown again."""
        return [row for each, row in sorted(self._carried.items()) if each not in self._fresh]

    def all(self) -> tuple[R, ...]:
        """Return every row, by id; a look asks many times between two lists."""
        if self._by_id is None:
            self._by_id = tuple(row for _, row in sorted({**self._carried, **self._fresh}.items()))
        return self._by_id

    def members(self, belongs: Callable[[R], bool]) -> tuple[R, ...]:
        """Return the rows that belong to the group, by id; who asks has one group, and asks as often."""
        if self._members is None:
            self._members = tuple(row for row in self.all() if belongs(row))
        return self._members

    def get(self, named: str | None) -> R | None:
        """Return one row."""
        return None if named is None else self._fresh.get(named) or self._carried.get(named)


def addresses_of(rows: Iterable[Eip | Gateway] | None) -> set[str]:
    """Return the public addresses of rows; none where there are none."""
    return {row.address for row in rows or ()}
