"""Writers in guests that boot whole systems: what goes wrong is undone through the manager, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests import MANAGERS, open_world, why_not_booted
from localcloud.guests.site import EIPS, PORT, SECONDARY, THIRD, eip, open_site
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.script.operator import Operator, nic_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.guest, pytest.mark.boot]

ALL = [eip.address for eip in EIPS]


@pytest.fixture(params=MANAGERS)
def managed(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """Stand at a site whose guest is run by each manager in turn."""
    reason = why_not_booted()
    if reason:
        pytest.skip(reason)
    world = open_world(request.param)
    yield Operator(open_site(world), wait_s=10)
    world.close()


def lines(operator: Operator) -> list[str]:
    """Show the kernel and our files, in an order of no meaning."""
    return sorted(operator.kernel().splitlines())


def test_a_failing_check_restores_files_and_kernel(managed: Operator) -> None:
    """When an EIP's replies would go astray, the manager has its old configuration back, by its own means."""
    managed.ask(Mode.APPLY, nic_of(EIPS[:1]))
    managed.site.shell(f"ip rule add pref 90 from {ALL[1]} unreachable")
    before = lines(managed)
    files = managed.site.shell("cat $(find /etc -name '*multieip*' -type f)")

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert lines(managed) == before
    assert managed.site.shell("cat $(find /etc -name '*multieip*' -type f)") == files
    assert managed.site.answering() == ALL[:1]


def test_the_recipe_by_hand_is_taken_over_and_lasts(managed: Operator) -> None:
    """Addresses that stood there by hand, and rules of others, are in nobody's way; a reboot keeps all."""
    managed.site.shell(
        "".join(f"ip addr add {e.address}/{e.network.prefixlen} dev eth1\n" for e in EIPS)
        + "ip rule add pref 90 fwmark 0x7 lookup 77\n"
    )

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.persistent) == (State.OK, True)
    assert "fwmark 0x7 lookup 77" in managed.site.shell("ip rule")
    managed.site.guest.stop()
    managed.site.guest.start()
    managed.site.guest.listen(PORT)
    assert managed.ask(Mode.APPLY).state is State.OK
    assert managed.site.answering() == ALL


def test_a_second_eni_has_files_of_its_own(managed: Operator) -> None:
    """Each ENI's configuration comes and goes without the other's."""
    other = eip("203.0.113.22", THIRD)
    managed.site.world.bind(other)
    managed.site.guest.plug(THIRD)
    managed.ask(Mode.APPLY)

    report = managed.ask(Mode.APPLY, nic_of([other], THIRD))

    managed.site.eips = (*EIPS, other)
    assert (report.state, report.nics[0].block) == (State.OK, 1)
    assert managed.site.answering() == [*ALL, other.address]
    assert managed.ask(Mode.RELEASE).state is State.OK
    assert managed.ask(Mode.CHECK, nic_of([other], THIRD)).state is State.OK
    assert managed.site.answering() == [other.address]
    assert SECONDARY.mac not in managed.site.shell("cat $(find /etc -name '*multieip*' -type f)")


# Takes away what the image says about eth1, as on images that configure the primary interface only.
FORGET = """
rm -f /etc/systemd/network/11-eth1.network /etc/NetworkManager/system-connections/cloud-init-eth1.nmconnection
if [ -f /etc/netplan/50-cloud-init.yaml ]; then
  sed -i '/eth1:/,/route-metric/d' /etc/netplan/50-cloud-init.yaml; netplan generate
fi
case $(cat /proc/1/comm)$(systemctl is-active systemd-networkd) in
  systemdactive) networkctl reload ;;
esac
if [ "$(systemctl is-active NetworkManager)" = active ]; then
  echo '[main]' >/etc/NetworkManager/conf.d/none.conf
  echo 'no-auto-default=*' >>/etc/NetworkManager/conf.d/none.conf
  nmcli general reload conf; nmcli connection reload; nmcli device disconnect eth1 || :
fi
if [ "$(systemctl is-active networking)" = active ]; then
  ifdown --force eth1
  sed -i '/eth1/,/metric/d' /etc/network/interfaces
  mkdir -p /etc/network/interfaces.d; echo 'source /etc/network/interfaces.d/*' >>/etc/network/interfaces
fi
ip addr flush dev eth1; ip link set eth1 down
"""


def test_an_interface_that_nobody_configures_gets_dhcp(managed: Operator) -> None:
    """Where the image leaves a new interface alone, the writer makes DHCP and EIPs; release takes both."""
    managed.site.shell(FORGET)

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.persistent, report.nics[0].private_present) == (State.OK, True, True), report
    assert managed.site.answering() == ALL
    assert managed.ask(Mode.APPLY).changed is False
    managed.site.guest.stop()
    managed.site.guest.start()
    managed.site.guest.listen(PORT)
    assert ALL in (managed.site.answering() for _ in range(10))
    assert managed.ask(Mode.CHECK).state is State.OK
    assert managed.ask(Mode.RELEASE).state is State.OK
    assert "multieip" not in managed.site.shell("find /etc -name '*multieip*'")


@pytest.mark.parametrize("managed", ["networkd"], indirect=True)
def test_systemd_undoes_a_run_that_was_cut_off(managed: Operator) -> None:
    """A run that dies after the manager's reload leaves a timer of systemd, which restores everything."""
    report = managed.ask(Mode.APPLY, nic_of(EIPS[:1]))
    assert report.state is State.OK, report.problems
    before = lines(managed)
    managed.site.shell(
        "mkdir -p /run/bin; printf '%s\\n' '#!/bin/sh' 'PATH=/usr/bin:/bin networkctl \"$@\"'"
        " '[ \"$1\" != reload ] || kill -9 $PPID' >/run/bin/networkctl; chmod +x /run/bin/networkctl"
    )
    managed.site.run("PATH=/run/bin:$PATH\nexport PATH\n" + linux_script(Mode.APPLY, [nic_of()]))
    assert lines(managed) != before

    managed.site.shell("systemctl start --wait multieip-undo.service; systemctl stop multieip-undo.timer")

    assert lines(managed) == before
    assert managed.site.answering() == ALL[:1]


@pytest.mark.parametrize("managed", ["networkd", "networkmanager"], indirect=True)
def test_a_file_of_ours_that_somebody_changed_is_written_again(managed: Operator) -> None:
    """Check says that the configuration will not last as it is, and apply makes it whole."""
    managed.ask(Mode.APPLY)
    managed.site.shell(
        "sed -i /198.51.100.12/d $(find /etc/systemd/network /etc/NetworkManager -name '*multieip*')"
    )

    report = managed.ask(Mode.CHECK)

    assert (report.state, report.persistent) == (State.DIFFERS, False)
    assert managed.ask(Mode.APPLY).changed
    report = managed.ask(Mode.CHECK)
    assert (report.state, report.persistent) == (State.OK, True)


@pytest.mark.parametrize("managed", ["networkd"], indirect=True)
def test_a_file_of_somebody_else_in_our_place_is_refused(managed: Operator) -> None:
    """A file with our name and without our mark is not ours: nothing is changed."""
    path = "/etc/systemd/network/11-eth1.network.d/50-multieip.conf"
    managed.site.shell(f"mkdir -p $(dirname {path}); echo '# mine' >{path}")
    before = lines(managed)

    report = managed.ask(Mode.APPLY)

    assert (report.state, [p.code for p in report.problems]) == (State.FAILED, ["foreign-file"])
    assert lines(managed) == before


@pytest.mark.parametrize("managed", ["ifupdown"], indirect=True)
def test_without_a_known_manager_a_unit_watches(managed: Operator) -> None:
    """Where only systemd is known, our unit puts routes back after a flap, and goes with the release."""
    managed.site.shell("rm /etc/network/interfaces")

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.writer, report.persistent) == (State.OK, "unit", True)
    managed.site.shell("ip link set eth1 down; ip link set eth1 up")
    assert ALL in (managed.site.answering() for _ in range(10))
    assert managed.ask(Mode.RELEASE).state is State.OK
    assert "multieip" not in managed.site.shell("find /etc -name '*multieip*'; systemctl list-units --plain")
