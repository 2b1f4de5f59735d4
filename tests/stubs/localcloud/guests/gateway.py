"""An EIP gateway: the router that owns a public subnet and hands its EIPs to interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.guests.segment import CORE, count
from localcloud.guests.tools import ip, nft, sysctl

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network

    from localcloud.guests.base import GatewayCount
    from localcloud.guests.segment import Segment

RULES = """
table ip gateway {
  set own { type ether_addr . ipv4_addr; }
  counter forwarded { }
  counter spoofed { }
  chain forward {
    type filter hook forward priority filter; policy drop;
    iifname "core" accept
    ether saddr . ip saddr @own counter name forwarded accept
    counter name spoofed drop
  }
}
"""


@dataclass
class Gateway:
    """Delivers its EIPs to the interface they are bound to, and forwards only what comes from them."""

    number: int
    address: IPv4Address
    network: IPv4Network
    legs: dict[int, str] = field(default_factory=dict)
    delivered: dict[IPv4Address, tuple[str, str]] = field(default_factory=dict)

    @property
    def netns(self) -> str:
        """The gateway's namespace."""
        return f"eipgw{self.number}"

    @property
    def core_address(self) -> IPv4Address:
        """Where the internet host finds this gateway."""
        return CORE[256 + self.number + 1]

    def build(self) -> None:
        """Create the router; it has no leg in a vSwitch yet."""
        ip(
            "",
            f"netns add {self.netns}",
            f"link add gc{self.number} type veth peer name core netns {self.netns}",
            f"link set gc{self.number} master core up",
        )
        ip(
            self.netns,
            "link set lo up",
            f"addr add {self.core_address}/{CORE.prefixlen} dev core",
            "link set core up",
            # What is not bound goes nowhere.
            f"route add unreachable {self.network}",
        )
        # It answers for its address on the vSwitch whatever address the question names as its sender.
        sysctl(self.netns, ip_forward=1, conf__all__rp_filter=0, conf__default__rp_filter=0)
        nft(self.netns, RULES)

    def deliver(self, public: IPv4Address, mac: str, segment: Segment) -> None:
        """Hand packets for the EIP to this MAC on this vSwitch, and accept the EIP's packets from it."""
        leg = self._leg(segment)
        ip(
            self.netns,
            f"neigh replace {public} lladdr {mac} nud permanent dev {leg}",
            f"route replace {public}/32 dev {leg} src {self.address}",
        )
        nft(self.netns, f"add element ip gateway own {{ {mac} . {public} }}")
        self.delivered[public] = (mac, leg)

    def withdraw(self, public: IPv4Address) -> None:
        """Stop delivering an EIP; unknown ones are no error."""
        mac, leg = self.delivered.pop(public, ("", ""))
        if mac:
            nft(self.netns, f"delete element ip gateway own {{ {mac} . {public} }}")
            ip(self.netns, f"route del {public}/32 dev {leg}", f"neigh del {public} dev {leg}")

    def count(self) -> GatewayCount:
        """Count what the gateway has forwarded for its EIPs and dropped as spoofed."""
        return count(self.netns, "gateway", self.address)

    def _leg(self, segment: Segment) -> str:
        leg = self.legs.get(segment.number)
        if leg is None:
            leg = f"leg{segment.number}"
            outer = f"gl{self.number}-{segment.number}"
            ip(
                "",
                f"link add {outer} type veth peer name {leg} netns {self.netns}",
                f"link set {outer} master {segment.bridge} up",
            )
            ip(self.netns, f"addr add {self.address}/32 dev {leg}", f"link set {leg} up")
            self.legs[segment.number] = leg
        return leg
