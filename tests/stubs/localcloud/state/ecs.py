"""Instances, network interfaces and security groups: their state and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from localcloud.state.commands import Agent
from localcloud.state.ordered import Ordered

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.guests.base import Guest
    from localcloud.state.instance_types import InstanceType

EniStatus = Literal["Creating", "Available", "Attaching", "InUse", "Detaching", "Deleting"]
EniKind = Literal["Primary", "Secondary", "Trunk", "Member"]
TrafficMode = Literal["Standard", "HighPerformance"]
InstanceStatus = Literal["Pending", "Starting", "Running", "Stopping", "Stopped"]


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """One rule of what may come in."""

    rule_id: str
    protocol: str
    ports: str
    cidr: str = ""
    group: str = ""
    prefix_list: str = ""
    cidr6: str = ""
    policy: str = "Accept"
    priority: str = "1"
    description: str = ""
    created: str = ""

    def same(self, other: SecurityRule) -> bool:
        """Whether both say the same, whatever they are called."""
        mine = replace(self, rule_id="", description="", created="")
        return mine == replace(other, rule_id="", description="", created="")


@dataclass(slots=True)
class SecurityGroup:
    """One security group; its rules are shown, and no packet is held up by them."""

    group_id: str
    vpc_id: str
    name: str
    created: str
    description: str = ""
    rules: list[SecurityRule] = field(default_factory=list)


@dataclass(slots=True)
class Eni:
    """One network interface; the first private address is the primary one."""

    eni_id: str
    mac: str
    kind: EniKind
    vpc_id: str
    vswitch_id: str
    zone_id: str
    security_groups: list[str]
    addresses: list[IPv4Address]
    created: str
    name: str = ""
    description: str = ""
    resource_group_id: str = ""
    status: EniStatus = "Available"
    instance_id: str = ""
    device_index: int = 0
    delete_on_release: bool = True
    queue_number: int = 1
    traffic_mode: TrafficMode = "Standard"
    trunk_id: str = ""
    queue_pairs: int = 0
    service_id: int = 0
    source_dest_check: bool = False
    unlisted_reads: int = 0

    @property
    def managed(self) -> bool:
        """Whether it belongs to another service of the vendor, which alone may change it."""
        return self.service_id != 0

    @property
    def primary_address(self) -> IPv4Address:
        """The address that DHCP gives to the guest."""
        return self.addresses[0]


@dataclass(slots=True)
class Instance:
    """One virtual machine; `guest` is its operating system."""

    instance_id: str
    type: InstanceType
    os_type: Literal["linux", "windows"]
    vpc_id: str
    vswitch_id: str
    zone_id: str
    security_groups: list[str]
    created: str
    guest: Guest
    name: str = ""
    hostname: str = ""
    description: str = ""
    image_id: str = ""
    started: str = ""
    resource_group_id: str = ""
    status: InstanceStatus = "Stopped"
    primary_eni_id: str = ""
    deletion_protection: bool = False
    lock_reason: str = ""
    stopped_mode: str = "KeepCharging"
    assistant_online: bool = True
    agent: Agent = field(default_factory=Agent)
    invocation_count: int = 0
    last_invoked: str = ""
    booted: int = 0
    unlisted_reads: int = 0


class EniStore:
    """The interfaces of one region, findable by id, by instance and by private address."""

    def __init__(self) -> None:
        """No interfaces yet."""
        self.all: Ordered[Eni] = Ordered()
        self._by_instance: dict[str, dict[str, Eni]] = {}

    def add(self, eni: Eni) -> Eni:
        """Take in a new interface."""
        self.all[eni.eni_id] = eni
        if eni.instance_id:
            self.link(eni, eni.instance_id)
        return eni

    def remove(self, eni: Eni) -> None:
        """Let go of the interface."""
        self.unlink(eni)
        del self.all[eni.eni_id]

    def of_instance(self, instance_id: str) -> list[Eni]:
        """Return the interfaces of an instance, those under way included."""
        return list(self._by_instance.get(instance_id, {}).values())

    def members_of(self, trunk: Eni) -> list[Eni]:
        """Return the member interfaces that hang on a trunk."""
        if trunk.kind != "Trunk":
            return []
        return [each for each in self.of_instance(trunk.instance_id) if each.trunk_id == trunk.eni_id]

    def link(self, eni: Eni, instance_id: str) -> None:
        """Give the interface to the instance."""
        eni.instance_id = instance_id
        self._by_instance.setdefault(instance_id, {})[eni.eni_id] = eni

    def unlink(self, eni: Eni) -> None:
        """Take the interface from its instance."""
        if eni.instance_id:
            self._by_instance.get(eni.instance_id, {}).pop(eni.eni_id, None)
        eni.instance_id = ""
        eni.device_index = 0
