"""Guests that other people have configured, too: whatever a run does, theirs stays as it is all the time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import MANAGERS, open_world, why_not_booted
from localcloud.guests.site import EIPS, PORT, open_site
from multieip.model.guest import GuestEip, Mode, State
from tests.guest.others.snapshot import Watch, differences, snapshot, without_ours
from tests.guest.script.operator import Operator, nic_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.guest, pytest.mark.boot, pytest.mark.timeout(200)]

ALL = [eip.address for eip in EIPS]
# A VIP, routes and rules in every form that the kernel prints; on the ENI a second address, a route and IPv6;
# daemon-reload, after which netplan's files look new.
BY_HAND = """
ip addr add 10.0.0.90/32 dev eth0; ip route add 10.97.0.0/16 via 10.0.0.253 dev eth0
ip -6 addr add 2001:db8:1::5/64 dev eth0 nodad; ip -6 route add 2001:db8:2::/48 dev eth0
ip -6 rule add pref 5210 fwmark 0x80000/0xff0000 lookup main; ip -6 rule add pref 5270 lookup 52
ip rule add pref 100 iif tun9 lookup 100; ip rule add pref 111 ipproto 6 dport 22 lookup 56
ip rule add pref 999 l3mdev; ip rule add pref 112 not from 192.0.2.0/24 fwmark 0x7/0xf lookup 77
ip rule add pref 113 from 192.0.2.3 to 192.0.2.4 tos 0x10 unreachable
ip rule add pref 114 blackhole from 192.0.2.5
ip rule add pref 115 prohibit from 192.0.2.6; ip rule add pref 116 from 192.0.2.7 goto 999
ip rule add pref 117 lookup main suppress_ifgroup 5; ip rule add from 192.0.2.8 lookup 78
ip route add blackhole 10.99.0.0/16; ip route add unreachable 10.98.0.0/16
ip route add unreachable default table 100 metric 4278198272; ip -6 route add unreachable 2001:db8:9::/48
ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
ip addr add 10.0.0.77/24 dev eth1; ip route add 10.96.0.0/16 via 10.0.0.253 dev eth1
ip -6 addr add 2001:db8::5/64 dev eth1 nodad; ip link set eth1 alias 'master x link/ether 00:11 \\ "y"'
mkdir -p /etc/iproute2
printf '255 local\\n254 main\\n253 default\\n0 unspec\\n21001 eip1\\n' >/etc/iproute2/rt_tables
systemctl daemon-reload; sleep 1; while ip -6 addr | grep -q tentative; do sleep 0.1; done
"""
# Before that, what only one manager knows: its own settings of the ENI, or an edit of eth0 that waits.
OWN = {
    "networkd": """
printf '[Match]\\nName=eth0\\n[Network]\\nAddress=10.0.0.250/24\\n' >/etc/systemd/network/10-eth0.network
""",
    "netplan": """
rm -f /etc/netplan/*
cat >/etc/netplan/90-default.yaml <<'END'
network:
  version: 2
  ethernets:
    all-eth:
      match: {name: "eth*"}
      dhcp4: true
END
chmod 600 /etc/netplan/*; netplan generate; networkctl reload; sleep 3
""",
    "networkmanager": """
nmcli con mod 'cloud-init eth1' connection.zone trusted ipv6.method manual ipv6.addresses 2001:db8::6/64 \\
  +ipv4.addresses 10.0.0.78/24 +ipv4.routes '10.95.0.0/16 10.0.0.253' 802-3-ethernet.mtu 1400
nmcli con up 'cloud-init eth1'; sleep 2
""",
    "ifupdown": "echo 'iface eth0 inet static' >>/etc/network/interfaces",
}


@pytest.fixture(params=MANAGERS)
def hard(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """Stand at a site whose guest, run by each manager in turn, has been configured by others, too."""
    reason = why_not_booted()
    if reason:
        pytest.skip(reason)
    world = open_world(request.param)
    operator = Operator(open_site(world), wait_s=10)
    operator.site.shell(OWN[request.param])
    operator.site.shell(BY_HAND)
    yield operator
    world.close()


def test_nothing_of_others_changes(hard: Operator) -> None:
    """Apply, again, another set, one that fails, release: snapshots are equal, no event is about others."""
    before = snapshot(hard.site)
    watch = Watch(hard.site)

    report = hard.ask(Mode.APPLY)
    assert (report.state, report.persistent) == (State.OK, True), report.problems
    assert hard.site.settles() == ALL
    applied = snapshot(hard.site)
    assert differences(without_ours(before), without_ours(applied)) == []

    assert hard.ask(Mode.APPLY).changed is False
    assert differences(applied, snapshot(hard.site)) == []
    assert hard.ask(Mode.APPLY, nic_of(EIPS[1:])).state is State.OK
    assert differences(without_ours(before), without_ours(snapshot(hard.site))) == []
    assert hard.ask(Mode.APPLY).state is State.OK

    silent = GuestEip(IPv4Address("203.0.113.99"), 25, IPv4Address("203.0.113.98"))
    with_silent = replace(nic_of(), eips=(*nic_of().eips[:2], silent))
    failed = hard.ask(Mode.APPLY, with_silent)
    assert (failed.state, failed.changed) == (State.FAILED, False)
    assert "203.0.113.98 gives no ARP answer" in failed.problems[0].text
    assert differences(without_ours(before), without_ours(snapshot(hard.site))) == []
    assert hard.site.settles() == ALL

    assert hard.ask(Mode.RELEASE).state is State.OK
    assert watch.of_others() == []
    assert differences(before, snapshot(hard.site)) == []


@pytest.mark.parametrize("hard", ["netplan"], indirect=True)
def test_an_entry_for_all_interfaces_puts_no_eip_on_another(hard: Operator) -> None:
    """One netplan entry matches every NIC: the EIPs stand on the ENI only, before and after a reboot."""
    hard.ask(Mode.APPLY)
    for _ in range(2):
        assert hard.site.settles() == ALL
        found = hard.site.shell("ip -4 -o addr show to 198.51.100.0/24; ip -4 -o addr show to 203.0.113.0/25")
        assert [line.split()[1] for line in found.splitlines()] == ["eth1"] * 3
        hard.site.guest.stop()
        hard.site.guest.start()
        hard.site.guest.listen(PORT)
