"""The values that the pure core works on: ids, resources as read, groups, facts, findings.

Everything is frozen. Vendor JSON becomes these values in `multieip.cloud`, and nowhere else.
"""

from __future__ import annotations

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
    """An EIP as DescribeEipAddresses shows it. `bound_to` is the id of what it is associated with."""

    id: AllocationId
    address: str
    status: EipStatus
    region: Region
    bound_to: str | None = None
    bound_type: str | None = None
    mode: BindMode | None = None
    locks: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Eni:
    """An ENI as DescribeNetworkInterfaces shows it. `instance` is None while it is detached."""

    id: EniId
    status: EniStatus
    primary: bool
    mac: str
    private_ip: str
    vpc: str
    vswitch: str
    zone: str
    region: Region
    instance: InstanceId | None = None
    service_managed: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as DescribeInstances shows it. `enis` holds all its interfaces, the primary one too."""

    id: InstanceId
    status: InstanceStatus
    type: str
    family: str
    os_type: str
    vpc: str
    zone: str
    region: Region
    enis: tuple[EniId, ...] = ()
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


@dataclass(frozen=True, slots=True)
class Gateway:
    """Gateway and mask of one bound EIP (DescribeEipGatewayInfo)."""

    address: str
    gateway: str
    mask: str
