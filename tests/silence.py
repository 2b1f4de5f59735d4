"""How long a program says nothing to whoever watches it at a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOST_S = 2.0
_NAP_S = 0.05
_LATE = 3
"""A program of several threads waits for a busy machine more than once."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How a program ended, what was seen, its longest silence, and how late the machine woke a sleeper."""

    status: int
    seen: str
    silence_s: float
    late_s: float

    @property
    def is_silent(self) -> bool:
        """Whether the silence was the program's own, and not that of a busy machine."""
        return self.silence_s > MOST_S + _LATE * self.late_s


class _Sleeper(threading.Thread):
    """Sleeps in short naps, and notes how late it was woken at worst."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.late_s = 0.0

    def run(self) -> None:
        while not self.ended.is_set():
            begun = time.monotonic()
            self.ended.wait(_NAP_S)
            self.late_s = max(self.late_s, time.monotonic() - begun - _NAP_S)


def watch(
    command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], answer: str = "", most_s: float = 150.0
) -> Watched:
    """Run a program at a terminal of its own; `answer` is written when it asks for a name."""
    ours, theirs = pty.openpty()
    sleeper = _Sleeper()
    sleeper.start()
    process = subprocess.Popen(
        command, cwd=cwd, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen, silence = b"", 0.0
    begun = last = time.monotonic()
    while time.monotonic() - begun < most_s:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the last of its side is closed
            break
        now = time.monotonic()
        silence, last = max(silence, now - last), now
        seen += chunk
        if answer and b"Write its name" in seen:
            os.write(ours, f"{answer}\n".encode())
            answer = ""
    silence = max(silence, time.monotonic() - last)
    status = process.wait(timeout=30)
    sleeper.ended.set()
    os.close(ours)
    return Watched(status, seen.decode(errors="replace"), silence, sleeper.late_s)
