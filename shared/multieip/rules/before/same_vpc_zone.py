"""ENI and instance are in one VPC and one zone.

Fact: precondition of AttachNetworkInterface, codes InvalidOperation.VpcMismatch and
InvalidOperation.AvailabilityZoneMismatch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, NO_INSTANCE, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the ENI and the group's instance differ in VPC or zone."""
    eni, instance = facts.eni, facts.instance
    if eni is None:
        return NO_ENI
    if instance is None:
        return NO_INSTANCE
    pairs = (("VPC", eni.vpc, instance.vpc), ("zone", eni.zone, instance.zone))
    differ = [f"{what} {ours} and {theirs}" for what, ours, theirs in pairs if ours != theirs]
    if differ:
        return failed(f"{eni.id} and {instance.id} differ: {'; '.join(differ)}", eni.id, instance.id)
    return passed(f"{eni.id} and {instance.id} are in {eni.vpc}, {eni.zone}")


RULE = Rule(
    id="same-vpc-zone",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="ENI and instance are in one VPC and one zone",
    why="An ENI can be attached only to an instance of its own VPC and zone; found after binding, the EIPs "
    "would be on an ENI that can go nowhere.",
    source=f"{sources.ATTACH}; {sources.ENI_OVERVIEW}",
    remedy="Create the secondary ENI in a vSwitch of the instance's VPC and zone and tag that one, or tag an "
    "instance beside the ENI.",
    predicts=("InvalidOperation.AvailabilityZoneMismatch", "InvalidOperation.VpcMismatch"),
    needs=(Reading.ENI, Reading.INSTANCE),
    check=check,
    reach=Reach.ATTACH,
)
