"""Whole systems boot with each network manager, and keep the EIPs through everything that happens to them."""

from __future__ import annotations

import pytest

from localcloud.guests import MANAGERS, Manager, open_world
from localcloud.guests.site import EIPS, SECONDARY, open_site
from tests.guest import matrix

# The first run makes the disk.
pytestmark = [pytest.mark.boot, pytest.mark.timeout(400), pytest.mark.usefixtures("permitted")]


@pytest.mark.parametrize("manager", MANAGERS)
def test_the_eips_survive(manager: Manager) -> None:
    """Apply, change, reboot, flap, renew, reconfigure, release: each leaves the guest as it should be."""
    cells = list(matrix.run(manager))

    assert [cell.step for cell in cells] == [*(step.__name__ for step in matrix.STEPS), "gateways"]
    assert [f"{cell.step}: {cell.broken}" for cell in cells if cell.broken] == []


def test_what_is_set_by_hand_does_not_survive() -> None:
    """The matrix can fail: addresses without configuration of their manager are gone after a reboot."""
    world = open_world("networkd")
    site = open_site(world)
    site.shell(f"ip addr add {EIPS[0].address}/24 dev eth1")

    site.guest.stop()
    site.guest.start()

    assert str(EIPS[0].address) not in site.shell("ip addr")
    assert str(SECONDARY.private) in site.shell("ip addr show dev eth1 dynamic")
    world.close()


@pytest.mark.parametrize("manager", MANAGERS)
def test_an_image_runs_its_manager_and_no_other(manager: Manager) -> None:
    """Each image has one manager, which configures an ENI when it is plugged and forgets it when it goes."""
    world = open_world(manager)
    site = open_site(world)
    running = {
        "networkd": "systemctl is-active systemd-networkd",
        "netplan": "systemctl is-active systemd-networkd && ls /run/systemd/network/10-netplan-eth1.network",
        "networkmanager": "systemctl is-active NetworkManager",
        "ifupdown": "systemctl is-active networking && ifquery --state eth1",
    }

    site.shell(running[manager])
    others = {"systemd-networkd", "NetworkManager", "networking"} - set(running[manager].split())
    assert all(site.run(f"systemctl is-active {unit}").exit_code != 0 for unit in others)
    assert "degraded" not in site.run("systemctl is-system-running").output.decode()

    site.guest.unplug(SECONDARY.eni_id)
    assert "eth1" not in site.shell("ls /sys/class/net; ip route")
    world.close()
