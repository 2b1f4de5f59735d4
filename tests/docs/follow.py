"""Typing the commands of a page into one shell, as a reader would, and looking at how each ended."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.docs.blocks import ROOT, missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.docs.blocks import Command

_MARK = "--- ended with"


@dataclass(frozen=True, slots=True)
class Ended:
    """A command with its status, what it said on standard output and standard error, and its seconds."""

    command: Command
    status: int
    said: str
    seconds: float

    @property
    def wrong(self) -> str:
        """Say what is not as the page has it; empty where all is."""
        if self.status != self.command.status:
            return f"ended with {self.status}, not {self.command.status}"
        left = missing(self.command.shown, self.said)
        return f"does not answer: {left[0]}" if left else ""


def tools(folder: Path) -> Path:
    """Make an `aliyun` that sends its calls to the local cloud, and return the folder for the path."""
    script = folder / "aliyun"
    folder.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tests.docs.aliyun "$@"\n')
    script.chmod(0o755)
    return folder


def follow(
    typed: Sequence[Command],
    environ: Mapping[str, str],
    folder: Path,
    *,
    timeout: float = 400,
    strict: bool = False,
) -> list[Ended]:
    """Type all commands into one shell and return how each ended.

    Whatever each says, the next one follows; a `strict` shell ends with the first that goes wrong.
    """
    script = "set -euo pipefail\n" if strict else ""
    script += f"printf '%s 0 %s\\n' '{_MARK}' $EPOCHREALTIME\n"
    script += "".join(f"{each.text}\nprintf '\\n%s %s %s\\n' '{_MARK}' $? $EPOCHREALTIME\n" for each in typed)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )
    # Each mark stands behind what its command said; the first one only says when the first command began.
    parts = re.split(rf"^{_MARK} (\d+) ([\d.]+)\n", done.stdout, flags=re.MULTILINE)
    said, statuses, moments = parts[3::3], parts[4::3], [float(each) for each in parts[2::3]]
    assert len(statuses) == len(typed), f"the shell ended early: {done.stdout[-2000:]}"
    return [
        Ended(command, int(status), text.removesuffix("\n"), end - start)
        for command, status, text, start, end in zip(
            typed, statuses, said, moments, moments[1:], strict=False
        )
    ]


def wrong(ended: Sequence[Ended]) -> list[str]:
    """Return each command that did not end as its page says, with what it said last."""
    return [
        f"{each.command.place}: {each.command.text.strip()}: {each.wrong}\n{each.said[-1500:]}"
        for each in ended
        if each.wrong
    ]
