"""What stands in a content of our guest script: the mode, the wanted set, and its look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKER = re.compile(r"^# multieip-guest v1 (check|apply|release|survey)\s*$", re.MULTILINE)
WANTED_LINES = re.compile(r"^wanted='\n(.*?)'\n", re.DOTALL | re.MULTILINE)
ASOF = re.compile(r"^asof ([0-9]+) ([A-Za-z0-9._-]+)$", re.MULTILINE)
# The marker stands in the first lines; further down it would be somebody's text.
HEAD = 200

Word = Literal["must", "keep"]


@dataclass(frozen=True, slots=True)
class Eip:
    """One EIP of a wanted set; one that is to be kept stays if the guest has it and is not added if not."""

    ip: IPv4Address
    plen: int
    gateway: IPv4Address
    word: Word = "must"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The look that a set comes from: its time in milliseconds, and the run that looked."""

    asof: int
    run: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the script is to make of one interface; without a private address nobody said which it has."""

    mac: str
    private: IPv4Address | None
    eips: tuple[Eip, ...]


def recognises(text: str) -> bool:
    """Whether this content is our guest script."""
    return MARKER.search(text, 0, HEAD) is not None


def mode_of(text: str) -> str:
    """Read the mode; empty where this is not our guest script."""
    found = MARKER.search(text, 0, HEAD)
    return found.group(1) if found else ""


def wanted_of(text: str) -> list[Wanted]:
    """Read the wanted set inside a content."""
    block = WANTED_LINES.search(text)
    return list(_from_lines(block.group(1).splitlines() if block else ()))


def stamp_of(text: str) -> Stamp | None:
    """Read the time and the run that the wanted set comes from; None where it has none."""
    found = ASOF.search(text)
    return Stamp(int(found.group(1)), found.group(2)) if found else None


def is_lean(text: str) -> bool:
    """Whether who made the wanted set has not read what is bound, so that nothing may go by it."""
    block = WANTED_LINES.search(text)
    return block is not None and "lean" in block.group(1).splitlines()


def _from_lines(lines: Sequence[str]) -> Iterator[Wanted]:
    nics: list[tuple[str, str, list[Eip]]] = []
    for line in lines:
        match line.split():
            case ["nic", mac, private]:
                nics.append((mac.lower(), private, []))
            case [ip, plen, gateway, *words] if "." in ip:
                # The numbers that the EIP has as well may be missing, and a word means that it is to be kept.
                common = ip.split(".")[: 4 - len(gateway.split("."))]
                whole = IPv4Address(".".join((*common, gateway)))
                nics[-1][2].append(Eip(IPv4Address(ip), int(plen), whole, "keep" if words else "must"))
    return (Wanted(mac, IPv4Address(private), tuple(eips)) for mac, private, eips in nics)
