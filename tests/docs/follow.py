"""Typing the commands of a page into one shell, as a reader would, and looking at how each ended."""

from __future__ import annotations

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
    """A command with its status and what it said on standard output and standard error, in order."""

    command: Command
    status: int
    said: str

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
    typed: Sequence[Command], environ: Mapping[str, str], folder: Path, *, timeout: float = 400
) -> list[Ended]:
    """Type all commands into one shell, whatever each says, and return how each ended."""
    script = "".join(f"{each.text}\nprintf '\\n%s %s\\n' '{_MARK}' $?\n" for each in typed)
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
    parts = done.stdout.split(f"\n{_MARK} ")
    said = [parts[0], *(part.partition("\n")[2] for part in parts[1:])]
    statuses = [int(part.partition("\n")[0]) for part in parts[1:]]
    assert len(statuses) == len(typed), f"the shell ended early: {done.stdout[-2000:]}"
    return [Ended(*each) for each in zip(typed, statuses, said, strict=False)]


def wrong(ended: Sequence[Ended]) -> list[str]:
    """Return each command that did not end as its page says, with what it said last."""
    return [
        f"{each.command.place}: {each.command.text.strip()}: {each.wrong}\n{each.said[-1500:]}"
        for each in ended
        if each.wrong
    ]
