"""The values that the pure core works on: ids, resources as read, groups, facts, findings.

Everything is frozen. Vendor JSON becomes these values in `multieip.cloud`, and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, NewType

from multieip.dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping


EniId = NewType("EniId", str)
AllocationId = NewType("AllocationId", str)
InstanceId = NewType("InstanceId", str)
Region = NewType("Region", str)
GroupName = NewType("GroupName", str)

MAX_EIPS = 10
"""EIPs per ENI in multi-EIP mode (vendor's user guide; a ticket may raise it, the cloud then knows)."""


class EipStatus(str, Enum):
    """Life cycle of an EIP (DescribeEipAddresses, `Status`)."""

    AVAILABLE = "Available"
    ASSOCIATING = "Associating"
    IN_USE = "InUse"
    UNASSOCIATING = "Unassociating"
    RELEASING = "Releasing"
    OTHER = "Other"

    @property
    def settles(self) -> bool:
        """Whether the cloud is still working on it, so that waiting helps."""
        return self in {EipStatus.ASSOCIATING, EipStatus.UNASSOCIATING, EipStatus.RELEASING}


class EniStatus(str, Enum):
    """Life cycle of an ENI (DescribeNetworkInterfaces, `Status`)."""

    AVAILABLE = "Available"
    ATTACHING = "Attaching"
    IN_USE = "InUse"
    DETACHING = "Detaching"
    DELETING = "Deleting"
    OTHER = "Other"

    @property
    def settles(self) -> bool:
        """Whether the cloud is still working on it, so that waiting helps."""
        return self in {EniStatus.ATTACHING, EniStatus.DETACHING, EniStatus.DELETING}


class EniKind(str, Enum):
    """What sort of ENI it is (DescribeNetworkInterfaces, `Type`). Only a secondary one takes this mode."""

    PRIMARY = "Primary"
    SECONDARY = "Secondary"
    TRUNK = "Trunk"
    MEMBER = "Member"
    OTHER = "Other"


class InstanceStatus(str, Enum):
    """Life cycle of an instance (DescribeInstances, `Status`)."""

    PENDING = "Pending"
    STARTING = "Starting"
    RUNNING = "Running"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    OTHER = "Other"

    @property
    def settles(self) -> bool:
        """Whether the cloud is still working on it, so that waiting helps."""
        return self in {InstanceStatus.PENDING, InstanceStatus.STARTING, InstanceStatus.STOPPING}


class BindMode(str, Enum):
    """How an EIP is associated with an ENI (`Mode`)."""

    NAT = "NAT"
    CUT_THROUGH = "BINDED"
    MULTI = "MULTI_BINDED"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Eip:
    """An EIP as DescribeEipAddresses shows it. `bound_to` is the id of what it is associated with.

    `service_managed` means that a cloud service made it and keeps it for itself.
    """

    id: AllocationId
    address: str
    status: EipStatus
    region: Region
    bound_to: str | None = None
    bound_type: str | None = None
    mode: BindMode | None = None
    locks: tuple[str, ...] = ()
    service_managed: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Eni:
    """An ENI as DescribeNetworkInterfaces shows it. `instance` is what it is attached to, None for nothing.

    `traffic_mode` is HighPerformance for an RDMA interface; `trunk` is the trunk ENI of a member;
    `source_dest_check` is None where the cloud does not show it.
    """

    id: EniId
    status: EniStatus
    mac: str
    private_ip: str
    vpc: str
    vswitch: str
    zone: str
    region: Region
    kind: EniKind = EniKind.SECONDARY
    instance: InstanceId | None = None
    service_managed: bool = False
    traffic_mode: str = ""
    trunk: EniId | None = None
    source_dest_check: bool | None = None
    security_groups: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def on_other(self) -> bool:
        """Whether it hangs on something that is no ECS instance (a NAT gateway, a container group)."""
        return self.instance is not None and not self.instance.startswith("i-")


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as DescribeInstances shows it. `enis` holds all its interfaces, the primary one too.

    `macs` says which of them has which MAC, `primary` which is the primary one: None where it is not told.
    """

    id: InstanceId
    status: InstanceStatus
    type: str
    family: str
    os_type: str
    vpc: str
    zone: str
    region: Region
    enis: tuple[EniId, ...] = ()
    macs: Mapping[str, EniId] = field(default_factory=dict)
    primary: EniId | None = None
    locks: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def windows(self) -> bool:
        """Whether the guest is Windows (`OSType`)."""
        return self.os_type.lower() == "windows"


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What an instance type allows. `eni_quantity` counts the primary ENI too."""

    id: str
    family: str
    eni_quantity: int


@dataclass(frozen=True, slots=True)
class Assistant:
    """Cloud Assistant on one instance; `online` is a heartbeat within two minutes."""

    instance: InstanceId
    online: bool
    version: str = ""
    last_heartbeat: str = ""

    @property
    def id(self) -> InstanceId:
        """What an entry of the list is known by."""
        return self.instance

    @property
    def seen_ms(self) -> int | None:
        """When the agent was last seen, in milliseconds since 1970; None where it never was."""
        try:
            seen = datetime.fromisoformat(self.last_heartbeat.replace("Z", "+00:00"))
        except ValueError:
            return None
        return int(seen.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group, and whether one of its rules lets anything in from the internet."""

    id: str
    lets_in: bool


@dataclass(frozen=True, slots=True)
class Gateway:
    """Gateway and mask of one bound EIP (DescribeEipGatewayInfo)."""

    address: str
    gateway: str
    mask: str


@dataclass(frozen=True, slots=True)
class OddRow:
    """One entry of a list that cannot be read: its action, and its id and tags where they are legible.

    `untold` says that its tags are not.
    """

    action: str
    text: str
    id: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    untold: bool = False
