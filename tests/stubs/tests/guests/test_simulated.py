"""Where no namespaces are permitted: a guest in memory, which says what it is and does not guess."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import WorldError, open_world
from localcloud.guests.site import Site, open_site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Site]:
    """Run one simulated Linux instance with the ENI plugged and the EIPs bound."""
    world = open_world("simulated")
    yield open_site(world)
    world.close()


def test_it_says_that_it_is_simulated(site: Site) -> None:
    """Neither the world nor the guest passes for a real one."""
    assert (site.world.kind, site.guest.kind) == ("simulated", "simulated")


@pytest.mark.parametrize(
    ("script", "code", "output"),
    [
        ("echo hello", 0, b"hello\n"),
        ("#!/bin/sh\n\ntrue\nexit 4\necho no", 4, b""),
        ("false", 1, b""),
        ("hostname", 0, b"i-site\n"),
    ],
)
def test_plain_commands(site: Site, script: str, code: int, output: bytes) -> None:
    """A few commands are understood."""
    done = site.run(script)

    assert (done.exit_code, done.output) == (code, output)


@pytest.mark.parametrize(
    "script", ["apt-get update", "echo a > /etc/x", "echo $(id)", "for i in 1; do :; done"]
)
def test_other_commands_are_refused(site: Site, script: str) -> None:
    """It does not guess what a real guest would have done."""
    done = site.run(script)

    assert done.exit_code == 127
    assert b"simulated guest" in done.output


def test_time_limits_need_no_time(site: Site) -> None:
    """A sleep is taken as done, or as cut off by the time limit."""
    assert site.run("sleep 30").duration_s == 30
    assert site.run("echo began\nsleep 100", timeout_s=60).timed_out


def test_a_stopped_guest_runs_nothing(site: Site) -> None:
    """The error names the instance."""
    site.guest.stop()

    with pytest.raises(WorldError, match="i-site is stopped"):
        site.run("true")


def test_other_programs_on_the_internet_host_are_refused(site: Site) -> None:
    """The simulated internet host answers pings and the echo question only."""
    done = site.world.internet([sys.executable, "-c", "print(1)"])

    assert done.exit_code == 127
    assert site.world.internet(["ping", str(IPv4Address("198.51.100.200"))]).exit_code == 1
