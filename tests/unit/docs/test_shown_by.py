"""The pages that say what shows each thing name tests that exist, and each of their rows names one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
HEADS = ("| what | shown by |", "| what | local cloud | product |")
PAGES = ("shown-by.md", "shown-by-steer.md", "stubs/shown-by.md")


def text_of(page: str) -> str:
    """Return a page as it is."""
    return (TESTS / page).read_text(encoding="utf-8")


@cache
def named_in(file: str) -> frozenset[str]:
    """Return the names of the tests of a file; none where there is no such file."""
    path = TESTS / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("page", "least"), [*zip(PAGES, (50, 60, 80), strict=True)])
def test_every_named_test_exists(page: str, least: int) -> None:
    """A test that is renamed or taken out takes its row with it."""
    named = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", text_of(page))))

    assert len(named) > least
    assert [each for each in named if each[1] not in named_in(each[0])] == []


@pytest.mark.parametrize(
    ("page", "command"), [*zip(PAGES, ("`python -m ", "python -m tests.bench", None), strict=True)]
)
def test_every_row_names_a_test_or_a_command(page: str, command: str | None) -> None:
    """What is asked for has one in its row, or stands among what is not shown."""
    text = text_of(page)
    shown = text[: text.index("## Not shown by a test")]
    rows = [line for line in shown.splitlines() if line.startswith("| ") and line not in HEADS]

    assert len(rows) > 30
    assert [row for row in rows if "::test_" not in row and (command is None or command not in row)] == []
