"""`docs/command.md`: each command of it runs, in order, and no word of the command is left out."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from multieip.cli.exits import Exit
from multieip.cli.main import command
from tests.functional.command.conftest import SCRIPT

if TYPE_CHECKING:
    from tests.functional.command.conftest import Desk

PAGE = (Path(__file__).parents[3] / "docs" / "command.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.timeout(400)
def test_every_command_of_the_page_runs(desk: Desk) -> None:
    """In the shell, as a reader would copy it; none is a fault of usage, none fails."""
    eni, eips = desk.hand.eni(desk.local.seeds), desk.hand.eips(2)
    events: list[dict[str, object]] = []
    desk.local.cloud.subscribe(events.append)
    desk.hand.tag("eni", [eni], "web")
    desk.hand.untag("eni", [eni])
    (desk.home / "event.json").write_text(json.dumps(events[0]), encoding="utf-8")
    named = {"ENI": eni, "EIP_1": eips[0], "EIP_2": eips[1], "INSTANCE": desk.local.seeds.instance}
    environ = {**desk.environ, **named, "PATH": f"{SCRIPT.parent}:/usr/bin:/bin"}

    ended = {}
    for line in COMMANDS:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=desk.home,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        ended[line] = (done.returncode, done.stderr)

    wrong = {line: end for line, end in ended.items() if end[0] not in {Exit.CLEAN, Exit.FINDINGS}}
    assert wrong == {}
    assert ended["multieip apply web"][0] == ended["multieip apply web.plan"][0] == Exit.CLEAN
    assert ended["multieip release web --yes"][0] == Exit.CLEAN


def test_every_word_and_every_status_is_on_the_page() -> None:
    """A word that is added is documented, or this says so."""
    assert [word for word in command.commands if not re.search(rf"multieip {word}\b", PAGE)] == []
    assert [int(each) for each in Exit if f"\n| {int(each)} | " not in PAGE] == []
