"""Which Python of this machine runs a function: the one that its runtime names, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASK: Final = "import sys; print('%d.%d' % sys.version_info[:2])"
_RUNNING: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python, and what is to be said of it where it is not the one that was asked for."""

    program: str
    remark: str = ""


@lru_cache(maxsize=8)
def interpreter_for(runtime: str) -> Interpreter:
    """Return the interpreter of a runtime such as python3.10; else the one that runs here, with a remark.

    The base interpreter is taken, not that of a virtual environment: what is installed beside the tests must
    not help a package that lacks it.
    """
    version = runtime.removeprefix("python")
    own = str(getattr(sys, "_base_executable", "") or sys.executable)
    if version == _RUNNING:
        return Interpreter(own)
    for program in _candidates(version):
        if _version(program) == version:
            return Interpreter(program)
    return Interpreter(own, f"there is no {runtime} on this machine: Python {_RUNNING} runs the function")


def _candidates(version: str) -> Iterator[str]:
    """Every place where that Python may be: the path, and the folders of two version managers."""
    on_path = shutil.which(f"python{version}") if "." in version else None
    if on_path:
        yield on_path
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    for root, pattern in (
        (pyenv, f"versions/{version}.*"),
        (home / ".local/share/uv/python", f"cpython-{version}*"),
    ):
        yield from (str(each) for each in sorted(root.glob(f"{pattern}/bin/python{version}"), reverse=True))


def _version(program: str) -> str:
    # A shim of a version manager may stand there without any interpreter behind it.
    try:
        done = subprocess.run(
            [program, "-S", "-c", _ASK], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
