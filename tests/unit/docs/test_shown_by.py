"""`tests/shown-by-steer.md` names tests that exist, and each of its rows names one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[2]
PAGE = (TESTS / "shown-by-steer.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)))


@cache
def named_in(file: str) -> frozenset[str]:
    """Return the names of the tests of a file; none where there is no such file."""
    path = TESTS / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_named_test_exists() -> None:
    """A test that is renamed or taken out takes its row with it."""
    assert len(NAMED) > 60
    assert [each for each in NAMED if each[1] not in named_in(each[0])] == []


def test_every_row_names_a_test_or_a_command() -> None:
    """What is asked for has one in its row, or stands among what is not shown."""
    shown = PAGE[: PAGE.index("## Not shown by a test")]
    rows = [line for line in shown.splitlines() if line.startswith("| ") and line != "| what | shown by |"]

    assert [row for row in rows if "::test_" not in row and "python -m tests.bench" not in row] == []
