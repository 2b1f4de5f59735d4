"""ENI, EIPs and instance are in the group's region.

Fact: "The secondary ENI and the EIPs that you want to associate are deployed in the same region"
(user guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import Rule, Verdict, failed, not_applicable, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.resources import Eip, Eni, Instance


def check(facts: Facts) -> Verdict:
    """Fail for every member that is in another region."""
    members: tuple[Eni | Eip | Instance, ...] = (*facts.enis, *facts.eips, *facts.instances)
    if not members:
        return not_applicable("nothing of the group was found")
    home = facts.group.region
    away = [member for member in members if member.region != home]
    if away:
        where = ", ".join(f"{member.id} in {member.region}" for member in away)
        return failed(f"the group is in {home}, but: {where}", *(member.id for member in away))
    return passed(f"all members are in {home}")


RULE = Rule(
    id="same-region",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="ENI, EIPs and instance are in one region",
    why="The secondary ENI and the EIPs to be bound must be deployed in the same region.",
    source=sources.MODE,
    remedy="Use EIPs of the ENI's region: release the one elsewhere and allocate a new one here.",
    predicts=("Forbidden.RegionId", "InvalidOperation.InvalidRegion", "InvalidParameter.Mismatch"),
    needs=(Reading.ENI, Reading.EIPS, Reading.INSTANCE),
    check=check,
    reach=Reach.EIPS,
)
