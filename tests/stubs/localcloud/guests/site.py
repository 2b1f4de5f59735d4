"""The usual place of tests with guests: one instance, one ENI, three EIPs on two gateways."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from localcloud.guests import Command, Execution, Nic, PublicAddress, answered_at, pings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.guests import Guest, World

__all__ = [
    "EIPS",
    "GATEWAY_1",
    "GATEWAY_2",
    "PORT",
    "PRIMARY",
    "ROUTER",
    "SECONDARY",
    "SETTLE_S",
    "THIRD",
    "Site",
    "eip",
    "open_site",
]

PORT = 7000
SETTLE_S = 60.0
ROUTER = IPv4Address("10.0.0.253")
PRIMARY = Nic("eni-primary", "00:16:3e:12:e7:00", IPv4Interface("10.0.0.19/24"), ROUTER, primary=True)
SECONDARY = Nic("eni-second", "00:16:3e:12:e7:01", IPv4Interface("10.0.0.20/24"), ROUTER)
THIRD = Nic("eni-third", "00:16:3e:12:e7:02", IPv4Interface("10.0.0.21/24"), ROUTER)

GATEWAY_1 = IPv4Address("198.51.100.1")
GATEWAY_2 = IPv4Address("203.0.113.1")
NETWORK_1 = IPv4Network("198.51.100.0/24")
NETWORK_2 = IPv4Network("203.0.113.0/25")


def eip(address: str, nic: Nic = SECONDARY, *, visible: bool = True) -> PublicAddress:
    """Bind this EIP to an interface, with the gateway of its subnet."""
    ip = IPv4Address(address)
    network, gateway = (NETWORK_1, GATEWAY_1) if ip in NETWORK_1 else (NETWORK_2, GATEWAY_2)
    return PublicAddress(ip, gateway, network, nic.eni_id, nic.private.ip, visible)


EIPS = (eip("198.51.100.11"), eip("198.51.100.12"), eip("203.0.113.21"))


@dataclass
class Site:
    """A world with one running instance."""

    world: World
    guest: Guest
    eips: Sequence[PublicAddress] = field(default=EIPS)

    def run(self, script: str, *, timeout_s: float = 60.0) -> Execution:
        """Run a script in the guest as Cloud Assistant would."""
        return self.guest.run(Command("RunShellScript", script.encode(), timeout_s))

    def shell(self, script: str) -> str:
        """Run a script in the guest that must succeed, and give what it said."""
        done = self.run(script)

        assert done.exit_code == 0, done.output.decode()
        return done.output.decode()

    def answering(self) -> list[IPv4Address]:
        """List the EIPs that answer a ping and a TCP connection, the latter at the EIP itself."""
        with ThreadPoolExecutor() as pool:
            answers = pool.map(self._answers, self.eips)
            return [public.address for public, answer in zip(self.eips, answers, strict=True) if answer]

    def settles(self, expected: Sequence[IPv4Address] | None = None) -> list[IPv4Address]:
        """List the EIPs that answer as soon as it is these (by default all), or when the time is over."""
        deadline = time.monotonic() + SETTLE_S
        wanted = [public.address for public in self.eips] if expected is None else list(expected)
        while (answering := self.answering()) != wanted and time.monotonic() < deadline:
            pass
        return answering

    def _answers(self, public: PublicAddress) -> bool:
        return (
            pings(self.world, public.address)
            and answered_at(self.world, public.address, PORT) == public.address
        )


def open_site(world: World, *, plugged: bool = True) -> Site:
    """Start the instance; with `plugged` the EIPs are bound and the ENI is in it."""
    guest = world.create_guest("i-site", "linux", PRIMARY)
    guest.start()
    if plugged:
        for public in EIPS:
            world.bind(public)
        guest.plug(SECONDARY)
        guest.listen(PORT)
    return Site(world, guest)
