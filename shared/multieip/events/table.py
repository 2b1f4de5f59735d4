"""Which event names its resources where: one row per event, so that adding an event is adding a row.

Parameters of RPC calls reach the event flattened (`ResourceId.1`), nested or as lists, depending on the
caller's SDK; the paths here are written without numbers (`ResourceId`, `InstanceIdSets.InstanceIdSet`)
and `leaves` makes the forms equal. Names: ActionTrail's audit events of ECS and VPC, ECS's own events.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

ECS: Final = frozenset({"ecs"})
VPC: Final = frozenset({"vpc"})
_BOTH: Final = ECS | VPC

STATE_CHANGE: Final = "ecs:Instance:StateChange"
ENI_COMPLETED: Final = "ecs:NetworkInterface:NetworkInterfaceOperateCompleted"


class Meaning(Enum):
    """What a row's event means for the groups of the resources that it names."""

    CHANGED = "changed"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    PARTED = "parted"
    GONE = "gone"
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class Row:
    """One event: its name, the products that send it, and the paths at which ids of ours may be."""

    name: str
    products: frozenset[str]
    ids: tuple[str, ...]
    change: Meaning = Meaning.CHANGED


ROWS: Final = (
    Row("CreateNetworkInterface", ECS, ("NetworkInterfaceId",)),
    Row("AttachNetworkInterface", ECS, ("NetworkInterfaceId", "InstanceId")),
    Row("DetachNetworkInterface", ECS, ("NetworkInterfaceId", "InstanceId"), Meaning.PARTED),
    Row("DeleteNetworkInterface", ECS, ("NetworkInterfaceId",), Meaning.GONE),
    Row("AllocateEipAddress", VPC, ("AllocationId",)),
    Row("AllocateEipAddressPro", VPC, ("AllocationId",)),
    Row("AssociateEipAddress", VPC, ("AllocationId", "InstanceId")),
    Row("AssociateEipAddressBatch", VPC, ("BindedInstanceId", "InstanceIds")),
    Row("UnassociateEipAddress", VPC, ("AllocationId", "InstanceId"), Meaning.PARTED),
    Row("ReleaseEipAddress", VPC, ("AllocationId",), Meaning.GONE),
    Row("TagResources", _BOTH, ("ResourceId",), Meaning.TAGGED),
    Row("UntagResources", _BOTH, ("ResourceId",), Meaning.UNTAGGED),
    Row("UnTagResources", _BOTH, ("ResourceId",), Meaning.UNTAGGED),
    Row("AddTags", ECS, ("ResourceId",), Meaning.TAGGED),
    Row("RemoveTags", ECS, ("ResourceId",), Meaning.UNTAGGED),
    Row("RunInstances", ECS, ("InstanceIdSets.InstanceIdSet", "InstanceId")),
    Row("StartInstance", ECS, ("InstanceId",)),
    Row("StartInstances", ECS, ("InstanceId", "InstanceResponses.InstanceResponse.InstanceId")),
    # A purchase on a buy page names nothing but, at best, its referenced resources.
    Row("Create", _BOTH, (), Meaning.BOUGHT),
    Row(STATE_CHANGE, ECS, ("resourceId", "instanceId")),
    Row(ENI_COMPLETED, ECS, ("eniId", "resourceId")),
)
BY_NAME: Final[Mapping[str, Row]] = {row.name: row for row in ROWS}
