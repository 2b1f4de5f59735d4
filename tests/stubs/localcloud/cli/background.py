"""`serve --background`: the server in a process of its own, and the shell back as soon as it is ready."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTION = "--background"


def start(words: Sequence[str]) -> int:
    """Start the same command without the option, pass its line on when it is ready, and leave it running."""
    with tempfile.NamedTemporaryFile("w", prefix="localcloud-", suffix=".log", delete=False) as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "localcloud", *(word for word in words if word != OPTION)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # The terminal's interrupt is for whoever typed it, not for the server.
            start_new_session=True,
        )
    said = server.stdout.readline() if server.stdout else ""
    if not said:
        raise CommandError(_why(Path(log.name)))
    print(f"{said.rstrip()}\nto end it: kill {server.pid} (its messages: {log.name})")
    return 0


def _why(log: Path) -> str:
    """Return the last line that a server which did not start has said, without its file."""
    lines = log.read_text(encoding="utf-8").strip().splitlines()
    log.unlink()
    return lines[-1].removeprefix("error: ") if lines else "the server ended before it was ready"
