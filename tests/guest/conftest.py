"""Worlds of namespaces for the guest tests: one per test, gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests import WorldError, disk, open_world, why_not_booted, why_not_namespaces
from localcloud.guests.site import Site, open_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.guests import World


@pytest.fixture
def world() -> Iterator[World]:
    """Open a world of namespaces, or skip with the reason why there can be none."""
    reason = why_not_namespaces()
    if reason:
        pytest.skip(reason)
    opened = open_world("namespaces")
    yield opened
    opened.close()


@pytest.fixture
def site(world: World) -> Site:
    """Run one instance with an ENI plugged and three EIPs bound to it; nothing configured in the guest."""
    return open_site(world)


@pytest.fixture
def permitted() -> None:
    """Skip with the reason where nothing can be booted."""
    reason = why_not_booted()
    if reason:
        pytest.skip(reason)
    try:
        disk()
    except WorldError as fault:
        # It comes from a package mirror, which may be out of reach.
        pytest.skip(str(fault))
