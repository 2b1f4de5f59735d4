"""No EIP is bound to the ENI in this mode without being in the group.

Fact: an EIP on the ENI takes one of its ten places (user guide) and costs money; without the group's tag
nobody configures it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for EIPs outside the group that are on the ENI."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    ids = [eip.id for eip in facts.eips_outside]
    if ids:
        return failed(f"{listed(ids)} on {eni.id} is not in the group", *ids)
    return passed(f"all {len(facts.bound)} EIPs on {eni.id} are in the group")


RULE = Rule(
    id="no-foreign-eip",
    severity=Severity.WARNING,
    phase=Phase.AFTER,
    title="No EIP on the ENI is outside the group",
    why="What is bound but not in the group is configured by nobody, and takes one of the ENI's ten places.",
    source=f"{sources.MODE}; {sources.OUR_TAGS}",
    remedy="Tag the EIP with the group's name to keep it, unbind it, or tag the ENI multi-eip:prune=allow "
    "to have it unbound.",
    needs=(Reading.ENI, Reading.EIPS, Reading.BOUND),
    check=check,
)
