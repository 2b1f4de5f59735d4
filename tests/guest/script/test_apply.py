"""Check, apply and release: what the internet host, the gateways and the kernel see of it."""

from __future__ import annotations

import pytest

from localcloud.guests import pings_inside
from localcloud.guests.site import EIPS, PRIMARY, SECONDARY
from multieip.guest.render import linux_script
from multieip.model.guest import Dhcp, Mode, ServiceRoute, State
from tests.guest.script.operator import ALL, Operator, nic_of

pytestmark = pytest.mark.guest


def test_check_says_what_is_missing_and_changes_nothing(operator: Operator) -> None:
    """A check of an untouched guest differs, names each EIP, and leaves the kernel as it was."""
    before = operator.kernel()

    report = operator.ask(Mode.CHECK)

    assert report.state is State.DIFFERS
    assert all(str(ip) in report.problems[0].text for ip in ALL)
    assert operator.kernel() == before


def test_apply_makes_every_eip_answer(operator: Operator) -> None:
    """After apply each EIP answers ping and TCP as itself, the private address too; nothing is spoofed."""
    outside = operator.outside()

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed, report.simulated) == (State.OK, True, False)
    assert operator.site.answering() == ALL
    assert pings_inside(operator.site.world, SECONDARY.private.ip)
    assert pings_inside(operator.site.world, PRIMARY.private.ip)
    assert operator.site.world.spoofed() == 0
    assert operator.outside() == outside


def test_apply_reports_what_the_interface_has(operator: Operator) -> None:
    """The answer carries prefix, label, neighbour, DHCP, default route and the way to the services."""
    report = operator.ask(Mode.APPLY)

    nic = report.nics[0]
    assert (nic.name, nic.block, nic.dhcp, nic.private_present) == ("eth1", 0, Dhcp.YES, True)
    assert [(e.ip, e.plen, e.label) for e in nic.eips] == [
        (ALL[0], 24, "eth1:e1"),
        (ALL[1], 24, "eth1:e2"),
        (ALL[2], 25, "eth1:e3"),
    ]
    assert {e.gateway_neighbour for e in nic.eips} <= {"REACHABLE", "DELAY", "STALE"}
    assert (report.default_route.dev, report.default_route.unchanged) == ("eth0", True)
    assert report.service_route == ServiceRoute("eth0", PRIMARY.mac)
    assert nic.foreign_eips == ()
    assert nic.sysctls.rp_filter in (0, 1, 2)


def test_apply_again_changes_nothing(operator: Operator) -> None:
    """The second run finds everything as wanted and touches neither kernel nor disk."""
    operator.ask(Mode.APPLY)
    before = operator.kernel()

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.OK, False)
    assert operator.kernel() == before


def test_removing_one_eip_keeps_its_neighbours(operator: Operator) -> None:
    """The first address of a subnet goes without taking the others of that subnet with it."""
    operator.ask(Mode.APPLY)

    report = operator.ask(Mode.APPLY, nic_of(EIPS[1:]))

    assert (report.state, report.changed) == (State.OK, True)
    assert operator.site.answering() == ALL[1:]
    assert str(ALL[0]) not in operator.kernel()


def test_an_added_eip_leaves_the_others_their_numbers(operator: Operator) -> None:
    """A new EIP takes the lowest free table; the tables of the others do not move."""
    operator.ask(Mode.APPLY, nic_of(EIPS[1:]))

    operator.ask(Mode.APPLY)

    assert operator.site.answering() == ALL
    rules = operator.site.shell("ip -4 rule")
    assert f"5:	from {ALL[1]} lookup 21001" in rules
    assert f"5:	from {ALL[0]} lookup 21003" in rules


def test_release_leaves_nothing_of_ours(operator: Operator) -> None:
    """After release the kernel and the disk are what they were before apply; again is no change."""
    before = operator.kernel()
    operator.ask(Mode.APPLY)

    report = operator.ask(Mode.RELEASE)

    assert (report.state, report.changed) == (State.OK, True)
    assert operator.kernel() == before
    assert operator.site.run("test -e /etc/multieip").exit_code == 1
    assert operator.ask(Mode.RELEASE).changed is False


def test_an_interface_may_come_late(operator: Operator) -> None:
    """Apply that starts before the hot-plug waits for the interface and its lease."""
    guest = operator.site.guest
    guest.unplug(SECONDARY.eni_id)
    content = linux_script(Mode.APPLY, [nic_of()], wait_s=20)
    operator.site.shell(f"cat >/run/content <<'END'\n{content}END\n(sh /run/content >/run/answer 2>&1 &)")

    guest.plug(SECONDARY)

    report = operator.run(
        "n=0; until [ -s /run/answer ] || [ $n = 20 ]; do n=$((n+1)); sleep 1; done; cat /run/answer"
    )
    assert (report.state, report.changed) == (State.OK, True)
    assert operator.site.answering() == ALL


def test_the_vendors_recipe_is_taken_over(operator: Operator) -> None:
    """EIPs that were set by hand with prefix routes become ours and answer."""
    operator.site.shell("".join(f"ip addr add {e.address}/{e.network.prefixlen} dev eth1\n" for e in EIPS))

    report = operator.ask(Mode.APPLY)

    assert report.state is State.OK
    assert operator.site.answering() == ALL
    assert "198.51.100.0/24" not in operator.site.shell("ip -4 route show table main")
