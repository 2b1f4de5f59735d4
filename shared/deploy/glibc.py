"""The newest glibc that a shared object asks for, read from the versions of its symbols."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

if TYPE_CHECKING:
    from pathlib import Path

LIMIT: Final = (2, 28)
"""Debian 10, on which Function Compute's python3.10 runs."""


def needed_glibc(file: Path) -> tuple[int, ...]:
    """Return the newest `GLIBC_x.y` among the needed versions; empty where it needs none."""
    with file.open("rb") as stream:
        sections = ELFFile(stream).iter_sections()
        names = [
            version.name
            for section in sections
            if isinstance(section, GNUVerNeedSection)
            for _, versions in section.iter_versions()
            for version in versions
        ]
    numbers = [re.fullmatch(r"GLIBC_(\d+(?:\.\d+)*)", name) for name in names]
    return max((tuple(int(part) for part in found[1].split(".")) for found in numbers if found), default=())
