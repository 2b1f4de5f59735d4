"""Commands run in a guest as Cloud Assistant runs them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import Command, WorldError

if TYPE_CHECKING:
    from localcloud.guests.site import Site

pytestmark = pytest.mark.guest


def test_output_and_exit_code_come_back(site: Site) -> None:
    """Stdout and stderr come as one, with the code of the script."""
    done = site.run("echo out; echo err >&2; exit 3")

    assert (done.exit_code, done.output) == (3, b"out\nerr\n")


def test_a_script_runs_as_root_in_its_home(site: Site) -> None:
    """The defaults are root and /root, as on the cloud."""
    assert site.shell("id -u; pwd").split() == ["0", "/root"]


def test_a_script_may_name_its_interpreter(site: Site) -> None:
    """A first line with an interpreter is honoured."""
    assert site.shell("#!/bin/bash\necho ${BASH_VERSION:+bash}").strip() == "bash"


def test_working_folder_and_environment(site: Site) -> None:
    """Both arrive in the script."""
    command = Command(
        "RunShellScript", b"pwd; echo $COLOUR", working_dir="/etc", environment=[("COLOUR", "red")]
    )

    assert site.guest.run(command).output == b"/etc\nred\n"


def test_an_unknown_user_or_folder_fails(site: Site) -> None:
    """Nothing runs as somebody else or somewhere else instead."""
    for command in (
        Command("RunShellScript", b"id", username="nobody-here"),
        Command("RunShellScript", b"id", working_dir="/nowhere"),
    ):
        assert site.guest.run(command).exit_code != 0


def test_a_script_that_takes_too_long_is_ended(site: Site) -> None:
    """The time limit ends the script and what it started, and keeps what it had said."""
    done = site.run("echo began; sleep 200", timeout_s=0.3)

    assert done.timed_out
    assert done.output == b"began\n"
    assert "sleep 200" not in site.shell("ps ax")


def test_a_background_process_holds_up_nobody(site: Site) -> None:
    """A script is over when its own process is, whatever it left running."""
    done = site.run("sleep 300 & echo over", timeout_s=10)

    assert (done.exit_code, done.output, done.timed_out) == (0, b"over\n", False)


def test_commands_run_side_by_side(site: Site) -> None:
    """Two scripts that wait for each other both end."""
    outputs: list[str] = []
    scripts = ("mkfifo /tmp/a; echo one > /tmp/a", "until [ -p /tmp/a ]; do :; done; cat /tmp/a")
    threads = [threading.Thread(target=lambda s=s: outputs.append(site.shell(s))) for s in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outputs) == ["", "one\n"]


def test_windows_commands_do_not_run_on_linux(site: Site) -> None:
    """The answer says what is wrong."""
    done = site.guest.run(Command("RunPowerShellScript", b"Get-NetAdapter"))

    assert done.exit_code != 0
    assert b"needs Windows" in done.output


def test_a_stopped_guest_runs_nothing(site: Site) -> None:
    """The error names the instance."""
    site.guest.stop()

    with pytest.raises(WorldError, match="i-site is stopped"):
        site.run("true")
