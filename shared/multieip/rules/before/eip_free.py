"""Each EIP that has to be bound is free: Available, not locked, bound nowhere else, no service's own.

Fact: Available → Associating → InUse → Unassociating → Available → Releasing; codes IncorrectEipStatus,
Forbidden.FinancialLocked (AssociateEipAddress, DescribeEipAddresses `OperationLocks`, `ServiceManaged`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.model.resources import Eip, EipStatus
from multieip.rules import sources
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


_MANAGED: Final = "is managed by a cloud service"


def check(facts: Facts) -> Verdict:
    """Fail for members that cannot be bound, each by itself; time cures those that will become free."""
    if not facts.eips:
        return NO_EIPS
    taken = [(eip, _why_not(facts, eip)) for eip in facts.unbound_members if not _in_other_mode(facts, eip)]
    bad = [(eip, why) for eip, why in taken if why]
    bad += [
        (eip, _MANAGED)
        for eip in facts.eips
        if eip.service_managed and eip.id not in {each.id for each, _ in taken}
    ]
    if not bad:
        return passed(f"{len(taken)} EIPs to be bound are free")
    lasting = [(eip, why) for eip, why in bad if not _becomes_free(facts, eip)]
    told = lasting or bad
    return failed(
        "; ".join(f"{eip.id} {why}" for eip, why in told), *(eip.id for eip, _ in told), settles=not lasting
    )


def _becomes_free(facts: Facts, eip: Eip) -> bool:
    """Whether the EIP is between two states, or held by a group that may give it up."""
    if eip.locks or eip.service_managed:
        return False
    holding = facts.holding(eip)
    return eip.status.settles or (holding is not None and holding.gives)


def _in_other_mode(facts: Facts, eip: Eip) -> bool:
    """Whether `one-mode` tells about it."""
    return facts.eni is not None and eip.bound_to == facts.eni.id and eip.status is EipStatus.IN_USE


def _why_not(facts: Facts, eip: Eip) -> str:  # noqa: PLR0911  cases, one after the other
    if eip.service_managed:
        return _MANAGED
    if eip.locks:
        return f"is locked ({', '.join(eip.locks)})"
    if eip.status.settles:
        return f"is {eip.status.value}"
    holding = facts.holding(eip)
    if holding is not None and holding.group is not None:
        lacks = (
            f"; that takes {', '.join(holding.lacks)} there" if holding.lacks else ", which may give it up"
        )
        return f"is bound to {holding.eni} of group {holding.group}{lacks}"
    if eip.bound_to or eip.status is EipStatus.IN_USE:
        return f"is bound to {eip.bound_to or 'something that the cloud does not name'}"
    if eip.status is not EipStatus.AVAILABLE:
        return "is in a state that the vendor's pages do not name"
    return ""


RULE = Rule(
    id="eip-free",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="Each EIP to be bound is Available and unlocked",
    why="Only an EIP in state Available can be associated, and taking one away from where it is bound would "
    "cut somebody off.",
    source=f"{sources.ASSOCIATE}; {sources.EIPS}",
    remedy="Unbind the EIP from where it is, or take it out of the group. A locked EIP: settle the account's "
    "bill or ask the vendor about the lock. One that a cloud service manages: use an EIP of your own. "
    "Between two states: wait.",
    predicts=(
        "Forbidden.FinancialLocked",
        "IncorrectEipStatus",
        "InvalidAssociation.Duplicated",
        "InvalidBindingStatus",
        "InvalidEIPStatus.BizDisabled",
    ),
    needs=(Reading.EIPS, Reading.BOUND),
    check=check,
    reach=Reach.EIPS,
)
