"""The instance type has room for one more ENI.

Fact: DescribeInstanceTypes, `EniQuantity` includes the primary ENI; code EniPerInstanceLimitExceeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, NO_INSTANCE, Rule, Verdict, failed, not_applicable, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:  # noqa: PLR0911  cases, one after the other
    """Fail where attaching the ENI would exceed the type's number of ENIs."""
    eni, instance, kind = facts.eni, facts.instance, facts.instance_type
    if eni is None:
        return NO_ENI
    if instance is None:
        return NO_INSTANCE
    if eni.instance == instance.id:
        return passed(f"{eni.id} is on {instance.id} already", instance.id)
    if kind is None and Reading.INSTANCE_TYPE in facts.unasked:
        return not_applicable(f"{eni.id} was on {instance.id} when this run began to look")
    if kind is None or kind.id != instance.type:
        return unknown(f"the cloud does not tell how many ENIs a {instance.type} takes", instance.id)
    after = len({*instance.enis, eni.id})
    if after > kind.eni_quantity:
        return failed(
            f"{instance.id} ({kind.id}) takes {kind.eni_quantity} ENIs, the primary one included, and would "
            f"have {after}",
            instance.id,
        )
    return passed(f"{instance.id} would have {after} of {kind.eni_quantity} ENIs", instance.id)


RULE = Rule(
    id="eni-room",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The instance type has room for the ENI",
    why="Each instance type takes a fixed number of ENIs, the primary one included.",
    source=f"{sources.INSTANCE_TYPES}; {sources.ATTACH}",
    remedy="Detach an ENI that the instance no longer needs, or change it to a larger type of a supported "
    "family.",
    predicts=("EniPerInstanceLimitExceeded", "MaxEniCountExceeded"),
    needs=(Reading.ENI, Reading.INSTANCE, Reading.INSTANCE_TYPE),
    check=check,
    reach=Reach.ATTACH,
)
