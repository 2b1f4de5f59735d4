"""Interfaces come and go, guests boot and stop, as on the cloud."""

from __future__ import annotations

import json
from ipaddress import IPv4Interface

import pytest

from localcloud.guests import Nic, World, WorldError, pings_inside
from localcloud.guests.site import EIPS, PRIMARY, ROUTER, SECONDARY, THIRD, Site, open_site

pytestmark = pytest.mark.guest


def interfaces(site: Site) -> dict[str, str]:
    """Map the guest's interfaces to their MACs."""
    links = json.loads(site.shell("ip -j link"))
    return {link["ifname"]: link["address"] for link in links if link["ifname"] != "lo"}


def test_an_eni_appears_and_disappears(world: World) -> None:
    """Attaching lets an interface with the ENI's MAC appear, with a lease; detaching takes it away."""
    site = open_site(world, plugged=False)
    assert interfaces(site) == {"eth0": PRIMARY.mac}

    site.guest.plug(SECONDARY)
    assert interfaces(site) == {"eth0": PRIMARY.mac, "eth1": SECONDARY.mac}
    assert str(SECONDARY.private) in site.shell("ip -4 addr show dev eth1 dynamic")
    assert pings_inside(world, PRIMARY.private.ip)

    site.guest.unplug(SECONDARY.eni_id)
    assert interfaces(site) == {"eth0": PRIMARY.mac}
    assert "eth1" not in site.shell("ls /sys/class/net; ip route; ps ax")


def test_the_primary_default_route_wins(site: Site) -> None:
    """A second interface brings a default route of its own, with a worse metric."""
    routes = json.loads(site.shell("ip -j route show default"))

    assert [(r["dev"], r["metric"]) for r in routes] == [("eth0", 100), ("eth1", 200)]


def test_several_enis_in_one_instance(site: Site) -> None:
    """Each further ENI takes the next free name, and a freed name is used again."""
    site.guest.plug(THIRD)
    site.guest.unplug(SECONDARY.eni_id)
    site.guest.plug(SECONDARY)

    assert interfaces(site) == {"eth0": PRIMARY.mac, "eth1": SECONDARY.mac, "eth2": THIRD.mac}


def test_two_instances_are_apart(site: Site) -> None:
    """Instances of one vSwitch reach each other and share neither files nor names."""
    other_nic = Nic("eni-other", "00:16:3e:12:e7:40", IPv4Interface("10.0.0.40/24"), ROUTER, primary=True)
    other = Site(site.world, site.world.create_guest("i-other", "linux", other_nic))
    other.guest.start()

    site.shell("echo mine > /etc/mine")
    site.shell(f"ping -n -c1 -W1 {other_nic.private.ip}")
    assert other.shell("hostname; ls /etc").splitlines()[0] == "i-other"
    assert "mine" not in other.shell("ls /etc").split()


def test_a_private_address_moves_to_another_eni(site: Site) -> None:
    """A released private address can go to another ENI at once."""
    heir = Nic("eni-heir", "00:16:3e:12:e7:09", SECONDARY.private, ROUTER)
    site.guest.unplug(SECONDARY.eni_id)
    site.guest.plug(heir)

    assert str(heir.private) in site.shell("ip -4 addr show dev eth1 dynamic")


def test_a_reboot_keeps_files_and_drops_runtime_state(site: Site) -> None:
    """After stop and start the disk is as it was; addresses, rules, processes and /run are not."""
    site.shell("echo kept > /etc/kept; touch /run/gone; ip addr add 198.51.100.11/24 dev eth1")
    site.shell("ip rule add pref 21101 from 198.51.100.11 lookup 21001; sleep 300 >/dev/null 2>&1 &")

    site.guest.stop()
    site.guest.start()

    assert site.shell("cat /etc/kept").strip() == "kept"
    assert "198.51.100.11" not in site.shell("ip addr; ip rule")
    assert "sleep 300" not in site.shell("ps ax")
    assert site.run("ls /run/gone").exit_code != 0
    assert interfaces(site) == {"eth0": PRIMARY.mac, "eth1": SECONDARY.mac}
    assert str(SECONDARY.private) in site.shell("ip -4 addr show dev eth1 dynamic")


def test_an_eni_plugged_while_stopped_is_there_after_start(world: World) -> None:
    """A stopped instance takes an ENI; its guest meets it at the next boot."""
    site = open_site(world, plugged=False)
    site.guest.stop()
    site.guest.plug(SECONDARY)
    site.guest.start()

    assert interfaces(site) == {"eth0": PRIMARY.mac, "eth1": SECONDARY.mac}


def test_plugging_twice_is_refused(site: Site) -> None:
    """The fabric says which ENI is in use."""
    with pytest.raises(WorldError, match="eni-second is plugged already"):
        site.guest.plug(SECONDARY)


def test_unplugging_what_is_not_there_is_no_error(site: Site) -> None:
    """Detaching is repeatable, and touches no other instance's ENI."""
    neighbour = site.world.create_guest("i-neighbour", "linux", THIRD)
    neighbour.unplug(SECONDARY.eni_id)
    assert SECONDARY.mac in interfaces(site).values()

    site.guest.unplug("eni-unknown")
    site.guest.unplug(SECONDARY.eni_id)
    site.guest.unplug(SECONDARY.eni_id)

    site.world.unbind(EIPS[0].address)
    site.world.unbind(EIPS[0].address)


def test_a_start_that_fails_says_why_each_time(world: World) -> None:
    """A failed start leaves nothing behind that would give the next one another reason."""
    site = open_site(world, plugged=False)
    site.shell("rmdir /old && touch /old")
    site.guest.stop()

    for _ in range(2):
        with pytest.raises(WorldError, match=r"guest i-site does not boot: mkdir: .*/old"):
            site.guest.start()
    site.guest.close()
