"""Control groups of booted guests: the one thing of theirs that the kernel does not take away by itself."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# One hierarchy on newer systems; two that systemd wants on older ones.
HIERARCHIES = [Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")]
PREFIX = "multieip-guest-"
# Another world may have made a group and not yet put its guest into it.
FRESH_S = 600.0


def folders_for(name: str) -> list[str]:
    """Name the groups for a guest; the name must be unique on this machine."""
    return [str(base / f"{PREFIX}{name}") for base in HIERARCHIES if (base / "cgroup.procs").exists()]


def clear(world: str, bases: Sequence[Path] = HIERARCHIES) -> None:
    """Remove the groups whose name begins so, and those that a killed world has left behind."""
    for base in bases:
        for group in base.glob(f"{PREFIX}*"):
            if group.name.startswith(PREFIX + world) or _age_s(group) > FRESH_S:
                _remove(group)


def _remove(group: Path) -> None:
    # Two worlds may clear the same left-over at once: what is gone while one walks is no failure.
    for folder, _, _ in os.walk(group, topdown=False):
        # A guest that runs keeps its groups: the kernel refuses to remove them.
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


def _age_s(group: Path) -> float:
    try:
        return time.time() - group.stat().st_mtime
    except OSError:
        return 0.0
