"""Bytecode that Function Compute need not make at each cold start, the same for the same sources."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.interpreters import Interpreter

# Unchecked: nobody changes a file under /code, and looking for a change costs at each import.
_COMPILE: Final = """
import json, py_compile, sys
folder, names = json.load(sys.stdin)
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for name in names:
    py_compile.compile(f"{folder}/{name}", dfile=f"/code/{name}", doraise=True, invalidation_mode=mode)
"""


def compile_folder(folder: Path, interpreter: Interpreter) -> None:
    """Write a `.pyc` beside every source; tracebacks name the path that the file has in the function."""
    names = [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*.py"))]
    # Bytecode keeps the order of a set of texts, which Python draws at each start unless it is fixed.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [interpreter.path, "-c", _COMPILE],
        input=json.dumps([str(folder), names]),
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{interpreter.path} could not compile: {done.stderr.strip().splitlines()[-1]}")
