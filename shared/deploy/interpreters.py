"""Pythons of this machine, besides the one that runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNTIME = "3.10"
"""The Python of the functions (`python3.10` in s.yaml)."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One that was run and told its version, as `3.10`."""

    path: Path
    version: str


def running() -> Interpreter:
    """Return the one that runs this."""
    return Interpreter(Path(sys.executable), f"{sys.version_info.major}.{sys.version_info.minor}")


@cache
def find_interpreter(version: str) -> Interpreter | None:
    """Look on the path and in pyenv; an entry that does not start, such as a shim, does not count."""
    for candidate in _candidates(version):
        try:
            told = subprocess.run(
                [candidate, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                check=False,
                capture_output=True,
                text=True,
                timeout=20,
            )
        except OSError:
            continue
        if told.returncode == 0 and told.stdout.strip() == version:
            return Interpreter(Path(candidate), version)
    return None


def _candidates(version: str) -> Iterator[Path]:
    if running().version == version:
        yield Path(sys.executable)
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob(f"versions/{version}*/bin/python{version}"), reverse=True)
