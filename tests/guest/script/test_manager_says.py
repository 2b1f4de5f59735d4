"""What only the network manager knows, and what a change through it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests.site import eip
from multieip.model.guest import Dhcp, Mode, State
from tests.guest.script.operator import Operator, booted, nic_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.guest, pytest.mark.boot]

FOREVER = "ip addr change 10.0.0.20/24 dev eth1 valid_lft forever preferred_lft forever"
MANUAL = (
    "nmcli connection modify 'cloud-init eth1' ipv4.method manual ipv4.addresses 10.0.0.20/24"
    " && nmcli connection up 'cloud-init eth1'"
)


@pytest.fixture
def managed(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """Stand at a site whose guest is run by this manager."""
    with booted(request.param, wait_s=10) as operator:
        yield operator


@pytest.mark.parametrize(
    ("managed", "change", "dhcp"),
    [
        ("networkd", FOREVER, Dhcp.YES),
        ("ifupdown", FOREVER, Dhcp.YES),
        ("networkmanager", FOREVER, Dhcp.YES),
        ("networkmanager", MANUAL, Dhcp.NO),
    ],
    indirect=["managed"],
)
def test_dhcp_is_asked_of_the_manager(managed: Operator, change: str, dhcp: Dhcp) -> None:
    """An address without a lifetime is no proof: the manager's own word says whether it came by DHCP."""
    managed.site.shell(change)

    report = managed.ask(Mode.CHECK)

    assert (report.nics[0].private_present, report.nics[0].dhcp) == (True, dhcp)


@pytest.mark.parametrize("managed", ["networkmanager"], indirect=True)
def test_networkmanager_is_told_nothing_when_a_set_changes(managed: Operator) -> None:
    """Whatever comes and goes, its journal says nothing new: no profile, no activation, no reapply."""
    eips = [eip(f"198.51.100.{n}") for n in (11, 12, 13)] + [eip(f"203.0.113.{n}") for n in (21, 22)]
    for one in eips:
        managed.site.world.bind(one)
    journal = managed.site.shell("journalctl --no-pager -o cat -u NetworkManager")
    for chosen in ((0, 1, 2, 3, 4), (3,), (0, 4), (1, 2, 3), (4,), (0, 1, 2, 3)):
        managed.site.eips = [eips[n] for n in chosen]

        report = managed.ask(Mode.APPLY, nic_of(managed.site.eips))

        assert (report.state, report.changed, report.persistent) == (State.OK, True, True), report.problems
        assert managed.site.answering() == [one.address for one in managed.site.eips]
    assert managed.site.shell("journalctl --no-pager -o cat -u NetworkManager") == journal
