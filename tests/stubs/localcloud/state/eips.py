"""Elastic IP addresses: their state, and the rules of binding them to an interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from localcloud.state.ordered import Ordered

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.state.addresses import PublicIp
    from localcloud.state.others import SharedBandwidth

EipStatus = Literal["Available", "Associating", "InUse", "Unassociating", "Releasing"]
Mode = Literal["NAT", "MULTI_BINDED", "BINDED"]

MAX_MULTI_BOUND = 10


@dataclass(slots=True)
class Eip:
    """One elastic IP address."""

    allocation_id: str
    public: PublicIp
    created: str
    name: str = ""
    description: str = ""
    bandwidth: str = "5"
    internet_charge_type: str = "PayByBandwidth"
    charge_type: str = "PostPaid"
    isp: str = "BGP"
    resource_group_id: str = ""
    status: EipStatus = "Available"
    instance_id: str = ""
    instance_type: str = ""
    mode: Mode | Literal[""] = ""
    private_ip: IPv4Address | None = None
    lock_reason: str = ""
    deletion_protection: bool = False
    service_id: int = 0
    shared: SharedBandwidth | None = None
    unlisted_reads: int = 0

    @property
    def moving(self) -> bool:
        """Whether a change is under way."""
        return self.status not in {"Available", "InUse"}


class EipStore:
    """The EIPs of one region, findable by id, by address and by what they are bound to."""

    def __init__(self) -> None:
        """No EIPs yet."""
        self.all: Ordered[Eip] = Ordered()
        self._by_address: dict[str, Eip] = {}
        self._by_instance: dict[str, dict[str, Eip]] = {}

    def add(self, eip: Eip) -> Eip:
        """Take in a new EIP."""
        self.all[eip.allocation_id] = eip
        self._by_address[str(eip.public.address)] = eip
        return eip

    def remove(self, eip: Eip) -> None:
        """Forget the EIP."""
        self.unlink(eip)
        del self.all[eip.allocation_id]
        del self._by_address[str(eip.public.address)]

    def by_address(self, address: str) -> Eip | None:
        """Return the EIP with this address."""
        return self._by_address.get(address)

    def bound_to(self, instance_id: str) -> list[Eip]:
        """Return what is bound, or is being bound, to an interface or instance, oldest first."""
        return list(self._by_instance.get(instance_id, {}).values())

    def link(
        self, eip: Eip, instance_id: str, instance_type: str, mode: Mode, private: IPv4Address | None
    ) -> None:
        """From now on the EIP belongs to the interface or instance."""
        eip.instance_id, eip.instance_type, eip.mode, eip.private_ip = (
            instance_id,
            instance_type,
            mode,
            private,
        )
        self._by_instance.setdefault(instance_id, {})[eip.allocation_id] = eip

    def unlink(self, eip: Eip) -> None:
        """Take the EIP from what it was bound to."""
        if eip.instance_id:
            self._by_instance.get(eip.instance_id, {}).pop(eip.allocation_id, None)
        eip.instance_id, eip.instance_type, eip.mode, eip.private_ip = "", "", "", None
