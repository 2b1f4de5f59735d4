"""What one look at one group has shown, and the intent behind it."""

from __future__ import annotations

from enum import Enum
from math import inf
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass, field
from multieip.model.resources import (
    AllocationId,
    Assistant,
    BindMode,
    Eip,
    EipStatus,
    Eni,
    EniId,
    Gateway,
    GroupName,
    Instance,
    InstanceId,
    InstanceType,
    OddRow,
    Region,
    SecurityGroup,
)
from multieip.permissions import ram_action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.model.guest import GuestReport


@dataclass(frozen=True, slots=True)
class IntentFault:
    """Something in the intent that cannot be meant; `ids` are the resources that carry it."""

    text: str
    ids: tuple[str, ...]


WANTED_UNDONE: Final = "release"
"""The value of the `hold` tag that wants the group undone; any other value pauses it."""


class Reading(str, Enum):
    """One thing that a look may read. A run asks for those that its next write depends on.

    `actions` are the cloud's operations behind it, `field` is the field of `Facts` that it fills.
    """

    actions: tuple[str, ...]
    field: str

    ENI = "eni", "enis", "DescribeNetworkInterfaces"
    EIPS = "eips", "eips", "DescribeEipAddresses"
    INSTANCE = "instance", "instances", "DescribeInstances"
    BOUND = "bound", "bound", "DescribeEipAddresses"
    ATTACHED_INSTANCE = "attached-instance", "attached_instance", "DescribeInstances"
    INSTANCE_TYPE = "instance-type", "instance_type", "DescribeInstanceTypes"
    ASSISTANT = "assistant", "assistant", "DescribeCloudAssistantStatus"
    GATEWAYS = "gateways", "gateways", "DescribeEipGatewayInfo"
    ELSEWHERE = "elsewhere", "elsewhere", "DescribeNetworkInterfaces"
    GUEST = "guest", "guest", "RunCommand", "DescribeInvocationResults"
    SECURITY_GROUPS = "security-groups", "security_groups", "DescribeSecurityGroupAttribute"
    SERVICE_ENI = "service-eni", "on_service_eni", "DescribeEipAddresses"

    def __new__(cls, value: str, field: str, *actions: str) -> Reading:  # noqa: PYI034  3.10 has no Self
        """Make a member whose value is the reading's name."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.field = field
        made.actions = actions
        return made

    @property
    def permission(self) -> str:
        """The RAM actions that the role needs for it."""
        return " and ".join(ram_action(action) for action in self.actions)


SPARED: Final = frozenset({Reading.INSTANCE_TYPE, Reading.ASSISTANT})
"""What a look leaves out of an instance that holds the ENI already, or serves already: it changes nothing."""


NOT_BY_A_LOOK: Final = frozenset({Reading.GUEST, Reading.SECURITY_GROUPS, Reading.SERVICE_ENI})
"""What no look at the cloud reads: guests are asked by themselves, rules of security groups by a sweep, and
after the guests what is on a second ENI that one sends the service network by.
"""


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something could not be read.

    `denied`: the role lacks the permission. `passes`: the next look may well read it (an answer that
    contradicted itself, a call that got no answer). `gone`: what is named is not there, as far as the cloud
    shows.
    """

    text: str
    denied: bool = False
    passes: bool = False
    gone: bool = False

    def __str__(self) -> str:
        """For people: the reason."""
        return self.text


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs together: by tags (`name`) or by explicit ids of a manual call (`name` is None).

    Holds what the operator said, also when it is more than a group may have; the rules say so.
    `hold` is the value of the ENI's tag of that name; `refused` is EIP → code, from the tag that a run puts
    on an EIP that the cloud refused for good while others were served.
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
    hold: str = ""
    refused: Mapping[AllocationId, str] = field(default_factory=dict)
    tag_prefix: str = "multi-eip:"

    @property
    def wanted_undone(self) -> bool:
        """Whether the ENI's `hold` tag wants everything of this group taken back."""
        return self.hold == WANTED_UNDONE

    @property
    def paused(self) -> bool:
        """Whether the ENI's `hold` tag wants nothing to be written."""
        return self.hold not in {"", WANTED_UNDONE}

    @property
    def label(self) -> str:
        """How people and logs call it: the group's name, else its ENI."""
        return self.name or (self.enis[0] if self.enis else "nothing")


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a member of ours: the ENI, and the group that its own tag names.

    `lacks` is what that group needs to let the member go: consents, or the end of a hold. Without a group
    nobody gives it up.
    """

    eni: EniId
    group: GroupName | None
    lacks: tuple[str, ...] = ()

    @property
    def gives(self) -> bool:
        """Whether the group that holds the member may unbind it by itself."""
        return self.group is not None and not self.lacks


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal of the cloud met earlier in this run; it overrides what our data say."""

    action: str
    code: str
    message: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the vendor's pages say about the mode, with the day they were read (see `cloud/data`).

    `dropped_families` are those that the page of 2021 lists and the current one does not.
    """

    regions: frozenset[str]
    closed_regions: frozenset[str]
    families: frozenset[str]
    as_of: str
    dropped_families: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one look at one group has shown.

    `eips` are the group's members, `bound` every EIP associated with the group's ENI, member or not.
    `instance` is the one the group names, `attached_instance` the one the ENI is attached to.
    None means *nothing there*; what could not be read is in `unread` with the reason, and then the rules
    answer *unknown*, never *pass*. `unasked` is what this look left out because nothing depends on it, `odd`
    the entries of lists that could not be read.
    `trusts_guest` says that the gateways were left out because lists and guest agree with each other: masks
    are then the guest's word.
    `security_groups` are those of the ENI whose rules were read; None where none were.
    `on_service_eni` are the EIPs on another secondary ENI by which the guest reaches the service network;
    None where they were not asked for.
    `elsewhere` are the ENIs that hold a member of the group and are not its own. `looked_at`, a reading of
    `clock.monotonic()`, and `asof_ms`, the wall clock, are of the moment before the look's first read;
    `bound_at` is `looked_at` of the look that has last shown what is bound, `listed_at` of the one that has
    last read it as a list: gateways show it as well, but nothing in their answer tells that it is short.
    """

    group: Group
    catalog: Catalog
    enis: tuple[Eni, ...] = ()
    eips: tuple[Eip, ...] = ()
    bound: tuple[Eip, ...] = ()
    instances: tuple[Instance, ...] = ()
    attached_instance: Instance | None = None
    instance_type: InstanceType | None = None
    assistant: Assistant | None = None
    gateways: tuple[Gateway, ...] | None = None
    guest: GuestReport | None = None
    security_groups: tuple[SecurityGroup, ...] | None = None
    on_service_eni: tuple[Eip, ...] | None = None
    unread: Mapping[Reading, Unread] = field(default_factory=dict)
    unasked: frozenset[Reading] = frozenset()
    odd: tuple[OddRow, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    bind_while_attached: bool = False
    elsewhere: tuple[Eni, ...] = ()
    trusts_guest: bool = False
    looked_at: float = 0.0
    bound_at: float = 0.0
    listed_at: float = -inf
    asof_ms: int = 0

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
    def eips_outside(self) -> tuple[Eip, ...]:
        """EIPs on the group's ENI in multi-EIP mode that are no members."""
        members = {eip.id for eip in self.eips}
        return tuple(eip for eip in self.bound if eip.id not in members and eip.mode is BindMode.MULTI)

    @property
    def eips_staying(self) -> tuple[Eip, ...]:
        """Those of `eips_outside` that may not be unbound: nobody has consented to it."""
        return () if self.group.prune else self.eips_outside

    def holding(self, eip: Eip) -> Holding | None:
        """Return who holds a member that is bound to another ENI, as far as that ENI could be read."""
        row = next((eni for eni in self.elsewhere if eni.id == eip.bound_to), None)
        if row is None:
            return None
        prefix = self.group.tag_prefix
        lacks = [] if row.tags.get(f"{prefix}prune") == "allow" else [f"{prefix}prune=allow"]
        if row.instance is not None and row.tags.get(f"{prefix}detach") != "allow":
            lacks.append(f"{prefix}detach=allow")
        if f"{prefix}hold" in row.tags:
            lacks.append(f"no {prefix}hold")
        name = row.tags.get(f"{prefix}group")
        return Holding(row.id, GroupName(name) if name else None, tuple(lacks))

    def is_bound(self, eip: Eip) -> bool:
        """Whether the EIP is (being) associated with the group's ENI in multi-EIP mode."""
        eni = self.eni
        return (
            eni is not None
            and eip.bound_to == eni.id
            and eip.mode is BindMode.MULTI
            and eip.status in {EipStatus.IN_USE, EipStatus.ASSOCIATING}
        )


@dataclass(frozen=True, slots=True)
class Target:
    """What a run is about: a group by its name, or the group that a manual call spells out in ids.

    `named` are ids that the event behind the run has named: a look reads those by id that its lists by tag
    lack, because such a list may lag behind what a resource's own row says.
    """

    region: Region
    name: GroupName | None = None
    explicit: Group | None = None
    named: tuple[str, ...] = ()
