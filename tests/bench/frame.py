"""What every measurement shares: rows with goals, their table, their JSON, and the exit status.

A part is a module of this folder with a function `rows`. It measures in one run what its goals compare, so
that a slow or busy machine moves both sides of a ratio, and it raises where it could not measure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `goal` is the most that it may be, or the least with `at_least`; None is told only."""

    name: str
    measured: float
    goal: float | None = None
    unit: str = ""
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is kept; a figure without a goal, and no figure at all, keeps none."""
        if self.goal is None:
            return True
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    @property
    def ratio(self) -> float | None:
        """What was measured over its goal; None without a goal, or with one that is zero."""
        return self.measured / self.goal if self.goal else None

    def as_json(self) -> dict[str, Any]:
        """Return the row as data; keys are stable."""
        return {
            "name": self.name,
            "measured": self.measured,
            "goal": self.goal,
            "at_least": self.at_least,
            "unit": self.unit,
            "ratio": self.ratio,
            "met": self.met,
            "note": self.note,
        }


def as_text(part: str, rows: Iterable[Row]) -> str:
    """Return the rows as a table for people."""
    cells = [("measure", "measured", "goal", "ratio", "")]
    cells += [_cells(row) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=False)) for line in cells
    ]
    tails = [line[4] for line in cells]
    return "\n".join([part, *(f"{line}  {tail}".rstrip() for line, tail in zip(lines, tails, strict=True))])


def as_line(row: Row) -> str:
    """Return one row for people, by itself."""
    return "  ".join(cell for cell in _cells(row) if cell)


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    sign = "≥" if row.at_least else "≤"
    goal = "" if row.goal is None else f"{sign} {_number(row.goal)}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    measured = f"{_number(row.measured)} {row.unit}".strip()
    verdict = ("" if row.goal is None else "met" if row.met else "MISSED") + (row.note and f"  {row.note}")
    return row.name, measured, goal, ratio, verdict


def as_json(part: str, rows: Iterable[Row]) -> str:
    """Return the rows as one JSON document."""
    found = list(rows)
    body = {"part": part, "met": all(row.met for row in found), "rows": [row.as_json() for row in found]}
    return json.dumps(body, ensure_ascii=False, indent=2)


def status_of(rows: Iterable[Row]) -> int:
    """Return the exit status: 0 where every goal is met, 1 where one is missed or nothing was measured."""
    found = list(rows)
    return 0 if found and all(row.met for row in found) else 1


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
