"""The table of docs/runs.md: each of the seventeen has tests, and each test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROW = re.compile(r"^\| (\d+) \|.*$", re.MULTILINE)
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")


def _rows() -> dict[int, list[tuple[str, str]]]:
    page = (TESTS.parent / "docs" / "runs.md").read_text()
    return {int(row[1]): NAMED.findall(row[0]) for row in ROW.finditer(page)}


def test_each_of_the_seventeen_has_tests() -> None:
    """None is without one."""
    rows = _rows()

    assert list(rows) == list(range(1, 18))
    assert [number for number, named in rows.items() if not named] == []


def test_each_test_that_the_table_names_is_there() -> None:
    """A test that was renamed is renamed in the table, too."""
    named = [each for tests in _rows().values() for each in tests]
    there = {path: _tests_of(TESTS / path) for path, _ in named}

    assert [f"{path}::{test}" for path, test in named if test not in there[path]] == []


def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
