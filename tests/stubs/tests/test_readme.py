"""The local cloud's own page says what there is, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import localcloud
from localcloud.cli.main import main

README = Path(__file__).parents[1] / "README.md"


def test_the_tables_are_current() -> None:
    """`localcloud coverage` has been run since the last change of an action."""
    assert main(["coverage", "--check"]) == 0


def test_every_folder_of_the_package_is_named() -> None:
    """A new folder does not come without a word about it."""
    inside = README.read_text(encoding="utf-8").partition("## Inside")[2].partition("<!--")[0]
    folders = {each.parent.name for each in Path(localcloud.__file__).parent.glob("*/__init__.py")}

    assert "front" in folders
    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in inside] == []


def test_every_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """What `localcloud --help` lists is what the page tells."""
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.search(r"{([a-z,-]+)}", capsys.readouterr().out)
    inside = README.read_text(encoding="utf-8").partition("## Inside")[2]
    row = next(line for line in inside.splitlines() if line.startswith("| `cli/` |"))

    assert listed is not None
    assert sorted(re.findall(r"`([a-z-]+)`", row)) == sorted(listed[1].split(","))
