"""The way of each EIP: EIP → ENI → instance → interface → gateway, link by link, and how a reply leaves.

Pure: it reads what one look and the guest's answer say, and keeps apart what is known from what is not.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.model.resources import EipStatus, EniStatus, InstanceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.facts import Facts
    from multieip.model.guest import EipReport, GuestReport, NicReport
    from multieip.model.resources import Eip

LINKS: Final = ("bound", "attached", "shown", "replies")
"""The four links, from the EIP to its gateway."""


class Link(str, Enum):
    """What is known of one link; `unreached` stands behind a broken one."""

    PASS = "pass"  # noqa: S105  a link's state, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Reply:
    """The way that a reply takes. `measured` is false where it is concluded, not asked of the kernel."""

    dev: str | None
    via: str | None
    decided_by: str
    measured: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One EIP and its links in the order of `LINKS`; `reason` says why the first bad one is bad.

    `wanted` is false in a group that its own tag wants undone.
    """

    eip: Eip
    member: bool
    links: tuple[Link, ...]
    reason: str = ""
    prefix: int | None = None
    gateway: str | None = None
    reply: Reply | None = None
    wanted: bool = True

    @property
    def works(self) -> bool:
        """Whether every link is known to stand."""
        return all(link is Link.PASS for link in self.links)

    @property
    def silent(self) -> bool:
        """Whether a link is known to be broken, so that an EIP that is to answer does not."""
        return self.wanted and Link.FAIL in self.links


_Judged = tuple[Link, str]
_PASS: Final[_Judged] = (Link.PASS, "")


def ways(facts: Facts) -> tuple[Way, ...]:
    """Return the way of each member, then of the EIPs on the ENI that are no members."""
    members = [_way(facts, eip, member=True) for eip in facts.eips]
    return (*members, *(_way(facts, eip, member=False) for eip in facts.eips_outside))


def interface_of(facts: Facts) -> NicReport | None:
    """Return the guest's word on the interface of the group's ENI, None where there is none."""
    if facts.guest is None or facts.eni is None:
        return None
    mac = facts.eni.mac.lower()
    return next((nic for nic in facts.guest.nics if nic.mac.lower() == mac and nic.name), None)


def _way(facts: Facts, eip: Eip, *, member: bool) -> Way:
    nic = interface_of(facts)
    report = next((each for each in nic.eips if str(each.ip) == eip.address), None) if nic else None
    gateway = next((each for each in facts.gateways or () if each.address == eip.address), None)
    prefix = prefix_length(gateway.mask) if gateway else None
    if gateway is None and facts.trusts_guest and report is not None:
        prefix = report.plen
    judged = [_bound(facts, eip), _attached(facts), _shown(facts, nic, report, prefix), _replies(report)]
    links, reason = _in_order(judged)
    reached = links[2] is Link.PASS and report is not None
    return Way(
        eip=eip,
        member=member,
        links=links,
        reason=reason,
        prefix=prefix,
        gateway=gateway.gateway if gateway else None,
        reply=_reply(facts.guest, nic, report, links[3])
        if reached and facts.guest and nic and report
        else None,
        wanted=not facts.group.wanted_undone,
    )


def prefix_length(mask: str) -> int | None:
    """Return the length of a mask, None for one that is no mask."""
    try:
        return IPv4Network(f"0.0.0.0/{mask}").prefixlen
    except ValueError:
        return None


def _in_order(judged: Sequence[_Judged]) -> tuple[tuple[Link, ...], str]:
    """Return the links: behind a broken one nothing is reached, behind a doubt everything is one."""
    links: list[Link] = []
    reason = ""
    for link, why in judged:
        if Link.FAIL in links or Link.UNREACHED in links:
            links.append(Link.UNREACHED)
        elif Link.UNKNOWN in links:
            links.append(Link.UNKNOWN)
        else:
            links.append(link)
            reason = why if link is not Link.PASS else ""
    return tuple(links), reason


def _bound(facts: Facts, eip: Eip) -> _Judged:
    if facts.eni is None:
        return (
            (Link.UNKNOWN, "the group has not exactly one ENI")
            if len(facts.enis) > 1
            else (Link.FAIL, "no ENI")
        )
    if eip.status is EipStatus.ASSOCIATING and eip.bound_to == facts.eni.id:
        return Link.UNKNOWN, "it is being bound"
    if facts.is_bound(eip):
        return _PASS
    if eip.locks:
        return Link.FAIL, f"it is locked ({', '.join(eip.locks)})"
    elsewhere = eip.bound_to if eip.bound_to and eip.bound_to != facts.eni.id else ""
    return Link.FAIL, f"bound to {elsewhere}" if elsewhere else "not bound to the ENI"


def _attached(facts: Facts) -> _Judged:
    eni, instance = facts.eni, facts.instance
    if eni is None:
        return Link.UNKNOWN, "the group has not exactly one ENI"
    if eni.status.settles:
        return Link.UNKNOWN, f"the ENI is {eni.status.value}"
    if instance is None:
        unread = "instance" in facts.unread or len(facts.instances) > 1
        return (
            (Link.UNKNOWN, "the instance could not be read")
            if unread
            else (Link.FAIL, "no instance in the group")
        )
    if eni.instance is None:
        return Link.FAIL, "the ENI is detached"
    if eni.instance != instance.id or eni.status is not EniStatus.IN_USE:
        return Link.FAIL, f"the ENI is on {eni.instance}"
    return _PASS


def _shown(facts: Facts, nic: NicReport | None, report: EipReport | None, prefix: int | None) -> _Judged:
    instance = facts.instance
    if instance is not None and instance.status is not InstanceStatus.RUNNING:
        settles = instance.status.settles
        return Link.UNKNOWN if settles else Link.FAIL, f"the instance is {instance.status.value}"
    if facts.guest is None:
        return Link.UNKNOWN, "the guest gave no answer"
    if nic is None:
        return Link.FAIL, "the guest shows no interface with the ENI's MAC"
    return _on_interface(nic, report, prefix)


def _on_interface(nic: NicReport, report: EipReport | None, prefix: int | None) -> _Judged:
    if report is None or not report.present:
        return Link.FAIL, f"not on {nic.name}"
    if prefix is None:
        return Link.UNKNOWN, "the cloud gave no mask"
    if report.plen != prefix:
        return Link.FAIL, f"on {nic.name} as /{report.plen} instead of /{prefix}"
    return _PASS


def _replies(report: EipReport | None) -> _Judged:
    if report is None:
        return Link.UNKNOWN, "the guest gave no answer"
    if report.ok:
        return _PASS
    return Link.FAIL, "its route is missing" if report.rules_ok else "its rule is missing"


def _reply(guest: GuestReport, nic: NicReport, report: EipReport, replies: Link) -> Reply | None:
    """Return where a reply goes: the kernel's word, else what follows from the main table's default route."""
    if replies is Link.PASS:
        return Reply(nic.name, None, "a rule for the EIP and a table of its own", measured=True)
    by = "its rule stands, and its table has no route by its gateway"
    if not report.rules_ok:
        by = "no rule names the EIP, so the main table decides"
    if report.leaves is not None:
        dev, _, via = report.leaves.partition(" ")
        return Reply(dev or None, via or None, by if dev else f"{by}; it goes nowhere", measured=True)
    main = guest.default_route if not report.rules_ok else None
    if main is None:
        return Reply(None, None, by, measured=False)
    return Reply(main.dev, str(main.via) if main.via else None, by, measured=False)
