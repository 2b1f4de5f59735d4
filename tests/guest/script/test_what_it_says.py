"""What the answer names: interfaces, ways of replies, problems, tools."""

from __future__ import annotations

from dataclasses import replace

import pytest

from localcloud.guests.site import EIPS, PRIMARY, SECONDARY, THIRD, eip
from multieip.model.guest import Mode, ServiceRoute, State
from tests.guest.script.operator import ALL, Operator, nic_of

pytestmark = pytest.mark.guest


def test_an_absent_interface_is_named(operator: Operator) -> None:
    """A MAC that no interface carries fails apply and differs in check, with the way out."""
    gone = replace(nic_of(), mac="00:16:3e:99:99:99")

    assert operator.ask(Mode.APPLY, gone).problems[0].code == "no-interface"
    report = operator.ask(Mode.CHECK, gone)
    assert (report.state, report.nics[0].name) == (State.DIFFERS, None)


def test_two_enis_have_a_block_each(operator: Operator) -> None:
    """A second ENI of the mode gets numbers of its own and the first is not touched; each can go alone."""
    other = eip("203.0.113.22", THIRD)
    operator.site.world.bind(other)
    operator.site.guest.plug(THIRD)
    operator.ask(Mode.APPLY)

    report = operator.ask(Mode.APPLY, nic_of([other], THIRD))

    assert (report.state, report.nics[0].block, report.nics[0].name) == (State.OK, 1, "eth2")
    operator.site.eips = (*EIPS, other)
    assert operator.site.answering() == [*ALL, other.address]
    operator.ask(Mode.RELEASE)
    assert operator.site.answering() == [other.address]


def test_an_eip_of_a_detached_eni_is_taken_over(operator: Operator) -> None:
    """What a detached ENI left behind does not catch the EIP's packets on its new ENI."""
    operator.ask(Mode.APPLY)
    operator.site.guest.unplug(SECONDARY.eni_id)
    operator.site.guest.plug(THIRD)
    moved = [eip(str(ip), THIRD) for ip in ALL]
    for one in moved:
        operator.site.world.unbind(one.address)
        operator.site.world.bind(one)

    report = operator.ask(Mode.APPLY, nic_of(moved, THIRD))

    assert report.state is State.OK
    assert operator.site.answering() == ALL
    assert SECONDARY.mac in report.notes[0]


def test_a_link_flap_fails_closed_and_apply_heals(operator: Operator) -> None:
    """Without a manager a flap takes the routes; no packet leaves by eth0, check says so, apply repairs."""
    operator.ask(Mode.APPLY)
    operator.site.shell("ip link set eth1 down; ip link set eth1 up")

    assert operator.ask(Mode.CHECK).state is State.DIFFERS
    assert operator.site.answering() == []
    assert operator.ask(Mode.APPLY).state is State.OK
    assert operator.site.answering() == ALL
    assert operator.site.world.spoofed() == 0


def test_survey_finds_ours_and_everything_else(operator: Operator) -> None:
    """Without being told what is wanted, the survey names each interface, our EIPs and foreign ones."""
    operator.ask(Mode.APPLY, nic_of(EIPS[:2]))
    operator.site.shell(f"ip addr add {ALL[2]}/25 dev eth1")

    report = operator.survey()

    by_name = {nic.name: nic for nic in report.nics}
    assert set(by_name) == {"eth0", "eth1"}
    assert [e.ip for e in by_name["eth1"].eips if e.ok] == ALL[:2]
    assert [e.leaves for e in by_name["eth1"].eips if e.ok] == [f"eth1 {e.gateway}" for e in EIPS[:2]]
    assert by_name["eth1"].foreign_eips == (ALL[2],)
    assert by_name["eth0"].foreign_eips == ()


def test_the_kernel_says_where_a_reply_leaves(operator: Operator) -> None:
    """By the vendor's recipe a reply takes the primary interface; by ours it takes the EIP's own gateway."""
    operator.site.shell(f"ip addr add {ALL[0]}/24 dev eth1")

    astray = operator.ask(Mode.CHECK).nics[0].eips[0]
    right = operator.ask(Mode.APPLY).nics[0].eips[0]

    main = operator.site.shell("ip -4 route show default dev eth0").split()[2]
    assert (astray.present, astray.leaves) == (True, f"eth0 {main}")
    assert right.leaves == f"eth1 {EIPS[0].gateway}"


def test_the_way_to_the_cloud_s_services_is_told_with_its_mac(operator: Operator) -> None:
    """Whichever interface takes 100.64.0.0/10, ours or not; so does a survey of a guest without a set."""
    assert operator.survey().service_route == ServiceRoute("eth0", PRIMARY.mac)

    operator.site.shell("ip route add 100.64.0.0/10 via 10.0.0.253 dev eth1")
    ways = [operator.survey().service_route, operator.ask(Mode.CHECK).service_route]
    assert ways == [ServiceRoute("eth1", SECONDARY.mac)] * 2

    operator.site.shell(
        "ip link add br9 address 02:00:00:00:00:09 type bridge; ip link set br9 up;"
        "ip route replace 100.64.0.0/10 dev br9"
    )
    assert operator.ask(Mode.CHECK).service_route == ServiceRoute("br9", "02:00:00:00:00:09")

    # The only interface without a MAC that every kernel has; a tunnel's link is none of Ethernet, either.
    operator.site.shell("ip route replace 100.64.0.0/10 dev lo")
    assert operator.ask(Mode.CHECK).service_route == ServiceRoute("lo", None)

    operator.site.shell("ip route replace unreachable 100.64.0.0/10")
    assert operator.ask(Mode.CHECK).service_route == ServiceRoute(None, None)


def test_an_eni_in_a_bridge_is_refused(operator: Operator) -> None:
    """An interface that is a port of a bridge cannot carry addresses of its own."""
    operator.site.shell("ip link add br0 type bridge; ip link set eth1 master br0")

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.problems[0].code) == (State.FAILED, "enslaved")


def test_other_tools_are_named(operator: Operator) -> None:
    """Who else may configure the interface behind our back is in the answer."""
    operator.site.shell(
        "mkdir -p /run/cloud-init /etc/cni/net.d /etc/systemd/system/multi-user.target.wants;"
        "touch /etc/cni/net.d/10-terway.conflist /etc/systemd/system/multi-user.target.wants/eni.service"
    )

    assert set(operator.ask(Mode.CHECK).tools) == {"cloud-init", "terway", "multi-nic-util"}
