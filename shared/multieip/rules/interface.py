"""The ENI's interface as the guest shows it, or why a rule cannot speak about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model import EniStatus
from multieip.rules.rule import NO_ENI, NO_INSTANCE, Verdict, failed, not_applicable

if TYPE_CHECKING:
    from multieip.guest.types import GuestReport, NicReport
    from multieip.model import Eip, Facts


def interface(facts: Facts) -> tuple[GuestReport, NicReport] | Verdict:
    """Return the guest's report and its interface with the ENI's MAC, else why there is none."""
    eni, instance = facts.eni, facts.instance
    if eni is None:
        return NO_ENI
    if instance is None:
        return NO_INSTANCE
    if eni.instance != instance.id or eni.status is not EniStatus.IN_USE:
        return not_applicable(f"{eni.id} is not attached to {instance.id}")
    if facts.guest is None:
        return not_applicable(f"the guest of {instance.id} was not asked")
    for nic in facts.guest.nics:
        if nic.mac.lower() == eni.mac.lower() and nic.name is not None:
            return facts.guest, nic
    return failed(
        f"{eni.id} is attached to {instance.id}, but the guest shows no interface with MAC {eni.mac}",
        eni.id,
        instance.id,
        settles=True,
    )


def bound_members(facts: Facts) -> tuple[Eip, ...]:
    """Return the members that the guest should have by now."""
    return tuple(eip for eip in facts.eips if facts.is_bound(eip))
