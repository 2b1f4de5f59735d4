"""An interface that no manager configures gets its lease from the keeper's own client, and goes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from localcloud.guests.site import EIPS, PORT, SECONDARY
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.script.operator import ALL, CUT_OFF, UNDO, Operator, booted, nic_of
from tests.guest.script.test_managers import FORGET, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.model.guest import GuestReport

pytestmark = [pytest.mark.guest, pytest.mark.boot, pytest.mark.timeout(200)]

INTERFACE = (
    "ip -4 -o addr show dev eth1; ip -o link show dev eth1; ip -4 route show table all dev eth1; "
    "ls /etc/multieip 2>/dev/null || :"
)
CLIENTS = (
    "for path in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$path; echo; done 2>/dev/null "
    "| grep '/etc/multieip/.*[.]lease' || :"
)
# networkd is told to leave the ENI alone by a file that stays first, whatever an image writes at a boot.
LEFT_ALONE = (
    "printf '[Match]\\nName=eth1\\n\\n[Link]\\nUnmanaged=yes\\n' >/etc/systemd/network/00-eth1.network"
)
KEPT_CLIENT = "$(cut -d' ' -f1 /etc/multieip/*.lease.pid)"
WAIT = "n=0; until {} || [ $n = 400 ]; do n=$((n+1)); sleep 0.1; done"
NO_DHCLIENT = "mv $(command -v dhclient) /root/dhclient"


@pytest.fixture
def left_alone(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """Stand at a site whose manager says nothing about the ENI's interface, which is down."""
    with booted(request.param, wait_s=40) as operator:
        operator.site.shell(LEFT_ALONE if request.param == "networkd" else ":")
        operator.site.shell(FORGET)
        yield operator


def interface(operator: Operator) -> str:
    """Show the ENI's interface and our files, without what counts."""
    return re.sub(r"valid_lft \d+sec|preferred_lft \d+sec", "", operator.site.shell(INTERFACE))


def clients(operator: Operator) -> list[str]:
    """Show the clients of ours that are at work."""
    return operator.site.shell(CLIENTS).splitlines()


def is_served(operator: Operator, report: GuestReport) -> None:
    """Hold that the lease is there and the EIPs answer."""
    assert (report.state, report.persistent) == (State.OK, True), report.problems
    assert str(SECONDARY.private.ip) in operator.site.shell("ip -4 -o addr show dev eth1")
    assert operator.site.settles() == ALL


@pytest.mark.parametrize("left_alone", ["networkd", "netplan", "ifupdown"], indirect=True)
def test_it_is_served_and_goes_back(left_alone: Operator) -> None:
    """The lease comes, nothing else changes, and after the release no trace is left."""
    before, outside = interface(left_alone), left_alone.site.shell(OUTSIDE)

    report = left_alone.ask(Mode.APPLY)

    is_served(left_alone, report)
    assert (report.nics[0].dhcp.value, len(clients(left_alone))) == ("yes", 1)
    assert "default" not in left_alone.site.shell("ip -4 route show dev eth1")
    again = left_alone.ask(Mode.APPLY)
    assert (again.state, again.changed, len(clients(left_alone))) == (State.OK, False, 1)

    assert left_alone.ask(Mode.RELEASE).state is State.OK
    assert clients(left_alone) == []
    assert interface(left_alone) == before
    assert left_alone.site.shell(OUTSIDE) == outside


@pytest.mark.parametrize("left_alone", ["networkmanager"], indirect=True)
def test_a_manager_that_has_the_interface_is_not_forced(left_alone: Operator) -> None:
    """NetworkManager holds it and does not connect it: that is the user's will, and the answer names it."""
    left_alone.wait_s = 8
    before = interface(left_alone)

    report = left_alone.ask(Mode.APPLY)

    assert [problem.code for problem in report.problems] == ["no-private-address"]
    assert (report.nics[0].manager, clients(left_alone)) == ("NetworkManager", [])
    assert interface(left_alone) == before

    # One that is stopped comes back, and would take the interface for somebody else's.
    left_alone.site.shell("systemctl stop NetworkManager")
    report = left_alone.ask(Mode.APPLY)
    assert [problem.code for problem in report.problems] == ["no-private-address"]
    assert clients(left_alone) == []


@pytest.mark.parametrize("left_alone", ["ifupdown"], indirect=True)
def test_a_stanza_that_was_not_brought_up_is_not_forced(left_alone: Operator) -> None:
    """The file has the interface, as the user's `ifup` wants it: that is for the user to run."""
    left_alone.wait_s = 8
    left_alone.site.shell("printf 'iface eth1 inet dhcp\\n' >/etc/network/interfaces.d/eth1")

    report = left_alone.ask(Mode.APPLY)

    assert [problem.code for problem in report.problems] == ["no-private-address"]
    assert (report.nics[0].manager, clients(left_alone)) == ("ifupdown", [])


@pytest.mark.parametrize("left_alone", ["networkd"], indirect=True)
def test_it_lasts(left_alone: Operator) -> None:
    """The keeper begins a client anew: one that was killed, under another name, after a restart."""
    is_served(left_alone, left_alone.ask(Mode.APPLY))

    left_alone.site.shell(f"kill -9 {KEPT_CLIENT}")
    left_alone.site.shell(WAIT.format(f"grep -q lease /proc/{KEPT_CLIENT}/cmdline"))
    assert len(clients(left_alone)) == 1

    left_alone.site.shell("ip link set eth1 down; ip link set eth1 name lan7; ip link set lan7 up")
    left_alone.site.shell(WAIT.format(f"grep -q lan7 /proc/{KEPT_CLIENT}/cmdline"))
    assert left_alone.site.settles() == ALL
    assert [" lan7 " in each for each in clients(left_alone)] == [True]
    left_alone.site.shell("ip link set lan7 down; ip link set lan7 name eth1; ip link set eth1 up")

    left_alone.site.guest.stop()
    left_alone.site.guest.start()
    left_alone.site.guest.listen(PORT)
    assert left_alone.site.settles() == ALL
    assert len(clients(left_alone)) == 1
    assert left_alone.ask(Mode.CHECK).persistent is True


@pytest.mark.parametrize("left_alone", ["networkd"], indirect=True)
def test_busybox_serves_as_well(left_alone: Operator) -> None:
    """Where there is no dhclient, busybox's client does it."""
    left_alone.site.shell(NO_DHCLIENT)

    is_served(left_alone, left_alone.ask(Mode.APPLY))
    assert "udhcpc" in clients(left_alone)[0]


@pytest.mark.parametrize("left_alone", ["networkd"], indirect=True)
def test_a_run_that_fails_takes_it_back(left_alone: Operator) -> None:
    """A change fails, or the run is killed: what it began is ended."""
    before = interface(left_alone)
    left_alone.site.shell("ip rule add pref 4 from 198.51.100.11 unreachable")

    failed = left_alone.ask(Mode.APPLY, nic_of(EIPS))

    assert (failed.state, failed.changed) == (State.FAILED, False)
    assert clients(left_alone) == []
    assert interface(left_alone) == before

    left_alone.site.shell("ip rule del pref 4")
    left_alone.site.shell(f"mkdir -p /run/bin; cat >/run/bin/ip <<'END'\n{CUT_OFF}END\nchmod +x /run/bin/ip")
    content = linux_script(Mode.APPLY, [nic_of()], wait_s=40)
    left_alone.site.run(f"PATH=/run/bin:$PATH\nexport PATH\n{content}")
    assert len(clients(left_alone)) == 1
    left_alone.site.run(UNDO)
    assert clients(left_alone) == []
    assert interface(left_alone) == before
