"""Every EIP of the group is bound, in this mode, to the group's ENI.

Fact: DescribeEipAddresses `Status` InUse, `Mode` MULTI_BINDED, `InstanceId`; AssociateEipAddressBatch itself
answers no result per EIP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import EipStatus
from multieip.rules import sources
from multieip.rules.rule import NO_EIPS, NO_ENI, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for members that are not InUse on the ENI; time cures those that are Associating."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    if not facts.eips:
        return NO_EIPS
    on_the_way = [eip.id for eip in facts.eips if facts.is_bound(eip) and eip.status is not EipStatus.IN_USE]
    unbound = [eip.id for eip in facts.unbound_members]
    if unbound or on_the_way:
        ids = (*unbound, *on_the_way)
        return failed(f"not bound to {eni.id}: {listed(ids)}", *ids, settles=not unbound)
    return passed(f"{len(facts.eips)} EIPs are bound to {eni.id} in multi-EIP mode", eni.id)


RULE = Rule(
    id="eips-bound",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="Every EIP of the group is bound to its ENI in multi-EIP mode",
    why="The batch call answers nothing per EIP, so only reading back tells whether each is bound.",
    source=f"{sources.MODE}; {sources.EIPS}",
    remedy="Run the group with action apply. If an EIP stays unbound, the rules before it say what is in the "
    "way.",
    needs=(Reading.ENI, Reading.EIPS),
    check=check,
)
