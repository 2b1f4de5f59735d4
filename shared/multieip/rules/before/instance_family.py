"""The instance's family is one of those that the mode supports.

Fact: 45 families on the page of 2021, 21 on the current one, none of the sixth generation or later (user
guide; data in `cloud/data/families.json`). When the service itself checks is not confirmed, so we check
before the first write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_INSTANCE, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Catalog, Facts


def check(facts: Facts) -> Verdict:
    """Fail where the family is not listed; one that only the page of 2021 lists passes with a remark."""
    instance, catalog = facts.instance, facts.catalog
    if instance is None:
        return NO_INSTANCE
    if instance.family not in catalog.families:
        return failed(
            f"{instance.id} is of family {instance.family}, which is not among the {len(catalog.families)} "
            f"families of the mode ({catalog.as_of})",
            instance.id,
        )
    remark = "; the current page does not name it any more" if _is_dropped(instance.family, catalog) else ""
    return passed(f"{instance.family} of {instance.id} is listed ({catalog.as_of}){remark}", instance.id)


def _is_dropped(family: str, catalog: Catalog) -> bool:
    return family in catalog.dropped_families


RULE = Rule(
    id="instance-family",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The instance family supports the mode",
    why="After EIPs are bound, the ENI works only with an instance of certain families; found after binding, "
    "the EIPs would be on an ENI that serves nobody.",
    source=f"{sources.MODE}; {sources.GUIDE}",
    remedy="Use an instance of a supported family, such as ecs.g5, ecs.c5 or ecs.r5. If you know that the "
    "vendor supports this family, add it to MULTI_EIP_EXTRA_FAMILIES. For newer families the "
    f"vendor recommends a secondary CIDR block ({sources.SECONDARY_CIDR}).",
    predicts=("OperationUnsupported.EipBindModel",),
    needs=(Reading.INSTANCE,),
    check=check,
    may_exempt=True,
    reach=Reach.CHANGE,
)
