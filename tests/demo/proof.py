"""What the guest and the internet say, told and judged; nothing here is taken from the functions' word."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from localcloud.guests import Command, answered_at, pings, pings_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from localcloud.guests import Guest, World

PORT: Final = 8021
_PRIMARY: Final = b"ip -4 -o addr show dev eth0; echo --; ip -4 route show table main dev eth0"


@dataclass(frozen=True, slots=True)
class Primary:
    """The primary interface as the guest shows it: its addresses and its routes in the main table."""

    text: str

    @classmethod
    def of(cls, guest: Guest) -> Primary:
        """Read it; lease times are left out, they count down by themselves."""
        raw = _shell(guest, _PRIMARY)
        words = [word for word in raw.replace("\\", " ").split() if not word.endswith("sec")]
        return cls(" ".join(words))


def show_interface(guest: Guest, mac: str, console: Console) -> None:
    """Print the guest's own `ip addr` of the interface with this MAC."""
    name = f"$(ip -o link | grep -i '{mac}' | cut -d: -f2 | cut -d@ -f1 | tr -d ' ')"
    script = f"ip addr show dev {name}"
    for line in _shell(guest, script.encode()).splitlines():
        console.print(f"          {line}", highlight=False, markup=False)


def judge(
    world: World, guest: Guest, eips: Sequence[str], private: str, before: Primary, console: Console
) -> bool:
    """Try every claim from outside and print how it went; True when all hold."""
    guest.listen(PORT)
    verdicts: list[bool] = []

    def say(ok: bool, text: str) -> None:  # noqa: FBT001  a verdict and its words
        verdicts.append(ok)
        console.print(f"          {'[green]✓[/green]' if ok else '[red]✗[/red]'} {text}", highlight=False)

    for eip in eips:
        address = IPv4Address(eip)
        say(pings(world, address), f"{eip} answers a ping from the internet host")
        at = answered_at(world, address, PORT)
        say(at == address, f"{eip} takes a TCP connection; the guest sees it arrive at {at}")
    say(
        pings_inside(world, IPv4Address(private)),
        f"{private}, the private address, still answers inside the VPC",
    )
    say(Primary.of(guest) == before, "eth0 and its routes are what they were")
    say(world.spoofed() == 0, f"the gateways dropped {world.spoofed()} packets as spoofed")
    return all(verdicts)


def _shell(guest: Guest, script: bytes) -> str:
    return guest.run(Command("RunShellScript", script)).output.decode(errors="replace")
