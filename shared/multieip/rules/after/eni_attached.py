"""The ENI is attached to the group's instance.

Fact: Attaching → InUse; Attaching → Available again means that attaching failed, and no code says so
(AttachNetworkInterface).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import EniStatus
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, NO_INSTANCE, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the ENI is not InUse on the group's instance."""
    eni, instance = facts.eni, facts.instance
    if eni is None:
        return NO_ENI
    if instance is None:
        return NO_INSTANCE
    if eni.instance == instance.id and eni.status is EniStatus.IN_USE:
        return passed(f"{eni.id} is attached to {instance.id}", eni.id, instance.id)
    where = f"attached to {eni.instance}" if eni.instance else "detached"
    return failed(
        f"{eni.id} is {where} ({eni.status.value}), not attached to {instance.id}",
        eni.id,
        instance.id,
        settles=eni.status is EniStatus.ATTACHING,
    )


RULE = Rule(
    id="eni-attached",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="The ENI is attached to the group's instance",
    why="An attachment that fails shows no error: the ENI only goes back to Available.",
    source=f"{sources.ATTACH}; {sources.ENI_OVERVIEW}",
    remedy="Run the group with action apply. With the tag size, the ENI waits until that many EIPs are "
    "bound. If the ENI goes back to Available each time, stop the instance and try again.",
    needs=(Reading.ENI, Reading.INSTANCE),
    check=check,
)
