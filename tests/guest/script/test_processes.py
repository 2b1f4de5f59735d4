"""The script starts few processes: the goals of `python -m tests.bench guest` are kept."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import open_world
from localcloud.guests.site import open_site
from tests.bench.guest import costs

if TYPE_CHECKING:
    from localcloud.guests.site import Site

pytestmark = pytest.mark.guest


def _too_many(site: Site, where: str) -> list[str]:
    counts = [row for row in costs(site, where) if row.unit == "processes"]
    print([(row.name, row.measured) for row in counts])
    assert counts
    return [f"{row.name}: {row.measured} of {row.goal}" for row in counts if not row.met]


def test_ten_eips_take_few_processes(site: Site) -> None:
    """First apply 45, check 20, apply without change 25."""
    assert _too_many(site, "no manager") == []


@pytest.mark.boot
@pytest.mark.usefixtures("permitted")
def test_the_init_system_is_asked_in_the_same_number() -> None:
    """Under systemd and networkd a check and an apply without change keep the same goals."""
    with closing(open_world("networkd")) as world:
        assert _too_many(open_site(world), "networkd") == []
