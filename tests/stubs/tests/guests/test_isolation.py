"""Nothing that happens in a guest reaches the machine, and nothing stays when the world is gone."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import localcloud
from localcloud.guests.namespaces import NamespacesWorld
from localcloud.guests.permitted import ways
from localcloud.guests.site import Site, open_site

pytestmark = pytest.mark.guest

# Where the package is, for a Python in which it is not installed.
HOME = Path(localcloud.__file__).parents[1]
GONE_WITHIN_S = 60.0

PROGRAM = """
import sys
from localcloud.guests.site import open_site
from localcloud.guests import open_world
world = open_world("namespaces")
site = open_site(world)
site.run("sleep 1000 >/dev/null 2>&1 &")
print("ready", flush=True)
sys.stdin.readline()
world.close()
print("closed", flush=True)
sys.stdin.readline()
"""


def descendants(pid: int) -> set[int]:
    """List every process below this one."""
    children = {
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    }
    return children.union(*(descendants(child) for child in children))


def all_end(pids: set[int]) -> bool:
    """Wait until none of the processes is left; False when the time is over before that."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ended, _, _ = select.select([handle], [], [], GONE_WITHIN_S)
        os.close(handle)
        if not ended:
            return False
    return True


def usable_by_nobody(python: str) -> bool:
    """Whether another user can import the guests with this Python."""
    try:
        argv = [python, "-c", "import localcloud.guests.namespaces"]
        return subprocess.run(argv, cwd=HOME, user="nobody", check=False).returncode == 0
    except OSError:
        return False


def start_program(python: str = sys.executable, user: str | None = None) -> subprocess.Popen[str]:
    """Start a process with a world of its own and wait until its guest runs."""
    program = subprocess.Popen(
        [python, "-c", PROGRAM],
        cwd=HOME,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        user=user,
    )
    assert program.stdout is not None
    assert program.stdout.readline().strip() == "ready"
    return program


def test_a_script_cannot_touch_the_machine(site: Site) -> None:
    """Files, host name, kernel switches and processes of the machine are out of a guest's reach."""
    machine_name = os.uname().nodename

    site.shell("echo hostile > /etc/multieip-isolation; hostname hostile; rm -rf /var/log/* /home/*")
    assert site.run("touch /usr/multieip-isolation").exit_code != 0
    assert site.run("echo 7 > /proc/sys/kernel/printk_delay").exit_code != 0
    assert site.run(f"kill -0 {os.getpid()}").exit_code != 0

    assert not Path("/etc/multieip-isolation").exists()
    assert os.uname().nodename == machine_name
    assert any(Path("/var/log").iterdir())


def test_the_guest_sees_only_its_own_interfaces(site: Site) -> None:
    """`/sys` is the guest's, not the machine's."""
    assert site.shell("ls /sys/class/net").split() == ["eth0", "eth1", "lo"]


def test_the_guest_may_set_its_own_network_switches(site: Site) -> None:
    """`net.*` belongs to the guest's namespace and changes nothing on the machine."""
    before = Path("/proc/sys/net/ipv4/conf/all/arp_ignore").read_text()

    site.shell("sysctl -qw net.ipv4.conf.all.arp_ignore=3")

    assert site.shell("cat /proc/sys/net/ipv4/conf/all/arp_ignore").strip() == "3"
    assert Path("/proc/sys/net/ipv4/conf/all/arp_ignore").read_text() == before


@pytest.mark.parametrize("user_namespace", [True, False], ids=["rootless", "root"])
def test_both_forms_of_holder_work(*, user_namespace: bool) -> None:
    """The same world comes up with a user namespace and, as root, without."""
    working, _ = ways()
    if user_namespace not in working:
        pytest.skip("this form of holder does not work here")
    world = NamespacesWorld(user_namespace=user_namespace)

    site = open_site(world)
    assert site.shell("ls /sys/class/net").split() == ["eth0", "eth1", "lo"]

    world.close()
    world.close()


def test_another_user_can_open_a_world() -> None:
    """No right of root is needed."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; all other tests ran rootless already")
    python = next(filter(usable_by_nobody, (sys.executable, "/usr/bin/python3")), None)
    if python is None:
        pytest.skip("another user can read no Python with this checkout")
    program = start_program(python, user="nobody")

    program.communicate("\n\n", timeout=60)

    assert program.returncode == 0


def test_nothing_is_left_after_close() -> None:
    """Closing a world ends every process of it while its owner lives on."""
    program = start_program()
    holders = descendants(program.pid)
    assert holders
    assert program.stdin is not None
    assert program.stdout is not None

    program.stdin.write("\n")
    program.stdin.flush()
    assert program.stdout.readline().strip() == "closed"
    assert all_end(holders)

    program.communicate("\n", timeout=60)


def test_nothing_is_left_after_a_kill() -> None:
    """A world dies with its owner, even when that is killed without a word."""
    program = start_program()
    holders = descendants(program.pid)
    assert holders

    program.send_signal(signal.SIGKILL)
    program.communicate(timeout=60)

    assert all_end(holders)
