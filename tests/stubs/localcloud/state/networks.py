"""VPCs and vSwitches: the address space that interfaces take their private addresses from."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from localcloud.errors import ApiError


@dataclass(slots=True)
class Vpc:
    """One virtual private cloud."""

    vpc_id: str
    cidr: IPv4Network
    name: str
    created: str
    description: str = ""
    status: str = "Available"
    is_default: bool = False
    ipv4_gateway_id: str = ""


@dataclass(slots=True)
class VSwitch:
    """One subnet in one zone; knows which of its addresses are taken."""

    vswitch_id: str
    vpc_id: str
    zone_id: str
    cidr: IPv4Network
    name: str
    created: str
    description: str = ""
    status: str = "Available"
    _taken: set[int] = field(default_factory=set)
    _next: int = 1

    @property
    def gateway(self) -> IPv4Address:
        """The address of the VPC's router in this subnet."""
        return self.cidr.broadcast_address - 2

    @property
    def free(self) -> int:
        """How many addresses can still be taken; the first and the last three are the system's."""
        return self.cidr.num_addresses - 4 - len(self._taken)

    def interface(self, address: IPv4Address) -> IPv4Interface:
        """Return the address with the subnet's prefix."""
        return IPv4Interface((address, self.cidr.prefixlen))

    def take(self, wanted: str = "") -> IPv4Address:
        """Take the wanted address, or the next free one."""
        if wanted:
            return self._take_wanted(wanted)
        last = self.cidr.num_addresses - 4
        if self.free <= 0:
            raise ApiError(
                "InvalidVSwitchId.IpNotEnough", "The specified VSwitch has not enough IpAddress.", 403
            )
        while self._next in self._taken:
            self._next = self._next + 1 if self._next < last else 1
        self._taken.add(self._next)
        return self.cidr.network_address + self._next

    def _take_wanted(self, wanted: str) -> IPv4Address:
        try:
            address = IPv4Address(wanted)
        except ValueError:
            address = None
        offset = int(address) - int(self.cidr.network_address) if address else -1
        if address is None or not 1 <= offset <= self.cidr.num_addresses - 4:
            raise ApiError(
                "InvalidVSwitchId.IpInvalid", "The specified IP address is not valid in the VSwitch.", 403
            )
        if offset in self._taken:
            raise ApiError(
                "InvalidPrivateIpAddress.Duplicated", "The specified private IP address is already in use."
            )
        self._taken.add(offset)
        return address

    def give_back(self, address: IPv4Address) -> None:
        """Take an address back."""
        offset = int(address) - int(self.cidr.network_address)
        self._taken.discard(offset)
        self._next = min(self._next, offset)
