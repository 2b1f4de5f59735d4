"""One Windows with a primary interface and an ENI, and what a run asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from localcloud.guests.windows import Adapter, Address, Lease, PlayedWindows, Ran, Route, Switches
from multieip.guest.answer import read_answer
from multieip.guest.windows_script import windows_script
from multieip.model.guest import GuestEip, GuestNic, GuestReport, Mode, Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

MAC = "00:16:3e:12:e7:01"
GATEWAY, OTHER_GATEWAY = "198.51.100.1", "203.0.113.1"
EIPS = ("198.51.100.11", "198.51.100.12")
OTHER_EIPS = ("203.0.113.11", "203.0.113.12")
CLIENT = "192.0.2.1"


def wanted(
    eips: Sequence[str] = EIPS, *, keep: Sequence[str] = (), mac: str = MAC, private: str = "10.0.1.20"
) -> GuestNic:
    """Return a wanted set; the gateway is the first address of each EIP's /24."""
    return GuestNic(
        mac,
        IPv4Address(private),
        tuple(
            GuestEip(IPv4Address(ip), 24, IPv4Address(f"{ip.rpartition('.')[0]}.1"), ip in keep)
            for ip in (*eips, *keep)
        ),
    )


@dataclass
class Scene:
    """A Windows, its ENI's adapter, and the last run."""

    windows: PlayedWindows
    primary: int
    eni: int
    ran: Ran | None = field(default=None)

    @property
    def adapter(self) -> Adapter:
        """The ENI's adapter as it is."""
        return self.windows.network.adapters[self.eni]

    def put(self, **values: object) -> None:
        """Change the ENI's adapter by hand."""
        self.windows.network.change(self.eni, **values)

    def by_hand(self, ip: str, plen: int = 24, *, active: bool = True, persistent: bool = True) -> None:
        """Have a static address, as somebody else made it."""
        if active:
            self.put(active=self.adapter.active.with_address(Address(ip, plen)))
        if persistent:
            self.put(persistent=self.adapter.persistent.with_address(Address(ip, plen)))

    def route_by_hand(self, hop: str, metric: int, *, active: bool = True, persistent: bool = True) -> None:
        """Have a static default route, as somebody else made it."""
        if active:
            self.put(active=self.adapter.active.with_route(Route(hop, metric)))
        if persistent:
            self.put(persistent=self.adapter.persistent.with_route(Route(hop, metric)))

    def send(self, script: str) -> GuestReport:
        """Run a script and read its one answer."""
        self.ran = self.windows.run(script)
        assert self.ran.code in (0, 1), self.ran
        assert sum(line.startswith("multieip-answer: ") for line in self.ran.lines) == 1, self.ran.lines
        return read_answer("".join(f"{line}\r\n" for line in self.ran.lines).encode())

    def ask(
        self, mode: Mode, nic: GuestNic | None = None, stamp: Stamp | None = None, *, lean: bool = False
    ) -> GuestReport:
        """Run the script in a mode."""
        return self.send(windows_script(mode, [nic or wanted()], stamp=stamp, lean=lean))

    def apply(
        self, nic: GuestNic | None = None, stamp: Stamp | None = None, *, lean: bool = False
    ) -> GuestReport:
        """Apply a wanted set."""
        return self.ask(Mode.APPLY, nic, stamp, lean=lean)

    def check(self, nic: GuestNic | None = None) -> GuestReport:
        """Check a wanted set."""
        return self.ask(Mode.CHECK, nic)

    def release(self, nic: GuestNic | None = None, stamp: Stamp | None = None) -> GuestReport:
        """Release; as a plan does it, without naming any EIP."""
        return self.ask(Mode.RELEASE, nic or wanted(()), stamp)

    def survey(self) -> GuestReport:
        """Ask without a wanted set."""
        return self.send(windows_script(Mode.CHECK, (), survey=True))

    def answers(self, eips: Sequence[str] = EIPS, gateway: str = GATEWAY) -> bool:
        """Say as a reader of the state whether all EIPs are in use and reply by their gateway."""
        best = self.windows.network.best(CLIENT, self.adapter)
        in_use = [self.adapter.active.address(ip) for ip in eips]
        return (
            all(address is not None and address.state == "Preferred" for address in in_use)
            and best is not None
            and best[1].hop == gateway
            and not self.windows.network.tied(self.adapter)
            and self.adapter.dhcp
        )

    def outgoing(self) -> int:
        """Say by which adapter the instance itself reaches others."""
        best = self.windows.network.best(CLIENT)
        assert best is not None
        return best[0].index

    def path(self, name: str) -> str:
        """Return the path of a file of ours."""
        return f"c:\\windows\\multieip\\{name}"

    @property
    def record(self) -> str:
        """The path of the ENI's record."""
        return self.path(f"{MAC.replace(':', '')}.json")


def scene(switches: Switches | None = None, *, build: int = 20348, domain: bool = False) -> Scene:
    """Boot a Windows with an ENI that nobody has configured."""
    windows = PlayedWindows(switches or Switches(), build, domain)
    primary = windows.network.plug("Ethernet", "00:16:3e:00:00:01", Lease("10.0.0.10", 24, "10.0.0.253"))
    eni = windows.network.plug("Ethernet 2", MAC, Lease("10.0.1.20", 24, "10.0.1.253"))
    return Scene(windows, primary, eni)


def codes(report: GuestReport) -> list[str]:
    """Return the codes of a report's problems."""
    return [problem.code for problem in report.problems]


def texts(report: GuestReport) -> str:
    """Return the texts of a report's problems."""
    return "; ".join(problem.text for problem in report.problems)


__all__ = [
    "EIPS",
    "GATEWAY",
    "MAC",
    "OTHER_EIPS",
    "OTHER_GATEWAY",
    "Scene",
    "codes",
    "replace",
    "scene",
    "texts",
]
