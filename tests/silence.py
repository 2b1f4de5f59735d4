"""How long a program says nothing to whoever watches it at a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_S = 2.0
_LOOK_S = 0.1
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence, and how long meanwhile the program's threads stood in the queue for a processor."""

    seconds: float = 0.0
    starved_s: float = 0.0

    @property
    def own_s(self) -> float:
        """The least that is the program's own: what a busy machine cannot have caused."""
        return self.seconds - self.starved_s


@dataclass(frozen=True, slots=True)
class Watched:
    """How a program ended, what was seen, and the longest silence of its own."""

    status: int
    seen: str
    longest: Silence

    @property
    def is_silent(self) -> bool:
        """Whether the silence was the program's own, and not that of a busy machine."""
        return self.longest.own_s > MOST_S


def watch(
    command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], answer: str = "", most_s: float = 150.0
) -> Watched:
    """Run a program at a terminal of its own; `answer` is written when it asks for a name."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=cwd, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    queue, seen = _Queue(process.pid), b""
    silences: list[Silence] = []
    begun = time.monotonic()
    last, starved = begun, 0.0

    def spoke() -> None:
        nonlocal last, starved
        queue.look()
        now = time.monotonic()
        silences.append(Silence(now - last, queue.starved_s - starved))
        last, starved = now, queue.starved_s

    while time.monotonic() - begun < most_s:
        queue.look()
        if not select.select([ours], [], [], _LOOK_S)[0]:
            continue
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the last of its side is closed
            break
        spoke()
        seen += chunk
        if answer and b"Write its name" in seen:
            os.write(ours, f"{answer}\n".encode())
            answer = ""
    spoke()
    status = process.wait(timeout=30)
    os.close(ours)
    longest = max(silences, key=lambda silence: silence.own_s)
    return Watched(status, seen.decode(errors="replace"), longest)


@dataclass(slots=True)
class _Queue:
    """How long a program, its children and who watches it were ready to run and had no processor.

    The kernel counts it for each thread (`/proc/PID/task/TID/schedstat`, the second number, nanoseconds;
    Documentation/scheduler/sched-stats.rst). Threads that wait at the same time count each, so that this is
    the most that a busy machine can have delayed the program; an idle machine delays nobody.
    """

    pid: int
    _ended_s: float = 0.0
    _running: dict[Path, float] = field(default_factory=dict)

    @property
    def starved_s(self) -> float:
        """Seconds until the last look."""
        return self._ended_s + sum(self._running.values())

    def look(self) -> None:
        """Read the counts of all threads that are there."""
        now = {thread: seconds for thread in self._threads() if (seconds := _starved_s(thread)) is not None}
        self._ended_s += sum(seconds for thread, seconds in self._running.items() if thread not in now)
        self._running = now

    def _threads(self) -> Iterator[Path]:
        yield _PROC / "thread-self"
        for pid in _family(self.pid):
            yield from _listed(_PROC / str(pid) / "task")


def _starved_s(thread: Path) -> float | None:
    """Return how long a thread has waited for a processor; None where it has ended."""
    counts = _text(thread / "schedstat").split()
    return int(counts[1]) / 1e9 if counts else None


def _family(pid: int) -> set[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for process in _listed(_PROC):
        if process.name.isdecimal() and (told := _text(process / "stat")):
            # The name stands in brackets and may hold any character; what follows it is state and parent.
            children.setdefault(int(told.rpartition(")")[2].split()[1]), []).append(int(process.name))
    family, new = {pid}, [pid]
    while new:
        new = [child for parent in new for child in children.get(parent, ()) if child not in family]
        family.update(new)
    return family


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # it has ended
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended
        return ""
