"""From a fresh clone to nothing left, by `docs/deploy.md` only: what an operator does in one sitting."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import ROOT, Command, blocks, commands
from tests.docs.follow import follow
from tests.e2e.installation import installation, judge, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3000)]

LOOK = "s bind info --silent -o json"
CHANGE = """sed -i 's/^__version__ = .*/__version__ = "0.1.1"/' shared/multieip/__init__.py
git -c user.name=operator -c user.email=operator@example.com commit -qam 'Another version'
"""
ROLL_BACK = """git checkout -q HEAD~1
s deploy -y
"""


def _typed(page: str) -> Iterator[Command]:
    """Yield the page's blocks, with an upgrade that changes something and the way back between them."""
    yield Command("the clone", "make install", 0, ())
    for command in commands(blocks("docs/deploy.md", page)):
        upgrade = command.text.startswith("s bind version publish")
        if upgrade:
            yield Command("before", f"{LOOK} # before", 0, ())
            yield Command("an upgrade", CHANGE, 0, ())
        yield command
        if upgrade:
            yield Command("upgraded", f"{LOOK} # upgraded", 0, ())
            yield Command("the way back", ROLL_BACK, 0, ())
            yield Command("rolled back", f"{LOOK} # rolled back", 0, ())


def test_an_operator_gets_from_a_clone_to_running_functions_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Package, deploy, tag, ready, logs, a broken rule, upgrade, roll back, removal; with seconds."""
    checkout = tmp_path / "multi-eip"
    subprocess.run(["git", "clone", "-q", f"file://{ROOT}", str(checkout)], check=True)
    page = (checkout / "docs" / "deploy.md").read_text(encoding="utf-8")
    with installation(checkout, tmp_path) as site:
        typed = list(_typed(page))
        ended = follow(typed, site.environ, checkout, timeout=2400, strict=True)
        left = (site.names, site.cloud.accounts.main.roles)

    with capsys.disabled():
        for each in ended:
            print(f"{each.seconds:7.1f} s  {each.command.place}: {each.command.text.splitlines()[0]}")
        print(f"{sum(each.seconds for each in ended):7.1f} s  together")
    assert left == ([], {})
    judge(ended)
    first, upgraded, back = (
        _checksum(said(ended, f"{LOOK} # {when}")) for when in ("before", "upgraded", "rolled back")
    )
    assert first == back != upgraded


def _checksum(shown: str) -> str:
    """Return what the cloud says of the code that it has."""
    found = re.search(r'"codeChecksum":\s*"(\d+)"', shown)
    assert found is not None, json.dumps(shown[-600:])
    return found[1]
