"""Everything around the guests: vSwitches, EIP gateways, the internet host, and who is plugged where.

Runs inside the holder, which alone has the right to change networks.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from localcloud.guests.base import GatewayCount, Nic, PublicAddress, WorldError
from localcloud.guests.gateway import Gateway
from localcloud.guests.segment import CORE, Segment
from localcloud.guests.tools import ip, sysctl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INTERNET = "internet"
INTERNET_HOST = IPv4Address("198.18.0.10")


@dataclass(frozen=True, slots=True)
class Port:
    """An interface that is plugged somewhere: its segment, and its fixed place there."""

    nic: Nic
    segment: Segment
    number: int

    @property
    def outer(self) -> str:
        """The fabric's end of the cable."""
        return f"port{self.number}"


class Fabric:
    """Keeps the wiring right: an EIP reaches its interface when both are there."""

    def __init__(self, folder: Path) -> None:
        """Build the network core and the internet host."""
        self._folder = folder
        self._lock = threading.RLock()
        self._segments: dict[str, Segment] = {}
        self._gateways: dict[IPv4Address, Gateway] = {}
        self._ports: dict[str, Port] = {}
        self._bound: dict[IPv4Address, PublicAddress] = {}
        self._numbers = 0
        ip(
            "",
            "link set lo up",
            "link add core type bridge",
            "link set core up",
            f"netns add {INTERNET}",
            f"link add uplink type veth peer name eth0 netns {INTERNET}",
            "link set uplink master core up",
        )
        ip(
            INTERNET,
            "link set lo up",
            f"addr add {INTERNET_HOST}/{CORE.prefixlen} dev eth0",
            "link set eth0 up",
        )
        sysctl(INTERNET, ip_forward=0)

    def admit(self, nic: Nic) -> Port:
        """Give an interface its place in its vSwitch, and its EIPs to it."""
        with self._lock:
            if nic.eni_id in self._ports:
                raise WorldError(f"{nic.eni_id} is plugged already; unplug it first")
            segment = self._segment(nic)
            segment.admit(nic.mac, nic.private.ip)
            self._numbers += 1
            port = self._ports[nic.eni_id] = Port(nic, segment, self._numbers)
            for public in self._bound.values():
                if public.eni_id == nic.eni_id:
                    self._deliver(public, port)
            return port

    def expel(self, eni_id: str) -> None:
        """Take an interface's place away; its EIPs reach nobody. Unknown ids are no error."""
        with self._lock:
            port = self._ports.pop(eni_id, None)
            if port is None:
                return
            for public in self._bound.values():
                if public.eni_id == eni_id:
                    self._withdraw(public, port)
            port.segment.expel(port.nic.mac)

    def bind(self, public: PublicAddress) -> None:
        """Route an EIP to its interface, now or as soon as that is plugged."""
        with self._lock:
            self.unbind(public.address)
            self._bound[public.address] = public
            if public.visible:
                self._gateway(public)
            port = self._ports.get(public.eni_id)
            if port is not None:
                self._deliver(public, port)

    def unbind(self, address: IPv4Address) -> None:
        """Stop routing an EIP; unknown addresses are no error."""
        with self._lock:
            public = self._bound.pop(address, None)
            port = self._ports.get(public.eni_id) if public else None
            if public is not None and port is not None:
                self._withdraw(public, port)

    def peer_of(self, private: IPv4Address) -> str:
        """Find the host in another subnet of the VPC of this private address."""
        with self._lock:
            for segment in self._segments.values():
                if private in segment.network:
                    return segment.peer
        raise WorldError(f"{private} lies in no vSwitch of this world; plug an interface there first")

    def keep_sessions(self, services: Sequence[tuple[str, int]]) -> None:
        """Let every vSwitch's translation of EIPs admit only known sessions and these services."""
        with self._lock:
            for segment in self._segments.values():
                segment.admit_only(services)

    def counts(self) -> list[GatewayCount]:
        """Count what each gateway has forwarded and dropped."""
        with self._lock:
            gateways: list[Gateway | Segment] = [*self._gateways.values(), *self._segments.values()]
            return [one.count() for one in gateways]

    def _segment(self, nic: Nic) -> Segment:
        key = nic.vswitch_id or str(nic.private.network)
        segment = self._segments.get(key)
        if segment is None:
            number = len(self._segments)
            folder = self._folder / f"vswitch{number}"
            segment = Segment(number, nic.private.network, nic.gateway, folder)
            segment.build()
            self._segments[key] = segment
        return segment

    def _gateway(self, public: PublicAddress) -> Gateway:
        gateway = self._gateways.get(public.gateway)
        if gateway is None:
            gateway = Gateway(len(self._gateways), public.gateway, public.network)
            gateway.build()
            ip(INTERNET, f"route replace {public.network} via {gateway.core_address}")
            self._gateways[public.gateway] = gateway
        return gateway

    def _deliver(self, public: PublicAddress, port: Port) -> None:
        if public.visible:
            self._gateway(public).deliver(public.address, port.nic.mac, port.segment)
        else:
            port.segment.translate(public.address, public.private)
            ip(INTERNET, f"route replace {public.address}/32 via {port.segment.core_address}")

    def _withdraw(self, public: PublicAddress, port: Port) -> None:
        if public.visible:
            self._gateway(public).withdraw(public.address)
        else:
            port.segment.untranslate(public.address)
            ip(INTERNET, f"route del {public.address}/32")
