"""What a healthy guest answers to our guest script, worked out from the wanted set and memory."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localcloud.guests.base import Nic

MARKER = re.compile(r"^# multieip-guest v1 (check|apply|release|survey)\s*$", re.MULTILINE)
WANTED_LINES = re.compile(r"^wanted='\n(.*?)'\n", re.DOTALL | re.MULTILINE)
ASOF = re.compile(r"^asof ([0-9]+) ([A-Za-z0-9._-]+)$", re.MULTILINE)
PREFIX = "multieip-answer: "
# The marker stands in the first lines; further down it would be somebody's text.
HEAD = 200

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Eip:
    """One EIP of a wanted set; with `keep` it stays if the guest has it and is not added if not."""

    ip: IPv4Address
    plen: int
    gateway: IPv4Address
    keep: bool = False


Stamp = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the script is to make of one interface."""

    mac: str
    private: IPv4Address
    eips: tuple[Eip, ...]


def recognises(text: str) -> bool:
    """Whether this content is our guest script."""
    return MARKER.search(text, 0, HEAD) is not None


def wanted_of(text: str) -> list[Wanted]:
    """Read the wanted set inside a content."""
    block = WANTED_LINES.search(text)
    return list(_from_lines(block.group(1).splitlines() if block else ()))


def _from_lines(lines: Sequence[str]) -> Iterator[Wanted]:
    nics: list[tuple[str, str, list[tuple[str, str, str, bool]]]] = []
    for line in lines:
        match line.split():
            case ["nic", mac, private]:
                nics.append((mac, private, []))
            case ["eip", ip, plen, gateway, "must" | "keep" as word]:
                nics[-1][2].append((ip, plen, gateway, word == "keep"))
    return (_wanted(*nic) for nic in nics)


def _wanted(mac: str, private: str, eips: Sequence[tuple[str, str | int, str, bool]]) -> Wanted:
    found = tuple(Eip(IPv4Address(ip), int(plen), IPv4Address(gw), keep) for ip, plen, gw, keep in eips)
    return Wanted(mac.lower(), IPv4Address(private), found)


def stamp_of(text: str) -> Stamp | None:
    """Read the time and the run that the wanted set comes from; None where it has none."""
    found = ASOF.search(text)
    return (int(found.group(1)), found.group(2)) if found else None


def _places(eips: Sequence[Eip]) -> set[tuple[IPv4Address, int, IPv4Address]]:
    return {(eip.ip, eip.plen, eip.gateway) for eip in eips}


@dataclass
class Memory:
    """The guest's interfaces, and the EIPs that the script has configured, by MAC."""

    nics: list[Nic] = field(default_factory=list)
    configured: dict[str, tuple[Eip, ...]] = field(default_factory=dict)
    stamps: dict[str, Stamp] = field(default_factory=dict)

    def carries(self, address: IPv4Address) -> bool:
        """Whether an interface that is there has this address."""
        return any(
            address == nic.private.ip
            or any(address == eip.ip for eip in self.configured.get(nic.mac.lower(), ()))
            for nic in self.nics
        )

    def answer(self, text: str) -> tuple[int, str]:
        """Give the exit code and the answer's line for one run of the script."""
        found = MARKER.search(text, 0, HEAD)
        mode = found.group(1) if found else ""
        wanted = self._everything() if mode == "survey" else wanted_of(text)
        absent = [one.mac for one in wanted if self._nic(one.mac) is None]
        stamp = stamp_of(text)
        older = self._older(wanted, stamp, mode) if stamp and mode in ("apply", "release") else None
        changed = False
        if older is None and mode in ("apply", "release") and (not absent or mode == "release"):
            changed = self._converge(wanted, stamp, release=mode == "release")
        state = "older" if older else self._state(mode, wanted, absent)
        problems = [{"code": "no-interface", "text": f"no interface has the MAC {mac}"} for mac in absent]
        reports = [self._report(one) for one in wanted]
        return (1 if state in ("failed", "older") else 0), PREFIX + json.dumps(
            {
                "v": 1,
                "mode": mode,
                "state": state,
                "changed": changed,
                "simulated": True,
                "nics": reports,
                "service_route": {"ok": True},
                "default_route": self._default_route(),
                "tools": [],
                "problems": problems,
                "notes": ["simulated guest: no packet has travelled"],
                "older": older,
                "keeper": 1 if self.configured else None,
                "detached": [mac for mac in self.configured if self._nic(mac) is None],
            }
        )

    def waits(self, text: str) -> bool:
        """Whether the script would go on waiting: an apply whose interface has not appeared yet."""
        found = MARKER.search(text, 0, HEAD)
        applies = found is not None and found.group(1) == "apply"
        return applies and any(self._nic(one.mac) is None for one in wanted_of(text))

    def listing(self) -> list[str]:
        """List the addresses in the short form of `ip addr`, marked as simulated."""
        lines = ["simulated guest"]
        for nic in self.nics:
            addresses = [str(nic.private)]
            addresses += [f"{eip.ip}/{eip.plen}" for eip in self.configured.get(nic.mac.lower(), ())]
            lines.append(f"{self._name(nic)} {nic.mac.lower()} {' '.join(addresses)}")
        return lines

    def _everything(self) -> list[Wanted]:
        macs = [(nic.mac.lower(), nic.private.ip) for nic in self.nics]
        return [Wanted(mac, private, self.configured.get(mac, ())) for mac, private in macs]

    def _older(self, wanted: Sequence[Wanted], stamp: Stamp, mode: str) -> Json | None:
        """Tell which newer set forbids this one: of a later look, or another one of the same."""
        for one in wanted:
            has = self.stamps.get(one.mac)
            held = self.configured.get(one.mac, ())
            wants = () if mode == "release" else self._kept(one)
            other = _places(wants) != _places(held)
            if has is not None and (stamp[0] < has[0] or (stamp[0] == has[0] and other)):
                eips = [
                    {"ip": str(e.ip), "plen": e.plen, "gateway": str(e.gateway), "keep": e.keep} for e in held
                ]
                return {"mac": one.mac, "asof": has[0], "run": has[1], "eips": eips}
        return None

    def _kept(self, one: Wanted) -> tuple[Eip, ...]:
        """Leave out what is only to be kept and is not there."""
        there = {eip.ip for eip in self.configured.get(one.mac, ())}
        return tuple(eip for eip in one.eips if not eip.keep or eip.ip in there)

    def _converge(self, wanted: Sequence[Wanted], stamp: Stamp | None, *, release: bool) -> bool:
        before = {mac: _places(eips) for mac, eips in self.configured.items()}
        for one in wanted:
            if stamp is not None:
                self.stamps[one.mac] = stamp
            if release:
                self.configured.pop(one.mac, None)
            else:
                self.configured[one.mac] = self._kept(one)
        return before != {mac: _places(eips) for mac, eips in self.configured.items()}

    def _state(self, mode: str, wanted: Sequence[Wanted], absent: Sequence[str]) -> str:
        if absent and mode == "apply":
            return "failed"
        if mode != "check":
            return "ok"
        same = all(_places(self.configured.get(one.mac, ())) == _places(self._kept(one)) for one in wanted)
        return "ok" if same and not absent else "differs"

    def _report(self, one: Wanted) -> Json:
        nic = self._nic(one.mac)
        have = {eip.ip: eip for eip in self.configured.get(one.mac, ())} if nic else {}
        stamp = self.stamps.get(one.mac)
        addresses = [str(nic.private)] if nic else []
        addresses += [f"{eip.ip}/{eip.plen}" for eip in have.values()]
        return {
            "mac": one.mac,
            "name": self._name(nic) if nic else None,
            "block": 0 if have else None,
            "dhcp": "yes" if nic else "unknown",
            "private": str(one.private),
            "private_present": nic is not None and nic.private.ip == one.private,
            "eips": [self._eip(eip, have.get(eip.ip)) for eip in self._kept(one)],
            "addresses": addresses,
            "manager": "simulated",
            "writer": "simulated",
            "persistent": True,
            "sysctls": {"rp_filter": None, "arp_ignore": None, "arp_announce": None},
            "stamp": {"asof": stamp[0], "run": stamp[1]} if stamp else None,
        }

    def _eip(self, wanted: Eip, had: Eip | None) -> Json:
        return {
            "ip": str(wanted.ip),
            "present": had is not None,
            "plen": had.plen if had else None,
            "label": None,
            "rules_ok": had is not None,
            "route_ok": had is not None and had.gateway == wanted.gateway,
            "neighbour": None,
        }

    def _default_route(self) -> Json:
        primary = next((nic for nic in self.nics if nic.primary), None)
        via = str(primary.gateway) if primary else None
        return {"dev": self._name(primary) if primary else None, "via": via, "unchanged": True}

    def _nic(self, mac: str) -> Nic | None:
        return next((nic for nic in self.nics if nic.mac.lower() == mac), None)

    def _name(self, nic: Nic) -> str:
        place = self.nics.index(nic)
        return f"eth{place}"
