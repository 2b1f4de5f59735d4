"""Where public addresses come from: subnets behind EIP gateways, taken in turn."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Documentation networks first, so that nothing here can be mistaken for somebody's address; beyond their
# few hundred addresses the range reserved for benchmarks goes on.
DEFAULT_NETWORKS = (IPv4Network("198.51.100.0/24"), IPv4Network("203.0.113.128/25"))
_OVERFLOW = IPv4Network("198.19.0.0/16")
_SMALLEST = 28


@dataclass(frozen=True, slots=True)
class PublicIp:
    """One public address and the subnet of its gateway; the gateway is the subnet's first address."""

    address: IPv4Address
    network: IPv4Network

    @property
    def gateway(self) -> IPv4Address:
        """What DescribeEipGatewayInfo calls IpGw."""
        return self.network.network_address + 1


class AddressPool:
    """Gives addresses of its subnets in turn, so that neighbours have different gateways."""

    def __init__(self, networks: Sequence[IPv4Network] = DEFAULT_NETWORKS) -> None:
        """Take from these subnets, and from the overflow range when they are used up."""
        for network in networks:
            if network.prefixlen > _SMALLEST:
                raise ValueError(f"{network} is too small for an EIP gateway, take /{_SMALLEST} or larger")
        self._sources = deque(self._usable(network) for network in networks)
        self._overflow = _OVERFLOW.subnets(new_prefix=24)
        self._returned: deque[PublicIp] = deque()

    @staticmethod
    def _usable(network: IPv4Network) -> Iterator[PublicIp]:
        # The first address is the gateway's; a few more are left out as any provider's own equipment.
        hosts = iter(network.hosts())
        for host in hosts:
            if int(host) - int(network.network_address) >= 10:
                yield PublicIp(host, network)

    def take(self) -> PublicIp:
        """Return the next address."""
        while self._sources:
            source = self._sources[0]
            taken = next(source, None)
            if taken is None:
                self._sources.popleft()
                continue
            self._sources.rotate(-1)
            return taken
        if self._returned:
            return self._returned.popleft()
        network = next(self._overflow, None)
        if network is None:
            raise RuntimeError(f"the address pool is used up: {_OVERFLOW} holds no more subnets")
        self._sources.append(self._usable(network))
        return self.take()

    def take_back(self, address: str) -> PublicIp | None:
        """Return an address that was given back before; None where it is not free."""
        found = next((each for each in self._returned if str(each.address) == address), None)
        if found is not None:
            self._returned.remove(found)
        return found

    def give_back(self, public: PublicIp) -> None:
        """Use the address again when all others were used once."""
        self._returned.append(public)
