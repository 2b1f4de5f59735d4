"""The account may use each EIP of the group: none is locked, and none is out of service for arrears.

Fact: `OperationLocks` says why an EIP is locked (financial, security, expired), `BusinessStatus` is
FinancialLocked for arrears (DescribeEipAddresses); an EIP that is bound stays bound, and passes no traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts

NOT_CHECKED = "whether they answer from outside was not checked"


def check(facts: Facts) -> Verdict:
    """Fail for members that the cloud shows as locked or out of service."""
    if not facts.eips:
        return NO_EIPS
    locked = [eip for eip in facts.eips if eip.locks]
    if locked:
        told = "; ".join(f"{eip.address} ({eip.id}) is locked ({', '.join(eip.locks)})" for eip in locked)
        return failed(told, *(eip.id for eip in locked))
    return passed(f"none of {len(facts.eips)} EIPs is locked; {NOT_CHECKED}")


RULE = Rule(
    id="eip-usable",
    severity=Severity.ADVICE,
    phase=Phase.AFTER,
    title="No EIP is locked or out of service for arrears",
    why="A locked EIP that is bound stays bound and configured, so everything looks right; but the cloud "
    "passes no traffic for it.",
    source=sources.EIPS,
    remedy="Settle the account's bill, or ask the vendor about the lock. The EIP works again by itself; "
    "nothing has to be bound anew.",
    needs=(Reading.EIPS,),
    check=check,
)
