"""Draws one sequence of deeds from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.guests.site import SECONDARY, THIRD, eip
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp
from tests.guest.contract.deeds import Ask, Awaited, Cut, Deed, Event, Pair

if TYPE_CHECKING:
    import random

    from localcloud.guests import Nic

NICS = (SECONDARY, THIRD)
OWN = {
    SECONDARY.eni_id: tuple(
        eip(f"{net}", SECONDARY) for net in ("198.51.100.11", "198.51.100.12", "203.0.113.21", "203.0.113.22")
    ),
    THIRD.eni_id: tuple(eip(net, THIRD) for net in ("198.51.100.41", "198.51.100.42", "203.0.113.51")),
}
MOVING = eip("203.0.113.30", SECONDARY)
"""An EIP that either ENI may be given."""
FEWEST, MOST = 3, 8
MOST_EIPS = 4
LEAN = 0.3
CALLS_EACH = 34
"""An apply that changes something calls about as many tools for each of its interfaces."""


@dataclass
class Lot:
    """Draws, and remembers what makes the next draw likely to mean something."""

    lot: random.Random
    now: int = 1000
    gone: set[str] = field(default_factory=set)
    cut: bool = False
    last: Ask | None = None

    def sequence(self) -> list[Deed]:
        """Draw three to eight deeds; the first one configures something."""
        deeds: list[Deed] = [self.apply()]
        count = self.lot.randint(FEWEST, MOST)
        while len(deeds) < count:
            deeds.append(self.deed())
        return deeds

    def deed(self) -> Deed:
        """Draw one deed."""
        kinds = {
            self.apply: 30,
            self.again: 6,
            self.check: 12,
            self.survey: 5,
            # What was cut off meets a release that ends, of its own interface or of the other one.
            self.release: 18 if self.cut else 9,
            self.killed: 14,
            # Where an interface is gone, one of the two would wait for it until the other gives up.
            self.pair: 0 if self.gone else 6,
            self.awaited: 3 if self.gone else 0,
            self.plugs: 9,
            self.event: 10,
            self.dead_man: 10 if self.cut else 0,
        }
        return self.lot.choices(list(kinds), list(kinds.values()))[0]()

    def nic(self) -> Nic:
        """Draw an interface; the first one is the usual one."""
        return self.lot.choices(NICS, (7, 3))[0]

    def wanted(self, nic: Nic) -> GuestNic:
        """Draw a wanted set of one to four EIPs, some of which are only to be kept."""
        pool = [*OWN[nic.eni_id], *([MOVING] if self.lot.random() < 0.15 else [])]
        chosen = self.lot.sample(pool, self.lot.randint(1, min(MOST_EIPS, len(pool))))
        if self.lot.random() < 0.7:
            chosen.sort(key=lambda each: each.address)
        eips = (
            GuestEip(each.address, each.network.prefixlen, each.gateway, keep=self.lot.random() < 0.25)
            for each in chosen
        )
        return GuestNic(nic.mac, nic.private.ip, tuple(eips))

    def nics(self) -> tuple[GuestNic, ...]:
        """Draw the interfaces of one command: mostly one."""
        if self.lot.random() < 0.1:
            wanted = [self.wanted(nic) for nic in self.lot.sample(NICS, 2)]
            if not {e.ip for e in wanted[0].eips} & {e.ip for e in wanted[1].eips}:
                return tuple(wanted)
        return (self.wanted(self.nic()),)

    def stamp(self) -> Stamp | None:
        """Draw a look: mostly a newer one, else the same, an older one, or none."""
        run = f"r{self.lot.randint(1, 2)}"
        match self.lot.choices(("newer", "equal", "older", "none"), (60, 12, 12, 16))[0]:
            case "none":
                return None
            case "equal":
                return Stamp(self.now, run)
            case "older":
                return Stamp(self.now - self.lot.randint(1, 20), run)
        self.now += self.lot.randint(1, 20)
        return Stamp(self.now, run)

    def apply(self) -> Ask:
        """Draw an apply; some come from a look that may have missed what is bound."""
        self.last = Ask(Mode.APPLY, self.nics(), self.stamp(), lean=self.lot.random() < LEAN)
        return self.last

    def again(self) -> Ask:
        """Send the last command again, as after an answer that was lost."""
        return self.last or self.apply()

    def check(self) -> Ask:
        """Draw a check, mostly of the set that was applied last."""
        if self.last is not None and self.lot.random() < 0.6:
            return Ask(Mode.CHECK, self.last.nics)
        return Ask(Mode.CHECK, self.nics())

    def survey(self) -> Ask:
        """Look at everything."""
        return Ask(Mode.CHECK)

    def release(self) -> Ask:
        """Draw a release; it names EIPs or none."""
        nics = self.nics()
        if self.lot.random() < 0.5:
            nics = tuple(GuestNic(nic.mac, nic.private, ()) for nic in nics)
        self.last = Ask(Mode.RELEASE, nics, self.stamp())
        return self.last

    def write(self) -> Ask:
        """Draw a command that takes the lock."""
        return self.apply() if self.lot.random() < 0.7 else self.release()

    def killed(self) -> Cut:
        """Draw a command that does not come to its end."""
        self.cut = True
        ask = self.write()
        return Cut(ask, self.lot.randint(1, CALLS_EACH * len(ask.nics)))

    def pair(self) -> Pair:
        """Draw two commands at once."""
        return Pair(self.write(), self.write())

    def awaited(self) -> Awaited:
        """Draw a command for an interface that is gone and comes back."""
        nic = next(nic for nic in NICS if nic.eni_id in self.gone)
        self.gone.discard(nic.eni_id)
        lean = self.lot.random() < LEAN
        first = self.last = Ask(Mode.APPLY, (self.wanted(nic),), self.stamp(), lean=lean)
        return Awaited(first, self.write(), nic)

    def plugs(self) -> Event:
        """Take an interface away, or give one back."""
        nic = next((nic for nic in NICS if nic.eni_id in self.gone), None)
        if nic is None:
            nic = self.nic()
            self.gone.add(nic.eni_id)
            return Event("gone", nic)
        self.gone.discard(nic.eni_id)
        return Event("back", nic)

    def event(self) -> Event:
        """Draw what happens to an interface that is there, or to the instance."""
        there = [nic for nic in NICS if nic.eni_id not in self.gone]
        what = self.lot.choices(("carrier", "flap", "taken away", "reboot"), (2, 3, 4, 3))[0]
        if what == "reboot" or not there:
            return Event("reboot")
        nic = self.lot.choice(there)
        if what == "taken away":
            return Event("taken away", nic, self.lot.choice(OWN[nic.eni_id]).address)
        return Event("carrier" if what == "carrier" else "flap", nic)

    def dead_man(self) -> Event:
        """Let the time be over after which a run that was cut off is undone."""
        return Event("dead man")
