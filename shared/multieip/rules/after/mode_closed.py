"""The group relies on a mode that the vendor has closed to new applicants.

Fact: "new applications are not accepted" (user guide); the vendor recommends a secondary CIDR block of the
VPC for EIPs that are visible in the guest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, accepted, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail, as advice, where EIPs are bound in the mode."""
    if facts.eni is None:
        return NO_ENI
    users = accepted(facts)
    if users:
        return failed(f"{listed(users)} depend on a mode that is closed to new applicants", *users)
    return passed(f"{facts.eni.id} has no EIP in the mode")


RULE = Rule(
    id="mode-closed",
    severity=Severity.ADVICE,
    phase=Phase.AFTER,
    title="The mode is closed to new applicants",
    why="The vendor no longer grants the mode, and its lists of instance families name none of the "
    "recent generations: a new account, and a move to newer instances, cannot have it.",
    source=f"{sources.MODE}; {sources.SECONDARY_CIDR}",
    remedy="For what is built anew, use the successor: add the EIP's CIDR block to the VPC as a secondary "
    "block, create a vSwitch in it and an ENI with the EIP as its primary address, and bind the EIP in NAT "
    f"mode (one EIP per ENI; {sources.SECONDARY_CIDR}). To silence this advice, tag the ENI "
    "multi-eip:ignore=mode-closed.",
    needs=(Reading.ENI, Reading.BOUND),
    check=check,
    may_exempt=True,
)
