"""Commands run in a guest as Cloud Assistant runs them."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize(
    ("place", "invalid"),
    [
        ({"username": "nobody-here"}, "AccountNotExists"),
        ({"username": "root"}, "AccountNotExists"),
        ({"working_dir": "/nowhere"}, "DirectoryNotExists"),
    ],
)
def test_nothing_runs_as_somebody_else_or_elsewhere(site: Site, place: dict[str, str], invalid: str) -> None:
    """An unknown user, root by name and an unknown folder are invalid."""
    done = site.guest.run(Command("RunShellScript", b"touch /root/ran", **place))  # type: ignore[arg-type]

    assert done.invalid == invalid
    assert site.run("test -e /root/ran").exit_code == 1


def test_a_script_runs_as_a_named_user_from_tmp(site: Site) -> None:
    """Its own id, and a script that lies where every user may look."""
    command = Command("RunShellScript", b'id -un; echo "$0"; pwd', username="nobody", working_dir="/tmp")  # noqa: S108
    done = site.guest.run(command)

    if b"setresuid failed" in done.output:
        pytest.skip("in a user namespace a guest has no user but root")
    assert re.fullmatch(r"nobody\n/tmp/t-[0-9a-f]+\.sh\n/tmp\n", done.output.decode()), done


def test_a_script_that_takes_too_long_goes_on(site: Site) -> None:
    """The agent ends its own shell only: exit code 1 is reported with what was said, and the work is done."""
    done = site.run("echo began\nsleep 1\ntouch /root/late\nsleep 200", timeout_s=0.3)

    assert (done.timed_out, done.exit_code, done.output) == (True, 1, b"began\n")
    assert site.run("test -e /root/late").exit_code == 1
    waited = site.run("until [ -e /root/late ]; do sleep 0.05; done", timeout_s=20)
    assert (waited.exit_code, waited.timed_out) == (0, False)
    assert "sleep 200" in site.shell("ps ax")


def test_a_script_stays_where_the_agent_wrote_it(site: Site) -> None:
    """It is never removed."""
    path = site.shell('echo "$0"').strip()

    assert 'echo "$0"' in site.shell(f"cat {path}")


def test_a_script_on_a_noexec_mount_is_126(site: Site) -> None:
    """And one whose interpreter ends with a carriage return is 127."""
    folder = site.shell('dirname "$0"').strip()
    assert site.run("#!/bin/sh\r\necho hi\r\n").exit_code == 127
    mount = f"mount -t tmpfs -o noexec tmpfs {folder}"
    if site.run(mount).exit_code:
        pytest.skip("this guest may not mount")
    assert site.run("echo hi").exit_code == 126
    site.guest.stop()


def test_a_full_disk_runs_the_text_instead_of_a_file(site: Site) -> None:
    """Where no file can be written the content runs by `sh -c`."""
    folder = site.shell('dirname "$0"').strip()
    if site.run(f"mount -t tmpfs -o size=4k,mode=755 tmpfs {folder}").exit_code:
        pytest.skip("this guest may not mount")
    site.run("# " + "x" * 3000)
    done = site.run("echo $0\n# " + "x" * 3000)

    assert done.output == b"sh\n"


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
