"""Replies of every bound EIP leave by that EIP's own gateway.

Fact: two EIPs of one ENI can have different gateways, and a gateway drops packets of other sources; with the
addresses alone, no EIP answers (measured in guests; user guide on policy routing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.interface import bound_members, interface
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for EIPs on the interface whose rules or routes the guest finds missing."""
    found = interface(facts)
    if isinstance(found, Verdict):
        return found
    _, nic = found
    reports = {str(report.ip): report for report in nic.eips if report.present}
    members = [eip for eip in bound_members(facts) if eip.address in reports]
    if not members:
        return NO_EIPS
    bad = [eip for eip in members if not reports[eip.address].ok]
    if bad:
        parts = [
            f"{eip.address} ({eip.id}) lacks {'its route' if reports[eip.address].rules_ok else 'its rules'}"
            for eip in bad
        ]
        return failed("; ".join(parts), *(eip.id for eip in bad))
    return passed(f"replies of {', '.join(eip.address for eip in members)} leave by their own gateways")


RULE = Rule(
    id="replies-by-own-gateway",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="Replies leave by the EIP's own gateway",
    why="A reply that leaves by another gateway is dropped as forged: the address is visible, and nobody "
    "gets an answer from it.",
    source=f"{sources.GUIDE}; {sources.OUR_GUEST}",
    remedy="Run the group with action apply. If it comes back, another tool in the guest removes the rules; "
    "the result names the tools that the guest has.",
    needs=(Reading.ENI, Reading.EIPS, Reading.INSTANCE, Reading.GUEST),
    check=check,
)
