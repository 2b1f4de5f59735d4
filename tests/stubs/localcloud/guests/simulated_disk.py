"""What a simulated guest has of ours: files that last, what the kernel has, and the keeper between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from ipaddress import IPv4Address

    from localcloud.guests.base import Nic
    from localcloud.guests.simulated_script import Stamp


@dataclass(frozen=True, slots=True)
class Line:
    """One EIP that is kept for an ENI, with the number of its table; `-` is on its way out."""

    ip: IPv4Address
    plen: int
    gateway: IPv4Address
    slot: int
    word: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The file of one ENI. A released one has no block, and no more than the time of its last look."""

    private: IPv4Address | None = None
    block: int | None = None
    eips: tuple[Line, ...] = ()
    gone: tuple[Line, ...] = ()
    stamp: Stamp | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that has a number here, what is on its way out behind the rest."""
        return self.eips + self.gone

    def like(self, other: Kept) -> bool:
        """Whether both keep the same, whichever look they come from."""
        return replace(self, stamp=None) == replace(other, stamp=None)

    def text(self) -> str:
        """Write it: interface, look, EIPs, and what is on its way out."""
        parts = [f"nic {self.private} {self.block}"] if self.block is not None else []
        parts += [f"asof {self.stamp.asof} {self.stamp.run}"] if self.stamp else []
        for kind, lines in (("eip", self.eips), ("gone", self.gone)):
            parts += [f"{kind} {e.ip} {e.plen} {e.gateway} {e.slot} {e.word}" for e in lines]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Way:
    """The way back of a run that has not ended: its name, its boot, and what was kept before."""

    token: int
    boot: int
    before: Kept | None


EMPTY = Kept()
Standing = dict["IPv4Address", Line]


@dataclass
class Disk:
    """The guest's interfaces, files, addresses and rules, by MAC."""

    nics: list[Nic] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, Standing] = field(default_factory=dict)
    rules: dict[str, set[IPv4Address]] = field(default_factory=dict)
    routeless: set[IPv4Address] = field(default_factory=set)
    """EIPs whose routes went when their interface was down, and that nobody has mended."""
    kept: dict[str, Kept] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    program: bool = False
    """Whether the program that keeps and undoes is on the disk."""
    enabled: bool = False
    """Whether the init system runs the keeper."""
    dead_men: list[int] = field(default_factory=list)
    """The runs that were cut off and for which a process waits that undoes them."""
    boot: int = 0
    runs: int = 0

    def plug(self, nic: Nic) -> None:
        """Give a new interface the lowest name that is free; what is kept for it comes back."""
        mac, taken = nic.mac.lower(), set(self.names.values())
        self.nics.append(nic)
        self.names[mac] = next(name for at in range(len(taken) + 1) if (name := f"eth{at}") not in taken)
        self.keeper_looks()

    def unplug(self, eni_id: str) -> None:
        """Let an interface go, and its addresses with it; rules name no interface and stay."""
        for nic in [nic for nic in self.nics if nic.eni_id == eni_id]:
            self.nics.remove(nic)
            self.names.pop(nic.mac.lower())
            self.routeless -= self.addresses.pop(nic.mac.lower(), {}).keys()

    def flap(self, mac: str) -> None:
        """Take the interface down and up: addresses and rules stay, and the routes of its tables go."""
        self.routeless |= self.addresses.get(mac, {}).keys()
        self.keeper_looks()

    def start(self) -> None:
        """Boot: only files are left, and the keeper makes what they say."""
        self.boot += 1
        self.addresses.clear()
        self.rules.clear()
        self.routeless.clear()
        self.dead_men.clear()
        self.names = {nic.mac.lower(): f"eth{at}" for at, nic in enumerate(self.nics)}
        self.keeper_looks()

    def keeper_looks(self) -> None:
        """Put back what is kept and missing; the keeper only adds."""
        if not self.enabled:
            return
        for mac, kept in self.kept.items():
            if not kept.eips:
                continue
            self.rules.setdefault(mac, set()).update(line.ip for line in kept.eips)
            if self.nic(mac) is not None:
                here = self.addresses.setdefault(mac, {})
                self.addresses[mac] = {line.ip: line for line in kept.eips} | here
                self.routeless -= {line.ip for line in kept.eips}

    def nic(self, mac: str) -> Nic | None:
        """Find a plugged interface."""
        return next((nic for nic in self.nics if nic.mac.lower() == mac), None)

    def held(self, mac: str) -> Kept:
        """Give what is kept for an ENI; nothing where it has no file."""
        return self.kept.get(mac, EMPTY)

    def stands(self, mac: str, line: Line) -> bool:
        """Whether an EIP has all that it needs."""
        there = self.addresses.get(mac, {}).get(line.ip)
        return (
            there is not None
            and (there.plen, there.gateway) == (line.plen, line.gateway)
            and line.ip in self.rules.get(mac, ())
            and line.ip not in self.routeless
        )

    def differs(self, mac: str, eips: Sequence[Line], gone: Iterable[Line]) -> bool:
        """Whether the kernel has anything else than these; without an interface there are rules only."""
        here, rules = self.addresses.get(mac, {}), self.rules.get(mac, set())
        if any(line.ip in here or line.ip in rules for line in gone):
            return True
        if self.nic(mac) is None:
            return any(line.ip not in rules for line in eips)
        return not all(self.stands(mac, line) for line in eips)

    def make(self, mac: str, eips: Sequence[Line], gone: Iterable[Line]) -> None:
        """Put these into the kernel and take those out of it."""
        out = {line.ip for line in gone}
        rules = self.rules.setdefault(mac, set())
        rules -= out
        rules |= {line.ip for line in eips}
        if self.nic(mac) is not None:
            here = self.addresses.get(mac, {})
            stay = {ip: line for ip, line in here.items() if ip not in out}
            self.addresses[mac] = stay | {line.ip: line for line in eips}
            self.routeless -= out | self.addresses[mac].keys()

    def elsewhere(self, mac: str, ip: IPv4Address) -> str | None:
        """Name another interface that has the address."""
        for nic in self.nics:
            other = nic.mac.lower()
            if other != mac and (nic.private.ip == ip or ip in self.addresses.get(other, ())):
                return self.names[other]
        return None

    def undo(self, mac: str) -> Iterator[None]:
        """Make what was kept before the run that has left a way back, write for write, and close the way."""
        way = self.ways.get(mac)
        if way is None:
            return
        going, before = self.held(mac), way.before
        if before is None:
            self.kept.pop(mac, None)
        else:
            self.kept[mac] = before
        yield
        old = (before or EMPTY).eips
        stay = {line.ip for line in old}
        lines = going.lines + (before or EMPTY).gone
        self.make(mac, old, [line for line in lines if line.ip not in stay])
        yield
        del self.ways[mac]

    def keeper_ends(self) -> bool:
        """Whether no ENI has a set any more, and no run of this boot is to be undone."""
        undone = any(way.boot == self.boot for way in self.ways.values())
        return not undone and not any(kept.eips for kept in self.kept.values())

    def files(self) -> dict[str, str]:
        """Write each ENI's file as one text, as the script writes it, without what is the same in all."""
        return {mac: kept.text() for mac, kept in sorted(self.kept.items())}

    def dead_man_acts(self, token: int) -> None:
        """Undo what the run of this name has left, where somebody waits to do that."""
        if token not in self.dead_men:
            return
        self.dead_men.remove(token)
        if not self.program:
            return
        for mac in sorted(mac for mac, way in self.ways.items() if way.token == token):
            for _ in self.undo(mac):
                pass
        if self.keeper_ends():
            self.enabled = self.program = False
