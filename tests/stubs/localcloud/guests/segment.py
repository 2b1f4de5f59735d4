"""A vSwitch: one layer-2 segment, its DHCP server, the VPC's router and a host behind it."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from localcloud.guests.base import GatewayCount, WorldError
from localcloud.guests.tools import call, inside, ip, nft, sysctl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CORE = IPv4Network("198.18.0.0/16")
# Services of the cloud that every instance reaches by its primary interface: DNS and metadata.
SERVICES = (IPv4Address("100.100.2.136"), IPv4Address("100.100.100.200"))
# The other subnet of the VPC, where a host for questions from inside lives.
PEER_ROUTER = IPv4Interface("192.168.255.1/24")
PEER_HOST = IPv4Interface("192.168.255.2/24")
LEASE = "1h"
DHCP_TIMEOUT_S = 60.0

RULES = """
table ip router {
  set own { type ether_addr . ipv4_addr; }
  map inward { type ipv4_addr : ipv4_addr; }
  map outward { type ipv4_addr : ipv4_addr; }
  counter forwarded { }
  counter spoofed { }
  chain translate_in {
    type nat hook prerouting priority dstnat;
    iifname "core" dnat to ip daddr map @inward
  }
  chain translate_out {
    type nat hook postrouting priority srcnat;
    oifname "core" snat to ip saddr map @outward
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    iifname { "core", "peer" } accept
    ether saddr . ip saddr @own counter name forwarded accept
    counter name spoofed drop
  }
}
"""


@dataclass
class Segment:
    """One vSwitch with everything that answers on it."""

    number: int
    network: IPv4Network
    gateway: IPv4Address
    folder: Path
    leases: dict[str, IPv4Address] = field(default_factory=dict)
    translated: dict[IPv4Address, IPv4Address] = field(default_factory=dict)
    _dhcp: subprocess.Popen[bytes] | None = None

    @property
    def bridge(self) -> str:
        """The layer-2 segment in the fabric's own namespace."""
        return f"vsw{self.number}"

    @property
    def router(self) -> str:
        """The namespace of the VPC's router."""
        return f"vrouter{self.number}"

    @property
    def peer(self) -> str:
        """The namespace of the host in the other subnet of the VPC."""
        return f"peer{self.number}"

    @property
    def core_address(self) -> IPv4Address:
        """Where the internet host finds this router."""
        return CORE[2 * 256 + self.number + 1]

    def build(self) -> None:
        """Create bridge, router and peer, and let the router forward."""
        n, router, peer = self.number, self.router, self.peer
        ip(
            "",
            f"netns add {router}",
            f"netns add {peer}",
            f"link add {self.bridge} type bridge",
            f"link set {self.bridge} up",
            f"link add vl{n} type veth peer name lan netns {router}",
            f"link add vc{n} type veth peer name core netns {router}",
            f"link set vl{n} master {self.bridge} up",
            f"link set vc{n} master core up",
        )
        ip(
            router,
            "link set lo up",
            *(f"addr add {service}/32 dev lo" for service in SERVICES),
            f"addr add {self.gateway}/{self.network.prefixlen} dev lan",
            f"addr add {self.core_address}/{CORE.prefixlen} dev core",
            f"link add peer type veth peer name eth0 netns {peer}",
            f"addr add {PEER_ROUTER} dev peer",
            "link set lan up",
            "link set core up",
            "link set peer up",
        )
        ip(
            peer,
            "link set lo up",
            f"addr add {PEER_HOST} dev eth0",
            "link set eth0 up",
            f"route add default via {PEER_ROUTER.ip}",
        )
        sysctl(router, ip_forward=1)
        nft(router, RULES)
        self.folder.mkdir(parents=True)
        self._start_dhcp()

    def admit(self, mac: str, private: IPv4Address) -> None:
        """Give this MAC its address by DHCP and let its packets pass the router."""
        old_owner = next((m for m, address in self.leases.items() if address == private), mac)
        self.leases[mac] = private
        self._write_leases()
        if old_owner == mac and self._dhcp is not None:
            self._dhcp.send_signal(signal.SIGHUP)
        else:
            self._start_dhcp()
        nft(self.router, f"add element ip router own {{ {mac} . {private} }}")

    def expel(self, mac: str) -> None:
        """Forget a MAC: no lease, and its packets are no longer its own."""
        private = self.leases.pop(mac, None)
        if private is None:
            return
        self._write_leases()
        # A restart forgets the lease too, so that the address can go to another interface at once.
        self._start_dhcp()
        nft(self.router, f"delete element ip router own {{ {mac} . {private} }}")

    def translate(self, public: IPv4Address, private: IPv4Address) -> None:
        """Rewrite an EIP one-to-one to a private address, as ordinary EIPs are."""
        self.translated[public] = private
        nft(
            self.router,
            f"add element ip router inward {{ {public} : {private} }}\n"
            f"add element ip router outward {{ {private} : {public} }}",
        )

    def untranslate(self, public: IPv4Address) -> None:
        """Stop rewriting an EIP; unknown ones are no error."""
        private = self.translated.pop(public, None)
        if private is not None:
            nft(
                self.router,
                f"delete element ip router inward {{ {public} : {private} }}\n"
                f"delete element ip router outward {{ {private} : {public} }}",
            )

    def admit_only(self, services: Sequence[tuple[str, int]]) -> None:
        """Let in what answers a question of the guest's, and questions to these services (protocol, port)."""
        allowed = ", ".join(f"{protocol} . {port}" for protocol, port in services)
        nft(
            self.router,
            'insert rule ip router forward iifname "core" ct state new'
            f" meta l4proto . th dport != {{ {allowed} }} drop",
        )

    def count(self) -> GatewayCount:
        """Count what the router has forwarded for this vSwitch and dropped as spoofed."""
        return count(self.router, "router", self.gateway)

    def _write_leases(self) -> None:
        lines = (f"{mac},{address}\n" for mac, address in self.leases.items())
        (self.folder / "hosts").write_text("".join(lines))

    def _start_dhcp(self) -> None:
        if self._dhcp is not None:
            self._dhcp.terminate()
            self._dhcp.wait()
        self._write_leases()
        lease_file = self.folder / "leases"
        lease_file.unlink(missing_ok=True)
        static = f"{self.network.network_address},static,{self.network.netmask},{LEASE}"
        argv = [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=",
            "--port=0", "--interface=lan", "--bind-interfaces", "--pid-file=", "--no-ping",
            "--dhcp-authoritative", f"--dhcp-range={static}",
            f"--dhcp-option=option:router,{self.gateway}", f"--dhcp-option=option:dns-server,{SERVICES[0]}",
            f"--dhcp-hostsfile={self.folder / 'hosts'}", f"--dhcp-leasefile={lease_file}",
            f"--log-facility={self.folder / 'log'}",
        ]  # fmt: skip
        self._dhcp = subprocess.Popen(inside(self.router, argv), stdin=subprocess.DEVNULL)
        self._await_dhcp()

    def _await_dhcp(self) -> None:
        """Wait until the port is open: a question that comes earlier is asked again only seconds later."""
        deadline = time.monotonic() + DHCP_TIMEOUT_S
        while time.monotonic() < deadline:
            if ":67 " in call(inside(self.router, ["ss", "-Hlnu"])):
                return
            if self._dhcp is not None and self._dhcp.poll() is not None:
                break
        log = self.folder / "log"
        raise WorldError(
            f"dnsmasq does not serve {self.network}: {log.read_text() if log.exists() else 'no log'}"
        )


def count(netns: str, table: str, gateway: IPv4Address) -> GatewayCount:
    """Read the two counters of a gateway."""
    listing = call(inside(netns, ["nft", "list", "counters", "table", "ip", table]))
    packets = {name: int(n) for name, n in re.findall(r"counter (\w+) \{\s+packets (\d+)", listing)}
    return GatewayCount(gateway, forwarded=packets["forwarded"], spoofed=packets["spoofed"])
