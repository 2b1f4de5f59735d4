"""The ENI's private addresses allow the mode: its primary one, and no others that are in the way.

Fact: codes Eni.HasSubIp, OperationFailed.EniSubIp ("Eni has sub ip can not bind direct eip.") and
OperationDenied.NoAvailablePrivateIp (AssociateEipAddress); the pages word them for cut-through mode, and
whether they hold here is not confirmed, so the cloud's refusal is the only witness.
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
        return passed(f"the ENI has taken {listed(proof)}", *proof)
    return not_applicable(
        "no number of private addresses is documented; the cloud refuses what it does not take"
    )


RULE = Rule(
    id="eni-private-ips",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The ENI's private addresses allow the mode",
    why="Secondary private addresses or address prefixes on the ENI can keep visible EIPs from being bound, "
    "and the ENI needs its own private address.",
    source=sources.ASSOCIATE,
    remedy="Create the ENI with its primary private address only, in a vSwitch that has free addresses, and "
    "unassign secondary addresses and prefixes from it.",
    predicts=(
        "Eni.HasSubIp",
        "InvalidOperation.Ipv4CountExceeded",
        "InvalidOperation.Ipv6NotSupport",
        "OperationDenied.NoAvailablePrivateIp",
        "OperationFailed.EniSubIp",
        "OperationFailed.IpPrefixConflict",
    ),
    needs=(Reading.BOUND,),
    check=check,
    unknown_blocks=False,
    reach=Reach.CHANGE,
)
