"""No EIP of the group is bound to nothing.

Fact: an EIP that is bound to nothing is still paid for (EIP billing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import EipStatus
from multieip.rules import sources
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for members that are Available, bound to nothing."""
    if not facts.eips:
        return NO_EIPS
    idle = [eip.id for eip in facts.eips if eip.status is EipStatus.AVAILABLE and not eip.bound_to]
    if idle:
        return failed(f"bound to nothing: {listed(idle)}", *idle)
    return passed(f"none of the {len(facts.eips)} EIPs is idle")


RULE = Rule(
    id="no-idle-eip",
    severity=Severity.WARNING,
    phase=Phase.AFTER,
    title="No tagged EIP is left idle",
    why="An EIP that is bound to nothing serves nobody and is still billed.",
    source=sources.EIPS,
    remedy="Run the group with action apply, or release the EIP. If the group waits for more EIPs (tag "
    "size), bind or untag them.",
    needs=(Reading.EIPS,),
    check=check,
)
