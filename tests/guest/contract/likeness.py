"""The simulated guest at the same place as the real one, and what stands in it in the same words."""

from __future__ import annotations

import copy
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from localcloud.guests import Command, SimulatedGuest, open_world, pings
from localcloud.guests.site import PRIMARY
from tests.guest.contract.drawing import MOVING, OWN
from tests.guest.contract.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.guests import Execution, Nic
    from tests.guest.contract.deeds import Ask, Event

MOST_WRITES = 40
"""More than any drawn command makes."""


class Likeness:
    """One simulated instance with two ENIs."""

    def __init__(self, order: list[Nic], names: dict[str, str]) -> None:
        """Boot it as the real one is: its interfaces in this order and with these names."""
        self.world = open_world("simulated")
        guest = self.world.create_guest("i-contract", "linux", PRIMARY)
        assert isinstance(guest, SimulatedGuest)
        self.guest = guest
        self.guest.start()
        for public in (*(each for eips in OWN.values() for each in eips), MOVING):
            self.world.bind(public)
        for nic in order:
            if not nic.primary:
                self.guest.plug(nic)
        self.guest.disk.names = dict(names)

    def ask(self, ask: Ask) -> bytes:
        """Run a command."""
        return self._run(ask).output

    def awaited(self, first: Ask, second: Ask, nic: Nic) -> tuple[bytes, bytes]:
        """Run the first, the second while the first waits for the ENI, if it does; then let the ENI come."""
        ended = self._run(first)
        if ended.waiting:
            ended.waiting.goes_on()
        met = self._run(second).output
        self.guest.plug(nic)
        return (self._run(first) if ended.waiting else ended).output, met

    def _run(self, ask: Ask) -> Execution:
        return self.guest.run(_command(ask))

    def cuts(self, ask: Ask) -> Iterator[None]:
        """Bring about every state that a kill of the command can leave, the last being that of its end."""
        before = self.guest.disk
        for writes in range(MOST_WRITES):
            self.guest.disk = copy.deepcopy(before)
            self.guest.cut_off(_command(ask), writes)
            yield

    def happens(self, event: Event) -> None:
        """Let something happen that is no command."""
        guest = self.guest
        if event.what == "reboot":
            guest.stop()
            guest.start()
        elif event.what == "dead man":
            for token in tuple(guest.disk.dead_men):
                guest.disk.dead_man_acts(token)
        elif event.what == "gone" and event.nic:
            guest.unplug(event.nic.eni_id)
        elif event.what == "back" and event.nic:
            guest.plug(event.nic)
        elif event.what == "flap" and event.nic:
            guest.flap(event.nic)
        elif event.what == "taken away" and event.ip:
            guest.take_away(event.ip)

    def look(self) -> Standing:
        """Let the keeper look once, and see what stands."""
        disk = self.guest.disk
        disk.keeper_looks()
        there = sorted({str(ip) for each in disk.addresses.values() for ip in each})
        asked = [each for each in there if each != str(MOVING.address)]
        return Standing(
            names=dict(disk.names),
            kept=disk.files(),
            ways=tuple(sorted(disk.ways)),
            program=disk.program,
            enabled=disk.enabled,
            dead_men=len(disk.dead_men),
            addresses={
                mac: tuple(sorted(f"{line.ip}/{line.plen}" for line in each.values()))
                for mac, each in sorted(disk.addresses.items())
                if each
            },
            rules=tuple(sorted(str(ip) for each in disk.rules.values() for ip in each)),
            answering=tuple(each for each in asked if pings(self.world, IPv4Address(each))),
        )


def _command(ask: Ask) -> Command:
    return Command("RunShellScript", ask.content().encode())
