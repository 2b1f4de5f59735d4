"""`README.md`, followed to the letter in this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import ROOT, blocks, commands
from tests.docs.follow import follow, wrong

if TYPE_CHECKING:
    from pathlib import Path

CLI = ROOT / "tests" / "stubs" / "fc-local" / "node_modules" / ".bin" / "s"


@pytest.mark.xdist_group("packages")
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("node") is None or not CLI.exists(), reason="the s CLI is not installed")
def test_the_readme_can_be_followed_to_the_letter(tmp_path: Path) -> None:
    """A group of one's own is ready after five lines, and the functions do the rest by hand."""
    current = subprocess.run(["make", "-q", ".venv/.installed"], cwd=ROOT, check=False)
    assert current.returncode == 0, "make install first: the README would do it in the middle of the tests"
    (tmp_path / ".s").mkdir()
    (tmp_path / ".s" / "set-config.yml").write_text("analysis: disable\n", encoding="utf-8")
    ours = ("MULTI_EIP_", "DEPLOY_", "STUB_", "FC_COMPONENT", "ALIBABA_CLOUD_")
    shell = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    typed = list(commands(blocks("README.md")))

    ended = follow(typed, {**shell, "serverless_devs_config_home": str(tmp_path)}, ROOT)

    assert wrong(ended) == []
    # What is told while it goes on stands before it.
    ready = [n for n, each in enumerate(ended, 1) if "\nready: web" in f"\n{each.said}"]
    assert ready[0] == 5, "the README promises a group of your own in five lines"
    released = next(each for each in ended if '"release"' in each.command.text)
    assert '"state": "released"' in released.said
