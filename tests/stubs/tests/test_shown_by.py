"""`shown-by.md` names tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[2]
PAGE = (TESTS / "stubs" / "shown-by.md").read_text(encoding="utf-8")
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
    assert len(NAMED) > 80
    assert [each for each in NAMED if each[1] not in named_in(each[0])] == []


def test_every_row_names_a_test() -> None:
    """What is asked for has a test in its row, or stands among what is not shown."""
    shown = PAGE[: PAGE.index("## Not shown by a test")]
    rows = [line for line in shown.splitlines() if line.startswith("| ") and "shown by" not in line]

    assert [row for row in rows if "::test_" not in row and "local cloud | product" not in row] == []
