"""The guest's answer and the ENI's interface in it, or why a rule cannot speak about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.resources import EniStatus
from multieip.rules.rule import NO_ENI, NO_INSTANCE, Verdict, not_applicable

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address

    from multieip.model.facts import Facts
    from multieip.model.guest import GuestReport, NicReport
    from multieip.model.resources import Eip


def answer(facts: Facts) -> GuestReport | Verdict:
    """Return what the guest of the attached instance said, else why there is nothing."""
    eni, instance = facts.eni, facts.instance
    if eni is None:
        return NO_ENI
    if instance is None:
        return NO_INSTANCE
    if eni.instance != instance.id or eni.status is not EniStatus.IN_USE:
        return not_applicable(f"{eni.id} is not attached to {instance.id}")
    if facts.guest is None:
        return not_applicable(f"the guest of {instance.id} was not asked")
    return facts.guest


def interface(
    facts: Facts, missing: Callable[[str], Verdict] = not_applicable
) -> tuple[GuestReport, NicReport] | Verdict:
    """Return the answer and the interface with the ENI's MAC; `missing` judges a guest that shows none."""
    said = answer(facts)
    if isinstance(said, Verdict):
        return said
    eni = facts.enis[0]
    for nic in said.nics:
        if nic.mac.lower() == eni.mac.lower() and nic.name is not None:
            return said, nic
    return missing(f"the guest of {eni.instance} shows no interface with {eni.id}'s MAC {eni.mac}")


def bound_members(facts: Facts) -> tuple[Eip, ...]:
    """Return the members that the guest should have by now."""
    return tuple(eip for eip in facts.eips if facts.is_bound(eip))


def shown(nic: NicReport) -> dict[str, int | None]:
    """Return the public addresses that the interface has, ours and others, with their prefix lengths."""
    reported = {str(eip.ip): eip.plen for eip in nic.eips if eip.present}
    foreign: set[IPv4Address] = set(nic.foreign_eips)
    return {
        **{str(found.ip): found.network.prefixlen for found in nic.addresses if found.ip in foreign},
        **reported,
    }
