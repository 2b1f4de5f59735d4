"""The product's tests know the local cloud by its public names only."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PUBLIC = ("localcloud", "localcloud.guests", "localcloud.guests.site", "localcloud.guests.windows")
FILES = sorted(
    file
    for file in TESTS.rglob("*.py")
    if TESTS / "stubs" not in file.parents and "node_modules" not in file.parts
)


def strange(source: str) -> list[str]:
    """Return what a module imports of the local cloud beside its public names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [
                alias.name
                for alias in node.names
                if alias.name.partition(".")[0] == "localcloud" and alias.name not in PUBLIC
            ]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "localcloud":
            module = str(node.module)
            names: list[str] = importlib.import_module(module).__all__ if module in PUBLIC else []
            found += [f"{module}.{alias.name}" for alias in node.names if alias.name not in names]
    return found


def test_only_public_names_are_used() -> None:
    """What else the local cloud has inside may change without a word to anyone here."""
    uses = {str(file.relative_to(TESTS)): strange(file.read_text(encoding="utf-8")) for file in FILES}

    assert len(FILES) > 50
    assert {file: names for file, names in uses.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from localcloud import mock_cloud", []),
        ("import localcloud", []),
        ("from localcloud.guests import open_world", []),
        ("from localcloud.cloud import LocalCloud", ["localcloud.cloud.LocalCloud"]),
        ("from localcloud import cloud", ["localcloud.cloud"]),
        ("import localcloud.fc.tasks", ["localcloud.fc.tasks"]),
        ("if x:\n    from localcloud.guests import _hidden", ["localcloud.guests._hidden"]),
        ("from localcloud_of_others import x", []),
    ],
)
def test_inner_names_are_seen(source: str, names: list[str]) -> None:
    """In each way of importing, under any condition."""
    assert strange(source) == names
