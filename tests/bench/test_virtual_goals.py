"""The goals in virtual time hold on every machine, so they are tests as well as measurements."""

from __future__ import annotations

import pytest

from tests.bench import calls, ready
from tests.bench.frame import Row, as_text


@pytest.mark.parametrize("part", [calls, ready], ids=["calls", "ready"])
def test_every_goal_is_met(part: object) -> None:
    """`python -m tests.bench PART` prints the same rows."""
    rows: list[Row] = list(part.rows())  # type: ignore[attr-defined]

    assert rows
    assert [row.name for row in rows if not row.met] == [], as_text("missed", rows)
