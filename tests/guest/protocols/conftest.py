"""The protocols that the mode exists for, with packaged servers and clients, behind both kinds of EIP.

`translated` is an ordinary EIP: one-to-one NAT with a session table, as the far side meets it.
`visible` is the multi-EIP mode: our script has put the EIPs on the interface.

Shown here: FTP (active and passive), TFTP, SIP with its media, DNS, and RTSP with a client that does
not open the path through a NAT by itself (most do, and those fail nowhere). Not shown: H.323, for
which no server or client is packaged.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import NamespacesWorld, why_not_namespaces
from localcloud.guests.site import EIPS, PRIMARY, Site, eip, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.matrix import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address

    from localcloud.guests import Execution

# Program → package on Debian and Ubuntu.
PROGRAMS = {
    "curl": "curl",
    "vsftpd": "vsftpd",
    "dnsmasq": "dnsmasq-base",
    "dig": "bind9-dnsutils",
    "sipp": "sip-tester",
}
# A gateway admits what it was told to: the control ports of the protocols, nothing else.
SERVICES = [("tcp", 21), ("udp", 69), ("udp", 53), ("udp", 5060)]
INTERNET_HOST = "198.18.0.10"


@dataclass(frozen=True, slots=True)
class Place:
    """One instance that is known by `public` outside, and whose programs see `local`."""

    site: Site
    public: IPv4Address
    local: IPv4Address

    def outside(self, script: str, *, timeout_s: float = 20.0) -> Execution:
        """Run a script on the internet host."""
        return self.site.world.internet(["sh", "-c", script], timeout_s=timeout_s)

    def serve_inside(self, command: str, port: int) -> None:
        """Start a server in the guest and wait until it listens."""
        self.site.shell(_served(command, port))

    def serve_outside(self, command: str, port: int) -> None:
        """Start a server on the internet host and wait until it listens."""
        done = self.outside(_served(command, port))

        assert done.exit_code == 0, done.output.decode()


def _served(command: str, port: int) -> str:
    return f"""
{command} >/run/server-{port}.log 2>&1 &
turns=0
until ss -Hlntu | grep -q ':{port} '; do
  turns=$((turns + 1))
  [ $turns -lt 1000 ] || {{ cat /run/server-{port}.log; exit 1; }}
done
"""


@pytest.fixture
def protocol_world() -> Iterator[NamespacesWorld]:
    """Open a world, or skip with the reason."""
    reason = why_not_namespaces()
    if reason:
        pytest.skip(reason)
    missing = {program: package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if missing:
        pytest.skip(
            f"missing {', '.join(missing)}; install with: apt-get install {' '.join(missing.values())}"
        )
    world = NamespacesWorld()
    yield world
    world.close()


@pytest.fixture
def translated(protocol_world: NamespacesWorld) -> Place:
    """Give the instance an ordinary EIP, translated to its private address."""
    site = open_site(protocol_world, plugged=False)
    ordinary = eip("198.51.100.30", PRIMARY, visible=False)
    protocol_world.bind(ordinary)
    protocol_world.keep_sessions(SERVICES)
    return Place(site, ordinary.address, PRIMARY.private.ip)


@pytest.fixture
def visible(protocol_world: NamespacesWorld) -> Place:
    """Give the instance three EIPs in the multi-EIP mode, configured by our script."""
    site = open_site(protocol_world)
    protocol_world.keep_sessions(SERVICES)
    report = read_answer(site.run(linux_script(Mode.APPLY, [wanted(EIPS)])).output)

    assert report.state is State.OK
    return Place(site, EIPS[0].address, EIPS[0].address)
