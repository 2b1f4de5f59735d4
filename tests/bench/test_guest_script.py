"""How long the guest script takes inside a guest, with ten EIPs on two gateways."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import open_world, why_not_booted, why_not_namespaces
from localcloud.guests.site import SECONDARY, eip, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import GuestEip, GuestNic, GuestReport, Mode, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.guests.site import Site

pytestmark = [pytest.mark.bench, pytest.mark.guest]

EIPS = [eip(f"198.51.100.{n}") for n in range(11, 16)] + [eip(f"203.0.113.{n}") for n in range(21, 26)]
TEN = GuestNic(
    SECONDARY.mac,
    SECONDARY.private.ip,
    tuple(GuestEip(e.address, e.network.prefixlen, e.gateway) for e in EIPS),
)


def timed(site: Site, mode: Mode) -> tuple[float, GuestReport]:
    """Run a mode and give its seconds in the guest with its answer."""
    done = site.run(linux_script(mode, [TEN]))
    report = read_answer(done.output)

    assert report.state is State.OK, report.problems
    return done.duration_s, report


@pytest.fixture
def site() -> Iterator[Site]:
    """Stand at a site whose guest no manager runs."""
    reason = why_not_namespaces()
    if reason:
        pytest.skip(reason)
    world = open_world("namespaces")
    yield open_site(world)
    world.close()


def test_check_and_apply_without_change_are_quick(site: Site) -> None:
    """The middle of five runs: check under 150 ms, apply without change under 250 ms."""
    first, _ = timed(site, Mode.APPLY)
    checks = [timed(site, Mode.CHECK)[0] for _ in range(5)]
    applies = [timed(site, Mode.APPLY) for _ in range(5)]

    print(f"\nfirst {first * 1e3:.0f} ms, check {median(checks) * 1e3:.0f} ms", end=", ")
    print(f"apply without change {median(seconds for seconds, _ in applies) * 1e3:.0f} ms")
    assert not any(report.changed for _, report in applies)
    assert median(checks) < 0.150
    assert median(seconds for seconds, _ in applies) < 0.250


@pytest.mark.boot
@pytest.mark.parametrize("manager", ["networkd", "networkmanager"])
def test_ten_eips_through_a_manager(manager: str) -> None:
    """Ten EIPs at once under 1.5 s, a check under 150 ms and an apply without change under 250 ms."""
    reason = why_not_booted()
    if reason:
        pytest.skip(reason)
    world = open_world(manager)  # type: ignore[arg-type]  # the parameter is one of the kinds
    site = open_site(world)

    first, report = timed(site, Mode.APPLY)
    check = median(timed(site, Mode.CHECK)[0] for _ in range(3))
    again = median(timed(site, Mode.APPLY)[0] for _ in range(3))

    world.close()
    print(
        f"\n{manager}: ten EIPs {first * 1e3:.0f} ms, check {check * 1e3:.0f} ms, again {again * 1e3:.0f} ms"
    )
    assert report.persistent
    assert first < 1.5
    assert check < 0.150
    assert again < 0.250
