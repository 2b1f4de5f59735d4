"""A name server that gives its own address gives the one that it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests import pings
from localcloud.guests.site import EIPS

if TYPE_CHECKING:
    from tests.guest.protocols.conftest import Place

pytestmark = pytest.mark.guest


def ask(place: Place, *interfaces: str) -> set[str]:
    """Ask the guest's name server, from the internet host, for its own address."""
    name = "srv.zone.test"
    own = " ".join(f"--interface-name={name},{interface}" for interface in interfaces)
    place.serve_inside(
        f"dnsmasq -k -C /dev/null --user=root --group= --pid-file= --no-resolv --no-hosts {own}",
        53,
    )
    done = place.outside(f"dig +short +time=2 +tries=1 @{place.public} {name} A")

    assert done.exit_code == 0, done.output.decode()
    return set(done.output.decode().split())


def test_private_behind_translation(translated: Place) -> None:
    """The answer is an address that means nothing to the one who asked."""
    assert ask(translated, "eth0") == {str(translated.local)}


def test_public_with_the_eip_on_the_interface(visible: Place) -> None:
    """The answer names the EIPs, and they answer."""
    # This server knows labelled addresses by their label.
    answer = ask(visible, "eth1", *(f"eth1:e{n}" for n, _ in enumerate(EIPS, 1)))

    assert {str(p.address) for p in EIPS} <= answer
    assert all(pings(visible.site.world, p.address) for p in EIPS)
