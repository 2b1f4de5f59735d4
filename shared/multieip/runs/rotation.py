"""Which groups a sweep reads in full though nothing is in doubt, and where it begins: by the time of day.

Nothing is remembered from one sweep to the next. Each group has its own moment of the day, by its name; a
sweep takes those whose moment has come since the last one, and begins with the group whose moment is next.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.model.resources import BindMode, EniStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from multieip.model.facts import Facts
    from multieip.model.guest import NicReport
    from multieip.model.resources import GroupName, Region

_DAY_S: Final = 86_400.0
_LATE: Final = 0.05
"""How much later than planned a timer may come, as a share of its interval, so that no group is left out."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The turn of one sweep: it began at `now`, and there are about `a_day` of them each day; 1 takes all."""

    now: datetime
    a_day: int

    @property
    def _share(self) -> float:
        return (self.now.timestamp() % _DAY_S) / _DAY_S

    def is_due(self, region: Region, name: str = "") -> bool:
        """Whether the moment of this group (or, without a name, of the region itself) has just come."""
        since = (self._share - _moment(region, name)) % 1.0
        return self.a_day <= 1 or since < (1 + _LATE) / self.a_day

    def order(self, region: Region, names: Iterable[GroupName]) -> list[GroupName]:
        """Return the groups in the order of this sweep: each is the first at some time of the day."""
        return sorted(names, key=lambda name: (self.place(region, name), name))

    def is_behind(self, region: Region, name: str, after: str) -> bool:
        """Whether a group comes behind another one in the order of this sweep."""
        return (self.place(region, name), name) > (self.place(region, after), after)

    def place(self, region: Region, name: str = "") -> float:
        """Return how long after the beginning of this sweep the moment of this group comes."""
        return (_moment(region, name) - self._share) % 1.0


def _moment(region: str, name: str) -> float:
    digest = hashlib.sha256(f"{region} {name}".encode("utf-8", "backslashreplace")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def leaves_no_doubt(facts: Facts) -> bool:
    """Whether lists and guest say by themselves that the group is right, or the guest says nothing.

    Then its gateways need not be read: they do not change while an EIP is bound. On Windows one gateway
    serves all EIPs, which nothing but the cloud can tell.
    """
    if facts.instance is not None and facts.instance.windows:
        return False
    if not _lists_agree(facts):
        return False
    return facts.guest is None or _guest_agrees(facts)


def _lists_agree(facts: Facts) -> bool:
    eni, instance = facts.eni, facts.instance
    if (
        eni is None
        or facts.unread
        or facts.odd
        or facts.eips_outside
        or not facts.eips
        or len(facts.instances) > 1
    ):
        return False
    if any(eip.mode is not BindMode.MULTI or eip.bound_to != eni.id for eip in facts.eips):
        return False
    if instance is None:
        return eni.instance is None
    return eni.instance == instance.id and eni.status is EniStatus.IN_USE


def _guest_agrees(facts: Facts) -> bool:
    eni, guest = facts.eni, facts.guest
    if eni is None or guest is None:
        return False
    nic = next((each for each in guest.nics if each.mac.lower() == eni.mac.lower() and each.name), None)
    return nic is not None and not nic.foreign_eips and _has_all(nic, facts)


def _has_all(nic: NicReport, facts: Facts) -> bool:
    reports = {each.ip: each for each in nic.eips}
    found = [reports.get(IPv4Address(eip.address)) for eip in facts.eips]
    return all(each is not None and each.ok and each.plen is not None for each in found)
