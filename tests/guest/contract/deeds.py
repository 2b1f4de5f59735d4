"""What happens to a guest in one sequence: commands of ours, and what the cloud and people do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from multieip.guest.render import linux_script

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.guests import Nic
    from multieip.model.guest import GuestNic, Mode, Stamp


@dataclass(frozen=True, slots=True)
class Ask:
    """A command: one mode for some interfaces; none at all is a survey."""

    mode: Mode
    nics: tuple[GuestNic, ...] = ()
    stamp: Stamp | None = None
    lean: bool = False

    def content(self, wait_s: int = 0) -> str:
        """Render the script."""
        return linux_script(
            self.mode, self.nics, stamp=self.stamp, lean=self.lean, survey=not self.nics, wait_s=wait_s
        )

    def __str__(self) -> str:
        """Say it as a person would follow it."""
        if not self.nics:
            return "survey"
        nics = "; ".join(_named(nic) for nic in self.nics)
        look = f"look {self.stamp.asof_ms} of {self.stamp.run}" if self.stamp else "no look"
        return f"{self.mode.value} ({'lean, ' if self.lean else ''}{look}) {nics}"


def _named(nic: GuestNic) -> str:
    """Name an interface by the end of its MAC, and its EIPs; a question mark says: only to be kept."""
    return " ".join([nic.mac[-5:], *(f"{eip.ip}{'?' if eip.keep else ''}" for eip in nic.eips)])


@dataclass(frozen=True, slots=True)
class Cut:
    """A command that is killed at one of its calls of a tool, and answers nothing."""

    ask: Ask
    calls: int

    def __str__(self) -> str:
        """Say what is killed, and when."""
        return f"killed before call {self.calls} of a tool: {self.ask}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commands that begin at once; each waits for the lock."""

    first: Ask
    second: Ask

    def __str__(self) -> str:
        """Say both."""
        return f"at once: {self.first} | {self.second}"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A command that waits for its interface with the lock in hand, one that meets it, then the interface."""

    first: Ask
    second: Ask
    nic: Nic

    def __str__(self) -> str:
        """Say all three."""
        return f"while {self.nic.eni_id} is awaited by: {self.first} | comes: {self.second}"


@dataclass(frozen=True, slots=True)
class Event:
    """What the cloud or a person does to the instance; some name an interface, one an address."""

    what: Literal["gone", "back", "carrier", "flap", "taken away", "reboot", "dead man"]
    nic: Nic | None = None
    ip: IPv4Address | None = None

    def __str__(self) -> str:
        """Say it."""
        return " ".join(str(part) for part in (self.what, self.nic and self.nic.eni_id, self.ip) if part)


Deed = Ask | Cut | Pair | Awaited | Event
