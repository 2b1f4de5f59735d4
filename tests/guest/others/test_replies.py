"""Replies of every EIP leave by its own gateway, whatever rules and routes others have, or check says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests import NamespacesGuest
from localcloud.guests.site import EIPS, SECONDARY
from multieip.model.guest import Mode, State

if TYPE_CHECKING:
    from tests.guest.script.operator import Operator

pytestmark = pytest.mark.guest

ALL = [eip.address for eip in EIPS]
ROUTE = "ip route add 198.18.0.0/16 via 10.0.0.253 dev eth0\n"
BY_ETH0 = "ip route add default via 10.0.0.253 dev eth0 table 55\n"
# Marks connections that come in by eth1, and sends what carries the mark by the VPC's gateway.
CONNMARK = """
printf '%s\\n' 'table ip m {' 'chain pre {' 'type filter hook prerouting priority -150;' \
  'iifname "eth1" ct mark set 2;' '}' 'chain out {' 'type route hook output priority -150;' \
  'meta mark set ct mark;' '}' '}' >/tmp/n
nft -f /tmp/n
ip route add default via 10.0.0.253 dev eth1 table 102
ip rule add pref 1000 fwmark 2 lookup 102
"""


@pytest.mark.parametrize(
    "others",
    [
        ROUTE,
        CONNMARK,
        BY_ETH0 + "ip rule add pref 100 ipproto 6 sport 7000 lookup 55",
        BY_ETH0 + "ip rule add pref 100 to 198.18.0.0/16 lookup 55",
        BY_ETH0 + "ip rule add pref 6 lookup 55",
        "ip rule add pref 32765 lookup local; ip rule del pref 0; ip rule add pref 1000 l3mdev",
        "ip rule add pref 3 to 10.0.0.0/8 lookup main; ip rule add pref 2 iif lo lookup 220",
        "ip rule add pref 3 iif eth0 unreachable; ip rule add pref 2 from 192.0.2.0/24 blackhole",
        "ip rule add pref 3 lookup main suppress_prefixlength 0",
    ],
    ids=["route", "connmark", "port", "to", "all", "local-moved", "private", "not-ours", "local-networks"],
)
def test_what_others_have_takes_no_reply_away(operator: Operator, others: str) -> None:
    """Rules and routes behind ours, or in front and about something else, do not matter."""
    operator.site.shell(others)

    report = operator.ask(Mode.APPLY)

    assert report.state is State.OK, report.problems
    assert operator.site.answering() == ALL
    assert operator.ask(Mode.CHECK).state is State.OK
    assert operator.site.world.spoofed() == 0


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        (BY_ETH0 + "ip rule add pref 3 lookup 55", "rule 3 (from all lookup 55)"),
        (BY_ETH0 + "ip rule add pref 3 to 198.18.0.0/16 lookup 55", "to 198.18.0.0/16"),
        (BY_ETH0 + "ip rule add pref 3 fwmark 7 lookup 55", "for packets with fwmark 0x7"),
        (BY_ETH0 + "ip rule add pref 3 ipproto 6 sport 7443 lookup 55", "sport 7443"),
        (BY_ETH0 + "ip rule add pref 3 not from 192.0.2.0/24 lookup 55", "rule 3 (not from 192.0.2.0/24"),
        (f"ip rule add pref 4 from {ALL[0]} prohibit", "rule 4"),
        ("ip rule add pref 2 goto 32766", "goto 32766"),
        (
            ROUTE + "ip rule add pref 3 lookup main suppress_prefixlength 0",
            "198.18.0.0/16",
        ),
    ],
)
def test_what_takes_a_reply_away_is_named(operator: Operator, theirs: str, named: str) -> None:
    """A rule in front of ours is named, with the packets that it takes, by check and by a refused apply."""
    operator.ask(Mode.APPLY)
    operator.site.shell(theirs)
    before = operator.kernel()

    report = operator.ask(Mode.CHECK)

    assert report.state is State.DIFFERS
    assert named in report.problems[0].text
    assert "give it a priority above 5" in report.problems[0].text
    assert operator.ask(Mode.APPLY).state is State.FAILED
    assert operator.kernel() == before


def test_a_network_of_containers_is_reached(operator: Operator) -> None:
    """A prefix of main on an interface without a default route leaves the EIPs' tables; a half of all not."""
    operator.site.shell(
        "ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up;"
        "ip link add tun0 type bridge; ip link set tun0 up; ip route add 128.0.0.0/1 dev tun0"
    )
    operator.ask(Mode.APPLY)

    assert "dev docker0" in operator.site.shell(f"ip route get 172.17.0.2 from {ALL[0]}")
    assert operator.site.answering() == ALL

    operator.site.shell("ip link del docker0")
    assert operator.ask(Mode.CHECK).state is State.DIFFERS
    assert operator.ask(Mode.APPLY).state is State.OK
    assert "throw" not in operator.site.shell("ip route show table all")


def test_a_network_that_goes_without_a_word_is_not_left_to_it(operator: Operator) -> None:
    """An interface that goes down takes its routes along without an event: the keeper looks at once."""
    operator.site.shell(
        "ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up"
    )
    operator.ask(Mode.APPLY)
    operator.site.shell(
        "sh /etc/multieip/keep.sh keep >/dev/null 2>&1 </dev/null & echo $! >/run/keeper; sleep 1"
    )
    assert "throw" in operator.site.shell("ip route show table all")

    gone = "n=0; while ip route show table all | grep -q throw; do n=$((n+1)); [ $n -lt 50 ]; sleep 0.1; done"
    operator.site.shell(f"set -e; ip link set docker0 down; {gone}")
    there = (
        "n=0; until ip route show table all | grep -q throw; do n=$((n+1)); [ $n -lt 50 ]; sleep 0.1; done"
    )
    operator.site.shell(f"set -e; ip link set docker0 up; {there}; kill $(cat /run/keeper)")


def test_no_carrier_is_said(operator: Operator) -> None:
    """Without a carrier nothing arrives: check and apply say so, and nothing is taken away."""
    operator.ask(Mode.APPLY)
    guest = operator.site.guest
    assert isinstance(guest, NamespacesGuest)
    guest.carrier(SECONDARY.eni_id, up=False)

    checked, applied = operator.ask(Mode.CHECK), operator.ask(Mode.APPLY)

    assert (checked.state, applied.state) == (State.DIFFERS, State.FAILED)
    assert all("no carrier" in report.problems[0].text for report in (checked, applied))
    guest.carrier(SECONDARY.eni_id, up=True)
    operator.ask(Mode.APPLY)
    assert operator.site.settles() == ALL


@pytest.mark.parametrize("kind", ["bridge", "macvlan", "vlan"])
def test_what_shares_the_mac_is_not_the_interface(operator: Operator, kind: str) -> None:
    """A bridge, a VLAN or a macvlan with the ENI's MAC carries no EIP of its own."""
    made = {
        "bridge": f"ip link add name aa0 type bridge; ip link set aa0 address {SECONDARY.mac} up",
        "macvlan": f"ip link add link eth1 name aa0 address {SECONDARY.mac} type macvlan; ip link set aa0 up",
        "vlan": "ip link add link eth1 name aa0 type vlan id 5; ip link set aa0 up",
    }
    if operator.site.run(made[kind]).exit_code:
        pytest.skip(f"this kernel makes no {kind}")

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.nics[0].name) == (State.OK, "eth1")
    assert operator.site.answering() == ALL
    assert operator.site.shell("ip -4 addr show dev aa0") == ""


def test_rules_that_come_and_go_are_none_of_our_business(operator: Operator) -> None:
    """Somebody adds and removes rules all the time: every run does its work, and resurrects none."""
    operator.site.shell(
        "(i=0; while [ $i -lt 3000 ]; do ip rule add pref 2048 from 10.1.0.$((i%200)) lookup 99; sleep 0.03;"
        " ip rule del pref 2048 from 10.1.0.$(((i+197)%200)) 2>/dev/null; i=$((i+1)); done)"
        " >/dev/null 2>&1 </dev/null & echo $! >/run/churn"
    )
    for mode in (Mode.APPLY, Mode.APPLY, Mode.CHECK):
        assert operator.ask(mode).state is State.OK
    assert operator.site.answering() == ALL
    operator.site.shell("kill $(cat /run/churn); ip rule flush pref 2048 2>/dev/null || :")

    assert operator.ask(Mode.RELEASE).state is State.OK
    assert "lookup 2100" not in operator.site.shell("ip rule")
