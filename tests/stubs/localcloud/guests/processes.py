"""Processes inside the holder: running them with a time limit, and collecting what guests leave behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.guests.base import Execution, WorldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What the agent reports for a command that it has ended.
TIMED_OUT_CODE = 1
# It reports output every so often, so much at a time, and up to so much before the end.
REPORT_EVERY_S = 3.0
REPORT_BYTES = 2048
MOST_EARLY = 3 * REPORT_BYTES
LOOK_EVERY_S = 0.02


def execute(argv: Sequence[str], timeout_s: float, running: set[int] | None = None) -> Execution:
    """Run to the end or the time limit; while it runs, its process group is in `running`.

    Output goes to a file, so that a background process that is left over blocks nobody. At the time limit
    only what was put into a guest is ended, as Cloud Assistant's agent does it: what it has
    started goes on, and its group stays in `running` for whoever takes the guest down. Elsewhere all ends.
    """
    began = time.monotonic()
    groups = set() if running is None else running
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            list(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        groups.add(process.pid)
        early, deadline = 0, began + timeout_s
        code = None
        while code is None and time.monotonic() < deadline:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(max(0.0, min(REPORT_EVERY_S, deadline - time.monotonic())))
            if code is None and time.monotonic() < deadline:
                early = min(early + REPORT_BYTES, MOST_EARLY, os.fstat(out.fileno()).st_size)
        timed_out = code is None
        if code is None:
            _end(process, alone=running is not None)
            code = TIMED_OUT_CODE
        else:
            groups.discard(process.pid)
        out.seek(0)
        return Execution(code, out.read(), timed_out, time.monotonic() - began, early)


def _end(process: subprocess.Popen[bytes], *, alone: bool) -> None:
    """End the one program that `nsenter` has put into a guest, or, where there is none, the whole group."""
    entered = children_of(process.pid) if alone else []
    with contextlib.suppress(ProcessLookupError):
        if entered:
            os.kill(entered[0], signal.SIGKILL)
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_groups(groups: set[int]) -> None:
    """Kill these process groups; those that have ended meanwhile are no error."""
    for group in list(groups):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    groups.clear()


def await_end(process: subprocess.Popen[str], timeout_s: float) -> bool:
    """Wait for the end of a guest's first process; False when the time is over.

    The kernel ends a process namespace only when each process in it has been collected, and those
    that entered it from outside are ours to collect.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        _collect_orphans()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY_S)
            return True
    return False


def child_of(pid: int) -> int:
    """Find the one child of a process."""
    children = children_of(pid)
    if len(children) != 1:
        raise WorldError(f"process {pid} should have one child and has {len(children)}")
    return children[0]


def first_processes() -> Iterator[int]:
    """Find every process that is number 1 in a namespace below ours."""
    for folder in Path("/proc").glob("[0-9]*"):
        numbers = _numbers(int(folder.name))
        if len(numbers) > 1 and numbers[-1] == "1":
            yield int(folder.name)


def _collect_orphans() -> None:
    """Collect ended children of ours that live in a guest's process namespace: nobody else waits for them."""
    for pid in children_of(os.getpid()):
        if len(_numbers(pid)) > 1:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def children_of(pid: int) -> list[int]:
    """List the children of a process; none when it has ended."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in lists for child in _read(file).split()]


def _numbers(pid: int) -> list[str]:
    """List the process's id in each namespace that it is in, ours first."""
    return _read(Path(f"/proc/{pid}/status")).partition("NSpid:")[2].partition("\n")[0].split()


def _read(file: Path) -> str:
    """Read a file of /proc; that of a process or thread that has ended meanwhile is empty."""
    try:
        return file.read_text()
    except OSError:
        return ""
