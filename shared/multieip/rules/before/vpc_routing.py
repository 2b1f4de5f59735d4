"""The VPC has no IPv4 gateway, and no route uses the ENI as its next hop.

Fact: codes OperationDenied.Ipv4GatewayExist and InvalidNexthop.DirectEni (AssociateEipAddress). This product
has no permission to read either, so the cloud's refusal is the only witness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import Rule, Verdict, accepted, listed, not_applicable, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Pass where the ENI has EIPs in this mode already; otherwise only the cloud's refusal tells."""
    proof = accepted(facts)
    if proof:
        return passed(f"the VPC has taken {listed(proof)}", *proof)
    return not_applicable("routes are not read; the cloud refuses the binding if they are in the way")


RULE = Rule(
    id="vpc-routing",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="No IPv4 gateway in the VPC, and no route to the ENI",
    why="A VPC with an IPv4 gateway takes no EIP that is visible in the guest, and an ENI with such EIPs "
    "cannot be the next hop of a route.",
    source=f"{sources.ASSOCIATE}; {sources.GUIDE}",
    remedy="Delete the VPC's IPv4 gateway or the route whose next hop is this ENI, or use a "
    "VPC without them.",
    predicts=("InvalidNexthop.DirectEni", "OperationDenied.Ipv4GatewayExist"),
    needs=(Reading.BOUND,),
    check=check,
    unknown_blocks=False,
    reach=Reach.CHANGE,
)
