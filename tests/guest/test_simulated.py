"""Where no namespaces are permitted: a guest in memory that answers our script as a real one does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import Command, answered_at, open_world, pings, pings_inside
from localcloud.guests.site import EIPS, PORT, PRIMARY, SECONDARY, Site, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.guest.windows_script import windows_script
from multieip.model.guest import Dhcp, GuestEip, GuestNic, GuestReport, Mode, Stamp, State

if TYPE_CHECKING:
    from collections.abc import Iterator

WANTED = GuestNic(
    SECONDARY.mac,
    SECONDARY.private.ip,
    tuple(GuestEip(p.address, p.network.prefixlen, p.gateway) for p in EIPS),
)


@pytest.fixture
def site() -> Iterator[Site]:
    """Run one simulated Linux instance with the ENI plugged and the EIPs bound."""
    world = open_world("simulated")
    yield open_site(world)
    world.close()


def ask(site: Site, mode: Mode, wanted: GuestNic = WANTED) -> GuestReport:
    """Run our script and read what it answers."""
    return read_answer(site.run(linux_script(mode, [wanted])).output)


def test_it_says_that_it_is_simulated(site: Site) -> None:
    """Neither the world, nor the guest, nor an answer passes for a real one."""
    assert site.world.kind == "simulated"
    assert site.guest.kind == "simulated"
    assert ask(site, Mode.CHECK).simulated


def test_apply_check_and_release(site: Site) -> None:
    """The script's modes do in memory what they do in a guest."""
    assert ask(site, Mode.CHECK).state is State.DIFFERS
    first, second, checked = (ask(site, mode) for mode in (Mode.APPLY, Mode.APPLY, Mode.CHECK))

    assert (first.changed, second.changed, checked.changed) == (True, False, False)
    assert first.state is second.state is checked.state is State.OK
    assert all(report.ok for report in checked.nics[0].eips)
    assert checked.nics[0].dhcp is Dhcp.YES
    assert [str(address) for address in checked.nics[0].addresses] == [
        "10.0.0.20/24",
        "198.51.100.11/24",
        "198.51.100.12/24",
        "203.0.113.21/25",
    ]

    assert ask(site, Mode.RELEASE).changed
    assert not ask(site, Mode.RELEASE).changed
    assert ask(site, Mode.CHECK).state is State.DIFFERS


def test_the_wanted_set_is_the_whole_set(site: Site) -> None:
    """An EIP that is no longer wanted goes."""
    ask(site, Mode.APPLY)
    fewer = GuestNic(WANTED.mac, WANTED.private, WANTED.eips[1:])

    assert ask(site, Mode.APPLY, fewer).changed
    assert site.answering() == [EIPS[1].address, EIPS[2].address]


def test_an_older_set_is_refused(site: Site) -> None:
    """A set of an earlier look, or another one of the same look, changes nothing and learns the newer one."""

    def apply(eips: int, asof: int, mode: Mode = Mode.APPLY) -> GuestReport:
        nic = replace(WANTED, eips=WANTED.eips[:eips])
        return read_answer(site.run(linux_script(mode, [nic], stamp=Stamp(asof, f"r{asof}"))).output)

    assert apply(2, 20).state is State.OK
    assert apply(2, 20).state is State.OK
    for late in (apply(3, 19), apply(3, 20), apply(0, 19, Mode.RELEASE)):
        assert (late.state, late.changed) == (State.OLDER, False)
        assert late.held is not None
        assert (late.held.stamp, late.held.eips) == (Stamp(20, "r20"), WANTED.eips[:2])
    assert apply(0, 21, Mode.RELEASE).state is State.OK
    assert apply(3, 20).state is State.OLDER
    assert apply(3, 22).nics[0].stamp == Stamp(22, "r22")


def test_a_lean_set_takes_nothing_out(site: Site) -> None:
    """One that does not name what the guest has is refused, and the answer tells the whole set."""

    def apply(eips: int, asof: int) -> GuestReport:
        nic, stamp = replace(WANTED, eips=WANTED.eips[:eips]), Stamp(asof, f"r{asof}")
        return read_answer(site.run(linux_script(Mode.APPLY, [nic], stamp=stamp, lean=True)).output)

    assert apply(2, 20).state is State.OK
    refused = apply(1, 21)
    assert (refused.state, refused.changed) == (State.UNNAMED, False)
    assert refused.held is not None
    assert (refused.held.stamp, refused.held.eips) == (Stamp(20, "r20"), WANTED.eips[:2])
    assert site.answering() == [EIPS[0].address, EIPS[1].address]
    assert apply(3, 22).changed


def test_what_is_only_to_be_kept_is_not_added(site: Site) -> None:
    """An EIP of no consent stays where it is, and does not come where it is not."""
    keep = replace(WANTED, eips=(WANTED.eips[0], replace(WANTED.eips[1], keep=True)))

    assert [eip.ip for eip in ask(site, Mode.APPLY, keep).nics[0].eips] == [EIPS[0].address]
    ask(site, Mode.APPLY)
    assert [eip.ip for eip in ask(site, Mode.APPLY, keep).nics[0].eips] == [e.address for e in EIPS[:2]]
    assert ask(site, Mode.CHECK, keep).state is State.OK


def test_an_absent_interface_fails_and_changes_nothing(site: Site) -> None:
    """The answer names the MAC."""
    site.guest.unplug(SECONDARY.eni_id)
    done = site.run(linux_script(Mode.APPLY, [WANTED]))
    report = read_answer(done.output)

    assert done.exit_code != 0
    assert report.state is State.FAILED
    assert not report.changed
    assert SECONDARY.mac in report.problems[0].text


def test_a_survey_reports_every_interface(site: Site) -> None:
    """One content without a wanted set serves any guest; what is kept comes first."""
    ask(site, Mode.APPLY)
    report = read_answer(site.run(linux_script(Mode.CHECK, [], survey=True)).output)

    assert [nic.mac for nic in report.nics] == [SECONDARY.mac, PRIMARY.mac]
    assert [eip.ip for eip in report.nics[0].eips] == [p.address for p in EIPS]


def test_an_eip_answers_when_it_is_bound_and_configured(site: Site) -> None:
    """Both halves are needed, and the guest must run."""
    assert site.answering() == []
    ask(site, Mode.APPLY)
    assert site.answering() == [p.address for p in EIPS]
    assert pings_inside(site.world, SECONDARY.private.ip)

    site.world.unbind(EIPS[0].address)
    assert not pings(site.world, EIPS[0].address)
    site.guest.stop()
    assert site.answering() == []


def test_configuration_survives_a_reboot(site: Site) -> None:
    """Addresses come back with the guest, listening programs do not."""
    ask(site, Mode.APPLY)
    site.guest.stop()
    site.guest.start()

    assert pings(site.world, EIPS[0].address)
    assert answered_at(site.world, EIPS[0].address, PORT) is None


def test_a_windows_guest_answers_the_windows_script() -> None:
    """Windows exists only as a simulation, in each kind of world."""
    world = open_world("simulated")
    guest = world.create_guest("i-windows", "windows", PRIMARY)
    guest.start()
    guest.plug(SECONDARY)
    wanted = GuestNic(WANTED.mac, WANTED.private, WANTED.eips[:2])

    done = guest.run(Command("RunPowerShellScript", windows_script(Mode.APPLY, [wanted]).encode()))
    report = read_answer(done.output)

    assert report.simulated
    assert [eip.present for eip in report.nics[0].eips] == [True, True]
    assert report.nics[0].name == "Ethernet 2"
    assert guest.run(Command("RunShellScript", b"true")).exit_code != 0
    world.close()
