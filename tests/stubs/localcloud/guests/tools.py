"""Runs the system's network tools and turns their failures into one readable error."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from localcloud.guests.base import WorldError

if TYPE_CHECKING:
    from collections.abc import Sequence

TOOL_TIMEOUT_S = 60.0


def call(argv: Sequence[str], *, text_in: str | None = None, check: bool = True) -> str:
    """Run one tool and give its stdout; a failure raises with the command and what it said."""
    done = subprocess.run(
        list(argv), input=text_in, capture_output=True, text=True, timeout=TOOL_TIMEOUT_S, check=False
    )
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise WorldError(f"`{' '.join(argv)}` ended with {done.returncode}: {said}\n{text_in or ''}".rstrip())
    return done.stdout


def inside(netns: str, argv: Sequence[str]) -> list[str]:
    """Make the program run in a named network namespace (the empty name is the holder's own)."""
    return ["nsenter", f"--net=/run/netns/{netns}", "--", *argv] if netns else list(argv)


def ip(netns: str, *lines: str) -> None:
    """Run `ip` commands in one namespace as one batch."""
    space = ["-n", netns] if netns else []
    call(["ip", *space, "-batch", "-"], text_in="\n".join(lines) + "\n")


def nft(netns: str, rules: str) -> None:
    """Load nftables rules in one namespace as one transaction."""
    call(inside(netns, ["nft", "-f", "-"]), text_in=rules)


def sysctl(netns: str, **values: int) -> None:
    """Set `net.ipv4` switches in one namespace; `__` stands for a slash."""
    pairs = [f"net/ipv4/{name.replace('__', '/')}={value}" for name, value in values.items()]
    call(inside(netns, ["sysctl", "-qw", *pairs]))
