"""The ENI's source/destination check lets its EIPs through.

Fact: since 2025-04-22, by phases, new ENIs have the check on: such an ENI receives packets for its own
addresses only, and sends from them only (DescribeNetworkInterfaces, `SourceDestCheck`). Whether EIPs of this
mode count as its own is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, not_applicable, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the check is on; a cloud that does not show it has no such check on this ENI."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    if eni.source_dest_check is None:
        return not_applicable(f"the cloud shows no source/destination check on {eni.id}")
    if eni.source_dest_check:
        return failed(f"the source/destination check of {eni.id} is on", eni.id)
    return passed(f"the source/destination check of {eni.id} is off", eni.id)


RULE = Rule(
    id="source-dest-check",
    severity=Severity.WARNING,
    phase=Phase.BEFORE,
    title="The ENI's source/destination check is off",
    why="An ENI with this check receives and sends packets of its own addresses only. The vendor does not "
    "say whether EIPs in this mode count as its own; for containers behind an EIP they certainly do not.",
    source=sources.ENI_OVERVIEW,
    remedy="Switch the check off: ModifyNetworkInterfaceAttribute with SourceDestCheck=false, or in the "
    "console on the ENI's page.",
    needs=(Reading.ENI,),
    check=check,
)
