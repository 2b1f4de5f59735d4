"""`tests/shown-by.md` names tests that exist, and each of its rows names one or a command."""

from __future__ import annotations

import ast
import re
from functools import cache

from deploy.contents import ROOT

PAGE = (ROOT / "tests" / "shown-by.md").read_text(encoding="utf-8")


@cache
def _tests(file: str) -> frozenset[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_named_test_exists() -> None:
    """A test that is renamed or taken out takes its row with it."""
    named = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)))

    assert len(named) > 50
    assert [each for each in named if each[1] not in _tests(each[0])] == []


def test_every_row_names_a_test_or_a_command() -> None:
    """What is asked for has one in its row, or stands among what is not shown."""
    shown = PAGE[: PAGE.index("## Not shown by a test")]
    rows = [line for line in shown.splitlines() if line.startswith("| ") and "shown by" not in line]

    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row and "`python -m " not in row] == []
