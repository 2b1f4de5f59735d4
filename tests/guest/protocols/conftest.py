"""The protocols that the mode exists for, each with a server and a client, behind both kinds of EIP.

`translated` is an ordinary EIP: one-to-one NAT with a session table, as the far side meets it.
`visible` is the multi-EIP mode: our script has put the EIPs on the interface.

Shown here: FTP (active and passive), TFTP, SIP with its media and DNS with packaged programs; RTSP and
H.323 with small programs of the tests' own, as no packaged pair keeps to the addresses of the answers
(RTSP) or exists at all (H.323).
"""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from localcloud.guests import NamespacesWorld, why_not_namespaces
from localcloud.guests.site import EIPS, PRIMARY, Site, eip, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.matrix import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Address

    from localcloud.guests import Execution

# What runs in a guest is the distribution's Python: neither ours nor its packages are in a guest's files.
PYTHON = "/usr/bin/python3"
# Program → package on Debian and Ubuntu.
PROGRAMS = {
    "curl": "curl",
    "vsftpd": "vsftpd",
    "dnsmasq": "dnsmasq-base",
    "dig": "bind9-dnsutils",
    "sipp": "sip-tester",
    PYTHON: "python3",
}
# A gateway admits what it was told to: the control ports of the protocols, nothing else.
SERVICES = [("tcp", 21), ("udp", 69), ("udp", 53), ("udp", 5060), ("tcp", 554), ("tcp", 1720)]
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

    def carry_in(self, file: Path) -> str:
        """Copy a file of the machine into the guest and give its path there."""
        text = base64.encodebytes(file.read_bytes()).decode()
        self.site.shell(f"base64 -d >/run/{file.name} <<'END'\n{text}END\n")
        return f"/run/{file.name}"


def packed(program: Path, folder: Path, libraries: Sequence[str] = ()) -> Path:
    """Put a program and what it needs into one file that any Python runs.

    Libraries are patterns of installed files.
    """
    archive = folder / f"{program.stem}.pyz"
    with ZipFile(archive, "w", ZIP_DEFLATED) as out:
        out.write(program, "__main__.py")
        out.write(program.with_name("rtp.py"), "rtp.py")
        for pattern in libraries:
            spec = importlib.util.find_spec(pattern.partition("/")[0])
            assert spec, f"{pattern} is not installed"
            assert spec.origin
            installed = Path(spec.origin).parents[1]
            for file in sorted(installed.glob(pattern)):
                out.write(file, file.relative_to(installed))
    return archive


def read_report(done: Execution) -> dict[str, object]:
    """Read what such a program has printed; one that has failed fails the test with what it said."""
    assert done.exit_code == 0, done.output.decode()
    report: dict[str, object] = json.loads(done.output)
    return report


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
