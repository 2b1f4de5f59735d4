"""The fabric tells the truth: what fails on the cloud fails here, and for the same reason.

The cases repeat, with plain `ip` commands, what is known about the mode's behaviour on Linux.
"""

from __future__ import annotations

import pytest

from localcloud.guests import answered_at, pings, pings_inside
from localcloud.guests.site import EIPS, GATEWAY_1, GATEWAY_2, PRIMARY, ROUTER, SECONDARY, Site, eip

pytestmark = pytest.mark.guest

# The vendor's recipe: the addresses with their masks, and nothing that decides about routes.
RECIPE = "\n".join(f"ip addr add {p.address}/{p.network.prefixlen} dev eth1" for p in EIPS)
LOOSE = (
    "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0"
)

PRIVATE_ROUTING = f"""
ip route add default via {ROUTER} dev eth1 table 21000
ip rule add pref 21200 from {SECONDARY.private.ip} lookup 21000
"""


def table_per_eip() -> str:
    """Give each EIP its own table with its own gateway."""
    return "set -e\n" + PRIVATE_ROUTING + "".join(
        f"""
ip addr add {p.address}/{p.network.prefixlen} dev eth1 noprefixroute label eth1:e{n}
ip route add {p.gateway}/32 dev eth1 scope link src {p.address} table {21000 + n}
ip route add default via {p.gateway} dev eth1 src {p.address} onlink table {21000 + n}
ip rule add pref {21100 + n} from {p.address} lookup {21000 + n}
"""
        for n, p in enumerate(EIPS, 1)
    )  # fmt: skip


def shared_table() -> str:
    """Give all EIPs the table and the gateway of the first."""
    return f"""set -e
ip route add {GATEWAY_1}/32 dev eth1 table 21001
ip route add default via {GATEWAY_1} dev eth1 onlink table 21001
""" + "".join(
        f"""
ip addr add {p.address}/{p.network.prefixlen} dev eth1 noprefixroute
ip rule add pref {21100 + n} from {p.address} lookup 21001
"""
        for n, p in enumerate(EIPS)
    )


def spoofed_at(site: Site, gateway: object) -> int:
    """Read one gateway's counter."""
    return next(one.spoofed for one in site.world.counts() if one.gateway == gateway)


def test_the_recipe_shows_the_eips_and_none_answers(site: Site) -> None:
    """With strict reverse-path checks the question is dropped on entry, so no gateway sees an answer."""
    site.shell(RECIPE)

    assert all(f"{p.address}/" in site.shell("ip addr show eth1") for p in EIPS)
    assert site.answering() == []
    assert site.world.spoofed() == 0


def test_without_reverse_path_checks_the_answers_leave_by_the_wrong_door(site: Site) -> None:
    """The answer goes out by the primary interface with the EIP as source, and the VPC drops it."""
    site.shell(f"{RECIPE}\n{LOOSE}")

    assert site.answering() == []
    assert spoofed_at(site, ROUTER) > 0


def test_one_table_per_eip_makes_all_answer(site: Site) -> None:
    """Each EIP answers from itself by its own gateway; the primary interface does not notice."""
    main_before = site.shell("ip route show table main")

    site.shell(table_per_eip())

    assert site.settles() == [p.address for p in EIPS]
    assert pings_inside(site.world, SECONDARY.private.ip)
    assert pings_inside(site.world, PRIMARY.private.ip)
    assert site.shell("ip route show table main") == main_before
    forwarded = {one.gateway: one.forwarded for one in site.world.counts()}
    assert forwarded[GATEWAY_1] > forwarded[GATEWAY_2] > 0
    assert site.world.spoofed() == 0


def test_one_shared_table_fails_at_the_other_gateway(site: Site) -> None:
    """A gateway forwards only its own EIPs and counts the others as spoofed."""
    site.shell(shared_table())

    behind = [p.address for p in EIPS if p.gateway == GATEWAY_1]
    assert site.settles(behind) == behind
    assert spoofed_at(site, GATEWAY_1) > 0


def test_a_configured_eip_that_is_not_bound_reaches_nobody(site: Site) -> None:
    """The guest's configuration alone gives no address: the gateway neither delivers nor forwards."""
    site.shell(table_per_eip())
    site.world.unbind(EIPS[0].address)

    others = [EIPS[1].address, EIPS[2].address]
    assert site.settles(others) == others
    assert site.run(f"ping -n -c1 -W1 -I {EIPS[0].address} 198.18.0.10").exit_code != 0
    assert spoofed_at(site, GATEWAY_1) > 0


def test_an_eip_stays_with_its_interface(site: Site) -> None:
    """Another interface that takes the EIP gets nothing: packets go to the MAC that it is bound to."""
    site.shell("ip link set eth1 down")
    site.shell(f"ip addr add {EIPS[0].address}/24 dev eth0")

    assert not pings(site.world, EIPS[0].address)


def test_an_ordinary_eip_is_translated_to_the_private_address(site: Site) -> None:
    """Without the mode the guest sees only its private address, and needs no configuration."""
    ordinary = eip("198.51.100.30", PRIMARY, visible=False)
    site.world.bind(ordinary)

    assert pings(site.world, ordinary.address)
    assert answered_at(site.world, ordinary.address, 7000) == PRIMARY.private.ip


def test_the_clouds_own_services_are_reached_by_the_primary_interface(site: Site) -> None:
    """100.64.0.0/10 is the cloud's, and stays where DHCP of the primary interface put it."""
    assert "eth0" in site.shell("ip route get 100.100.2.136")
    site.shell("ping -n -c1 -W1 100.100.2.136")
