"""What the package promises to those who use it: the names in `__all__`, each from where it is kept."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import localcloud
from localcloud import guests
from localcloud.guests import site, windows

PUBLIC = (localcloud, guests, site, windows)


def imported(file: str) -> dict[str, str]:
    """Return the names that a module imports from this package, and from where, type checking included."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("localcloud")
        for alias in node.names
    }


def test_type_checkers_see_what_a_program_gets() -> None:
    """The names for type checkers and the table for programs say the same, and `__all__` says all."""
    homes = imported(localcloud.__file__)

    assert sorted(homes) == sorted(localcloud.__all__)
    for name, module in homes.items():
        assert getattr(localcloud, name) is getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_each_public_name_is_there_and_no_other(module: object) -> None:
    """Each can be had; what is not there is missed as in any module."""
    names: list[str] = module.__all__  # type: ignore[attr-defined] # each of them has it

    assert len(set(names)) == len(names)
    for name in names:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing_like_it'"):
        module.nothing_like_it  # type: ignore[attr-defined] # noqa: B018 - reading it is the test


def test_guests_come_without_the_cloud() -> None:
    """The agent inside namespaces starts often; it loads neither the services nor the server."""
    program = "import sys, localcloud.guests.agent; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert "localcloud.guests.fabric" in loaded
    assert not loaded & {"localcloud.cloud", "localcloud.calls", "aiohttp"}
