"""What a simulated guest tells of one run of our guest script, in the form that a real one answers in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.guests.simulated_script import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localcloud.guests.base import Nic
    from localcloud.guests.simulated_disk import Disk, Kept, Line
    from localcloud.guests.simulated_script import Stamp

PREFIX = "multieip-answer: "
FAILURES = ("failed", "older", "unnamed")

Json = dict[str, Any]


class Answer:
    """What one run has found and done so far."""

    def __init__(self, disk: Disk, mode: str, stamp: Stamp | None) -> None:
        """Begin with nothing found."""
        self._disk = disk
        self._mode = mode
        self._stamp = stamp
        self.state = "ok"
        self.changed = False
        self.held: Json | None = None
        self.asked = False
        """Whether the kernel was asked where the machine's own packets leave."""
        self._nics: list[Json] = []
        self._problems: list[Json] = []

    @property
    def code(self) -> int:
        """The exit code of the script."""
        return 1 if self.state in FAILURES else 0

    @property
    def waits(self) -> bool:
        """Whether it failed because something has not come yet."""
        codes = {problem["code"] for problem in self._problems}
        return self.state == "failed" and bool(codes & {"no-interface", "locked"})

    def fail(self, code: str, text: str) -> bool:
        """Say why nothing is done; False, so that the caller goes no further."""
        self.state = "failed"
        self._problems.append({"code": code, "text": text})
        return False

    def may_change(self, one: Wanted, target: Sequence[Line]) -> bool:
        """Refuse what can be refused before the first write."""
        conflict = self._conflict(one.mac, target)
        if conflict:
            return self.fail("conflict", conflict)
        nic = self._disk.nic(one.mac)
        if nic is not None and nic.private.ip != one.private:
            name = self._disk.names[one.mac]
            return self.fail("no-private-address", f"{name} has no private address {one.private}")
        return True

    def check(self, one: Wanted, target: Sequence[Line], gone: Sequence[Line], block: int) -> None:
        """Compare one interface with what is wanted of it."""
        nic, name = self._disk.nic(one.mac), self._disk.names.get(one.mac)
        before = len(self._problems)
        if nic is None:
            self._problem("no-interface", f"no interface has the MAC {one.mac}; attach the ENI")
        elif nic.private.ip != one.private:
            self._problem("no-private-address", f"{name} has no private address {one.private}")
        self._compare(one, target, gone, block)
        if len(self._problems) > before:
            self.state = "differs"

    def survey(self) -> None:
        """Tell everything that is kept as if it were asked for, and then every other interface."""
        disk = self._disk
        kept = [(mac, each) for mac, each in sorted(disk.kept.items()) if each.eips]
        for mac, each in kept:
            before = len(self._problems)
            self._compare(
                Wanted(mac, each.private, ()), each.eips, each.gone, each.block or 0, one_problem=True
            )
            if len(self._problems) > before:
                self.state = "differs"
        told = {mac for mac, _ in kept}
        for nic in disk.nics:
            mac = nic.mac.lower()
            if mac not in told:
                held = disk.held(mac)
                self.tell(Wanted(mac, held.private, ()), (), held.block, lasts=False, asked=True)

    def _compare(
        self,
        one: Wanted,
        target: Sequence[Line],
        gone: Sequence[Line],
        block: int,
        *,
        one_problem: bool = False,
    ) -> None:
        disk = self._disk
        conflict = self._conflict(one.mac, target)
        differs = disk.nic(one.mac) is None or disk.differs(one.mac, target, gone)
        if conflict and not one_problem:
            self._problem("conflict", conflict)
        if differs or (conflict and one_problem):
            self._problem("differs", f"what stands on {one.mac} is not what is wanted")
        lasts = bool(disk.held(one.mac).eips) and disk.enabled
        self.tell(one, target, block, lasts=lasts, asked=True)

    def _problem(self, code: str, text: str) -> None:
        self._problems.append({"code": code, "text": text})

    def _conflict(self, mac: str, target: Iterable[Line]) -> str:
        found = ((line.ip, self._disk.elsewhere(mac, line.ip)) for line in target)
        said = [
            f"EIP {ip} is on interface {name} already; take it away there first" for ip, name in found if name
        ]
        return "; ".join(said)

    def tell(
        self, one: Wanted, target: Sequence[Line], block: int | None, *, lasts: bool, asked: bool
    ) -> None:
        """Add what stands on one interface now."""
        disk, nic = self._disk, self._disk.nic(one.mac)
        self.asked = asked
        held = self._told_stamp(disk.held(one.mac))
        private_there = nic is not None and one.private is not None and nic.private.ip == one.private
        addresses = [str(nic.private)] if nic else []
        addresses += [f"{line.ip}/{line.plen}" for line in disk.addresses.get(one.mac, {}).values()]
        self._nics.append(
            {
                "mac": one.mac,
                "name": disk.names.get(one.mac),
                "block": block,
                "dhcp": "yes" if private_there else "unknown",
                "private": str(one.private) if one.private else None,
                "private_present": private_there,
                "eips": [self._eip(one.mac, line) for line in target],
                "addresses": addresses,
                "manager": "simulated",
                "writer": "simulated",
                "persistent": lasts and nic is not None,
                "sysctls": {"rp_filter": None, "arp_ignore": None, "arp_announce": None},
                "stamp": {"asof": held.asof, "run": held.run} if held else None,
            }
        )

    def _told_stamp(self, held: Kept) -> Stamp | None:
        return self._stamp if self._stamp and self._mode != "check" and self.state == "ok" else held.stamp

    def _eip(self, mac: str, line: Line) -> Json:
        had = self._disk.addresses.get(mac, {}).get(line.ip)
        there = self._disk.nic(mac) is not None
        return {
            "ip": str(line.ip),
            "present": had is not None,
            "plen": had.plen if had else None,
            "label": None,
            "rules_ok": there and line.ip in self._disk.rules.get(mac, ()),
            "route_ok": had is not None
            and had.gateway == line.gateway
            and line.ip not in self._disk.routeless,
            "neighbour": None,
        }

    def line(self) -> str:
        """Write the line that the script ends with."""
        disk = self._disk
        finds = self._mode in ("check", "survey") and self.state != "failed"
        return PREFIX + json.dumps(
            {
                "v": 1,
                "mode": self._mode,
                "state": self.state,
                "changed": self.changed,
                "simulated": True,
                "nics": self._nics,
                "service_route": self._service_route(),
                "default_route": self._default_route(),
                "tools": [],
                "problems": self._problems,
                "notes": ["simulated guest: no packet has travelled"],
                "held": self.held,
                "keeper": 1 if disk.program else None,
                "detached": [
                    mac for mac, kept in sorted(disk.kept.items()) if kept.eips and not disk.nic(mac)
                ]
                if finds
                else [],
            }
        )

    def _primary(self) -> Nic | None:
        return next((nic for nic in self._disk.nics if nic.primary), None) if self.asked else None

    def _service_route(self) -> Json:
        primary = self._primary()
        mac = primary.mac.lower() if primary else None
        return {"dev": self._disk.names[mac] if mac else None, "mac": mac}

    def _default_route(self) -> Json:
        primary = self._primary()
        via = str(primary.gateway) if primary else None
        return {
            "dev": self._disk.names[primary.mac.lower()] if primary else None,
            "via": via,
            "unchanged": True,
        }
