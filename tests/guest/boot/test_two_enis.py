"""Two ENIs of this mode on one instance, each with EIPs of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests import MANAGERS, Manager, open_world
from localcloud.guests.site import EIPS, PORT, SECONDARY, THIRD, Site, eip, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import GuestEip, GuestNic, GuestReport, Mode, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.guests import Nic, PublicAddress

pytestmark = [pytest.mark.boot, pytest.mark.timeout(400), pytest.mark.usefixtures("permitted")]

OTHERS = (eip("198.51.100.41", THIRD), eip("203.0.113.42", THIRD))


def nic(of: Nic, eips: Sequence[PublicAddress]) -> GuestNic:
    """Want these EIPs on this ENI."""
    found = tuple(GuestEip(p.address, p.network.prefixlen, p.gateway) for p in eips)
    return GuestNic(of.mac, of.private.ip, found)


def run(site: Site, mode: Mode, *nics: GuestNic) -> GuestReport:
    """Run our script, which must say that all is well."""
    report = read_answer(site.run(linux_script(mode, nics)).output)

    assert report.state is State.OK, report.problems
    return report


@pytest.mark.parametrize("manager", MANAGERS)
def test_both_survive_a_reboot_and_one_survives_the_others_release(manager: Manager) -> None:
    """Each ENI has numbers of its own, so neither disturbs the other."""
    world = open_world(manager)
    site = open_site(world)
    site.eips = (*EIPS, *OTHERS)
    for public in OTHERS:
        world.bind(public)
    site.guest.plug(THIRD)
    second, third = nic(SECONDARY, EIPS), nic(THIRD, OTHERS)

    blocks = [run(site, Mode.APPLY, one).nics[0].block for one in (second, third)]
    assert blocks == [0, 1]
    assert site.answering() == [p.address for p in site.eips]

    site.guest.stop()
    site.guest.start()
    site.guest.listen(PORT)
    assert site.settles() == [p.address for p in site.eips]

    run(site, Mode.RELEASE, second)
    assert site.answering() == [p.address for p in OTHERS]
    assert not run(site, Mode.APPLY, third).changed
    assert world.spoofed() == 0
    world.close()
