"""The command in a real terminal: colours, a line that moves, a question."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.functional.command.conftest import SCRIPT
from tests.silence import watch

if TYPE_CHECKING:
    from tests.functional.command.conftest import Desk


def in_terminal(desk: Desk, *words: str, answer: str = "") -> tuple[int, str]:
    """Run the command with a terminal on all three streams; `answer` is typed when it asks."""
    environ = {**desk.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    watched = watch([str(SCRIPT), *words], cwd=desk.home, environ=environ, answer=answer, most_s=100)
    return watched.status, watched.seen


def test_a_terminal_has_colours_and_sees_each_step(desk: Desk) -> None:
    """Green for what is good, and the steps while they are done."""
    desk.group()

    status, seen = in_terminal(desk, "apply", "web")

    assert status == 0, seen
    assert "\x1b[1;32mready" in seen
    assert "✓ web: bind" in seen
    assert "\x1b[?25l" in seen  # the cursor is hidden while the line moves
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def test_no_color_is_kept(desk: Desk) -> None:
    """Who wants no colours gets none, in a terminal as well."""
    desk.group()
    desk.environ["NO_COLOR"] = "1"

    _, seen = in_terminal(desk, "plan", "web")

    assert "\x1b[32m" not in seen
    assert "+ bind" in seen


def test_release_is_done_for_who_writes_the_name_and_nobody_else(desk: Desk) -> None:
    """Any other answer leaves everything as it is."""
    desk.group()
    desk.json("apply", "web")

    refused, _ = in_terminal(desk, "release", "web", answer="yes")
    kept = {eip.status for eip in desk.state().eips.all.values()}
    done, seen = in_terminal(desk, "release", "web", answer="web")

    assert (refused, kept) == (1, {"InUse"})
    assert done == 0, seen
    assert {eip.status for eip in desk.state().eips.all.values()} == {"Available"}


def test_a_sweep_shows_its_regions(desk: Desk) -> None:
    """The region is told when it is done, before the report."""
    desk.group()

    status, seen = in_terminal(desk, "sweep", "--region", "cn-shanghai")

    assert status == 1
    assert "✓ cn-shanghai: 1 group, 0 good, 0 guests asked" in seen


def test_an_interrupt_ends_the_command_though_reads_are_being_tried_again(desk: Desk) -> None:
    """Nobody answers, which is tried again for more than a minute; the terminal is free at once."""
    desk.environ["MULTI_EIP_ENDPOINT"] = "http://127.0.0.1:9"
    ours, theirs = pty.openpty()
    # Who runs the tests in the background of a shell has interrupts ignored, and all that is started there.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", str(SCRIPT), "plan", "web"],
        cwd=desk.home,
        env={**desk.environ, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while b"Describe" not in seen:  # the moving line names the call that is being tried
        seen += os.read(ours, 65536)

    process.send_signal(signal.SIGINT)
    # A terminal that nobody reads holds up whoever writes to it: read to the end, then ask how it ended.
    rest = _rest(ours)

    assert process.wait(timeout=60) == 130
    assert b"Nothing is lost" in rest
    os.close(ours)


def _rest(terminal: int) -> bytes:
    """Return what a process that has ended left in its terminal."""
    seen = b""
    with suppress(OSError):  # its side is closed and empty
        while True:
            seen += os.read(terminal, 65536)
    return seen
