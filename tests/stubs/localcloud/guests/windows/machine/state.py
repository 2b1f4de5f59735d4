"""What an adapter has, as frozen values: two snapshots are equal when nothing differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Origin = Literal["Dhcp", "Manual"]
AddressState = Literal["Tentative", "Preferred", "Duplicate"]
StoreName = Literal["active", "persistent"]
STORES: tuple[StoreName, ...] = ("active", "persistent")
DEFAULT = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Address:
    """One IPv4 address of an interface."""

    ip: str
    plen: int
    origin: Origin = "Manual"
    state: AddressState = "Preferred"


@dataclass(frozen=True, slots=True)
class Route:
    """One route of an interface."""

    hop: str
    metric: int
    prefix: str = DEFAULT
    made: Literal["dhcp", "static"] = "static"


@dataclass(frozen=True, slots=True)
class Store:
    """What one store has for one interface."""

    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    automatic: bool = True
    metric: int = 0
    ignore: bool = False

    def address(self, ip: str) -> Address | None:
        """Find an address."""
        return next((address for address in self.addresses if address.ip == ip), None)

    def route(self, hop: str, prefix: str = DEFAULT) -> Route | None:
        """Find a route."""
        return next((route for route in self.routes if (route.hop, route.prefix) == (hop, prefix)), None)

    def with_address(self, address: Address) -> Store:
        """Add an address, or put it in the place of the one before."""
        rest = tuple(other for other in self.addresses if other.ip != address.ip)
        return replace(self, addresses=(*rest, address))

    def without_address(self, ip: str) -> Store:
        """Take an address away."""
        return replace(self, addresses=tuple(other for other in self.addresses if other.ip != ip))

    def with_route(self, route: Route) -> Store:
        """Add a route, or put it in the place of the one before."""
        rest = self.without_route(route.hop, route.prefix).routes
        return replace(self, routes=(*rest, route))

    def without_route(self, hop: str, prefix: str = DEFAULT) -> Store:
        """Take a route away."""
        kept = tuple(other for other in self.routes if (other.hop, other.prefix) != (hop, prefix))
        return replace(self, routes=kept)


@dataclass(frozen=True, slots=True)
class Lease:
    """What the vSwitch's DHCP server gives this interface."""

    ip: str
    plen: int
    gateway: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """One network adapter; one that is unplugged stays as a ghost with its persistent store."""

    index: int
    alias: str
    mac: str
    lease: Lease | None = None
    present: bool = True
    bound: bool = True
    shown_mac: bool = True
    dhcp: bool = True
    coexistence: bool = False
    automatic_metric: int = 15
    registers: bool = True
    weak_host: bool = False
    active: Store = Store()
    persistent: Store = Store()

    @property
    def metric(self) -> int:
        """The interface's metric in force."""
        return self.automatic_metric if self.active.automatic else self.active.metric

    def store(self, name: StoreName) -> Store:
        """Give one of the stores."""
        return self.active if name == "active" else self.persistent

    def with_store(self, name: StoreName, store: Store) -> Adapter:
        """Put another store in its place."""
        return replace(self, active=store) if name == "active" else replace(self, persistent=store)

    @property
    def up(self) -> bool:
        """Whether it is there and speaks IPv4."""
        return self.present and self.bound
