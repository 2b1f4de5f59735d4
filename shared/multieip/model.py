"""The values that the pure core works on: ids, resources as read, groups, facts, findings.

Everything is frozen. Vendor JSON becomes these values in `multieip.cloud`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.guest.types import GuestReport

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


@dataclass(frozen=True, slots=True)
class IntentFault:
    """Something in the intent that cannot be meant; `ids` are the resources that carry it."""

    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs together: by tags (`name`) or by explicit ids of a manual call (`name` is None).

    Holds what the operator said, also when it is more than a group may have; the rules say so.
    """

    region: Region
    name: GroupName | None = None
    enis: tuple[EniId, ...] = ()
    eips: tuple[AllocationId, ...] = ()
    instances: tuple[InstanceId, ...] = ()
    size: int | None = None
    detach: bool = False
    prune: bool = False
    ignore: frozenset[str] = frozenset()
    faults: tuple[IntentFault, ...] = ()

    @property
    def label(self) -> str:
        """How people and logs call it: the group's name, else its ENI."""
        return self.name or (self.enis[0] if self.enis else "nothing")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal of the cloud met earlier in this run; it overrides what our data say."""

    action: str
    code: str
    message: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the vendor's pages say about the mode, with the day they were read (see `cloud/data`)."""

    regions: frozenset[str]
    closed_regions: frozenset[str]
    families: frozenset[str]
    as_of: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one look at one group has shown.

    `eips` are the group's members, `bound` every EIP associated with the group's ENI, member or not.
    `instance` is the one the group names, `holder` the one the ENI is attached to.
    None means *not looked at, or nothing there*; what could not be read is in `unread` with the reason,
    and then the rules answer *unknown*, never *pass*.
    """

    group: Group
    catalog: Catalog
    enis: tuple[Eni, ...] = ()
    eips: tuple[Eip, ...] = ()
    bound: tuple[Eip, ...] = ()
    instances: tuple[Instance, ...] = ()
    holder: Instance | None = None
    instance_type: InstanceType | None = None
    assistant: Assistant | None = None
    gateways: tuple[Gateway, ...] | None = None
    guest: GuestReport | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    bind_while_attached: bool = False

    @property
    def eni(self) -> Eni | None:
        """The group's ENI where there is exactly one."""
        return self.enis[0] if len(self.enis) == 1 else None

    @property
    def instance(self) -> Instance | None:
        """The group's instance where there is exactly one."""
        return self.instances[0] if len(self.instances) == 1 else None

    @property
    def unbound_members(self) -> tuple[Eip, ...]:
        """Members that are not associated with the group's ENI in multi-EIP mode (yet)."""
        return tuple(eip for eip in self.eips if not self.is_bound(eip))

    @property
    def strangers(self) -> tuple[Eip, ...]:
        """EIPs on the group's ENI in multi-EIP mode that are no members."""
        members = {eip.id for eip in self.eips}
        return tuple(eip for eip in self.bound if eip.id not in members and eip.mode is BindMode.MULTI)

    def is_bound(self, eip: Eip) -> bool:
        """Whether the EIP is (being) associated with the group's ENI in multi-EIP mode."""
        eni = self.eni
        return (
            eni is not None
            and eip.bound_to == eni.id
            and eip.mode is BindMode.MULTI
            and eip.status in {EipStatus.IN_USE, EipStatus.ASSOCIATING}
        )


class Severity(str, Enum):
    """How bad a failed rule is: an error stops the run, a warning is told, advice is offered."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Status(str, Enum):
    """What a rule said."""

    PASS = "pass"  # noqa: S105  a rule's answer, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    EXEMPT = "exempt"


class Phase(str, Enum):
    """When a rule speaks: before the first write, or about the result."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one group. `ids` are the resources concerned.

    `settles` marks a failure that time alone may cure (an ENI still detaching, a guest still booting).
    """

    rule: str
    severity: Severity
    phase: Phase
    status: Status
    message: str
    ids: tuple[str, ...] = ()
    remedy: str = ""
    settles: bool = False
    blocks: bool = False

    @property
    def bad(self) -> bool:
        """Whether somebody should look at it."""
        return self.status in {Status.FAIL, Status.UNKNOWN}
