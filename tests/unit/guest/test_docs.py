"""docs/guest.md says what the scripts can say."""

from __future__ import annotations

import re
from pathlib import Path

from multieip.guest.render import linux_program, windows_program

PAGE = (Path(__file__).parents[3] / "docs" / "guest.md").read_text(encoding="utf-8")


def test_every_problem_code_is_explained() -> None:
    """Each code that a script can answer with stands in the table, and no other."""
    linux = set(re.findall(r"\b(?:fail|problem) ([a-z-]+) ", linux_program()))
    windows = set(re.findall(r"Add-Problem '([a-z-]+)'", windows_program())) | {"apply", "release", "check"}
    rows = PAGE.partition("## Problems")[2].partition("## Limits")[0].splitlines()[4:]
    codes = {
        code for row in rows for code in re.findall(r"`([a-z-]+)`", row.split("|")[1] if "|" in row else "")
    }

    assert codes == linux | windows


def test_every_writer_is_named() -> None:
    """Each writer of the program has its row."""
    writers = set(re.findall(r"^write_([a-z]+)\(\)", linux_program(), re.MULTILINE)) - {"state"}
    rows = PAGE.partition("## Network managers")[2].partition("## Windows")[0]

    assert set(re.findall(r"^\| `([a-z]+)`", rows, re.MULTILINE)) == writers
