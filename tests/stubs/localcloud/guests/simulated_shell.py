"""The few plain commands that a simulated guest understands; it does not guess what others would do."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from localcloud.guests.base import Execution
from localcloud.guests.processes import MOST_EARLY, REPORT_BYTES, REPORT_EVERY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

UNKNOWN_COMMAND = 127
TIMED_OUT_CODE = 1
SHELL_CHARACTERS = set("|&;<>$`()*?")


def plain(text: str, timeout_s: float, hostname: str, listing: Callable[[], list[str]]) -> Execution:
    """Run a few plain commands; what is not understood ends with 127 and the reason."""
    said: list[str] = []
    elapsed_s, early = 0.0, 0
    for line in text.splitlines():
        words = _words(line)
        match words:
            case [] | ["true"] | ["set", *_]:
                continue
            case ["exit", code] if code.isdigit():
                return _ended(int(code), said, elapsed_s, early)
            case ["echo" | "Write-Output", *rest]:
                said.append(" ".join(rest))
            case ["hostname"]:
                said.append(hostname)
            case ["sleep", seconds] if seconds.replace(".", "", 1).isdigit():
                early = _reported(early, len(_text(said)), elapsed_s, float(seconds))
                elapsed_s += float(seconds)
                if elapsed_s > timeout_s:
                    return Execution(TIMED_OUT_CODE, _text(said), True, timeout_s, early)
            case ["ip", *options] if "addr" in options:
                said += listing()
            case _:
                said.append(f"simulated guest: cannot run `{line.strip()}`; only a real guest can")
                return _ended(UNKNOWN_COMMAND, said, elapsed_s, early)
    return _ended(0, said, elapsed_s, early)


def _words(line: str) -> list[str]:
    """Split a plain line; one that needs a shell stays whole, and so is not understood."""
    if line.strip() == "false":
        return ["exit", "1"]
    try:
        return [line] if set(line) & SHELL_CHARACTERS else shlex.split(line, comments=True)
    except ValueError:
        return [line]


def _text(said: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in said).encode()


def _ended(code: int, said: Sequence[str], elapsed_s: float, early: int) -> Execution:
    return Execution(code, _text(said), duration_s=elapsed_s, early=early)


def _reported(early: int, size: int, since_s: float, pause_s: float) -> int:
    """How much of `size` bytes of output has been reported when the pause is over."""
    reports = int((since_s + pause_s) // REPORT_EVERY_S) - int(since_s // REPORT_EVERY_S)
    return min(early + reports * REPORT_BYTES, MOST_EARLY, max(size, early))
