"""The account may use the mode, which the vendor no longer grants to anybody new.

Fact: "Alibaba Cloud no longer accepts new applications for using the multi-EIP to ENI mode" (user guide).
No API tells beforehand; AssociateEipAddress refuses with one of a set of codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import Rule, Verdict, accepted, listed, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Pass where the cloud has taken the mode for this account; otherwise only trying tells."""
    proof = accepted(facts)
    if proof:
        return passed(f"the cloud has taken the mode for {listed(proof)}", *proof)
    return unknown("no EIP is bound in this mode yet, and no API tells beforehand whether the account may")


RULE = Rule(
    id="mode-authorised",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The account may use multi-EIP to ENI mode",
    why="The mode is closed to new applicants; only accounts that obtained it earlier may use it. The same "
    "refusal comes every time, so it is never retried.",
    source=f"{sources.MODE}; {sources.ASSOCIATE}",
    remedy="Ask your Alibaba Cloud account manager whether this account has the permission for this region. "
    "If it has not, it cannot be had any more: make the EIP visible through a secondary CIDR block of "
    f"the VPC instead ({sources.SECONDARY_CIDR}).",
    predicts=(
        "Invalid.Function.NotSupported",
        "Mode.NotSupport",
        "OperationDenied.Unauthorized",
        "OperationUnsupported.MultiIp",
    ),
    needs=(Reading.BOUND,),
    check=check,
    unknown_blocks=False,
    reach=Reach.CHANGE,
)
