"""The ENI is a plain secondary one, and its owner's to change.

Fact: only secondary ENIs take EIPs in this mode (user guide); a primary ENI can be neither detached nor
attached elsewhere (AttachNetworkInterface), and it carries the instance's own way out. A trunk carries other
ENIs, a member is detached from its trunk and would come back as an ordinary ENI, one in HighPerformance mode
is an RDMA interface, and one that a cloud service manages, or that is attached to no ECS instance, belongs to
something else (DescribeNetworkInterfaces, `Type`, `NetworkInterfaceTrafficMode`, `ServiceManaged`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import EniKind, EniStatus
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.resources import Eni


def check(facts: Facts) -> Verdict:
    """Fail where any ENI of the group is of another kind, also where the group has too many."""
    if not facts.enis:
        return NO_ENI
    others = [(eni.id, why) for eni in facts.enis if (why := _why_not(eni))]
    if others:
        return failed("; ".join(f"{eni} {why}" for eni, why in others), *(eni for eni, _ in others))
    return passed(f"{listed(eni.id for eni in facts.enis)} is a secondary ENI")


def _why_not(eni: Eni) -> str:
    if eni.kind is not EniKind.SECONDARY:
        return _KINDS[eni.kind]
    if eni.service_managed:
        return "is managed by a cloud service"
    if eni.traffic_mode == _RDMA:
        return "is an RDMA interface (traffic mode HighPerformance)"
    if eni.on_other:
        return f"is attached to {eni.instance}, which is not an ECS instance"
    if eni.status is EniStatus.IN_USE and eni.instance is None:
        return "is in use by something that the cloud does not name"
    return ""


_RDMA: Final = "HighPerformance"
_KINDS: Final = {
    EniKind.PRIMARY: "is the primary ENI of an instance",
    EniKind.TRUNK: "is a trunk ENI, which carries other ENIs",
    EniKind.MEMBER: "is a member ENI, which is attached through a trunk ENI",
    EniKind.OTHER: "is of a type that the vendor's pages do not name",
}


RULE = Rule(
    id="eni-secondary",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The ENI is a secondary ENI",
    why="The mode binds EIPs to a secondary ENI. A primary ENI cannot be detached, and this product never "
    "touches the primary interface of an instance. Trunk, member and RDMA interfaces, and those that a cloud "
    "service manages or that are attached to no ECS instance, would lose what they are for.",
    source=f"{sources.MODE}; {sources.ENI_OVERVIEW}",
    remedy="Remove the group's tag from this ENI. Create a secondary ENI of type Secondary in the instance's "
    "zone, and tag that one.",
    predicts=(
        "InvalidOperation.DetachPrimaryEniNotAllowed",
        "InvalidOperation.EniServiceManaged",
        "InvalidOperation.InvalidEniType",
    ),
    needs=(Reading.ENI,),
    check=check,
    guards_release=True,
)
