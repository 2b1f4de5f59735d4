"""The adapters of a machine, and what happens to them: commands, leases, restarts, plugging.

Each rule has its source in docs/guest-windows.md, or is a switch.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from localcloud.guests.windows.machine.state import (
    STORES,
    Adapter,
    Address,
    Lease,
    Route,
    Store,
    StoreName,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localcloud.guests.windows.switches import Switches

DAD_S = 3.0


class RefusedError(Exception):
    """Windows says no; what had been done before stays done."""


class Network:
    """All adapters, by index."""

    def __init__(self, switches: Switches, build: int) -> None:
        """Begin without any."""
        self.switches = switches
        self.build = build
        self.adapters: dict[int, Adapter] = {}
        self.duplicates: frozenset[str] = frozenset()
        self._tentative: dict[tuple[int, str], float] = {}
        self.now = 0.0

    def change(self, index: int, **values: object) -> None:
        """Change fields of an adapter."""
        self.adapters[index] = replace(self.adapters[index], **values)  # type: ignore[arg-type]

    def _put(self, index: int, name: StoreName, store: Store) -> None:
        self.adapters[index] = self.adapters[index].with_store(name, store)

    def named(self, alias: str) -> Adapter:
        """Find a present adapter as netsh does: a number is an index."""
        for adapter in self.adapters.values():
            if adapter.up and (str(adapter.index) == alias or adapter.alias.lower() == alias.lower()):
                return adapter
        raise RefusedError("Element not found.")

    # Addresses, as netsh makes them.

    def add_address(self, index: int, ip: str, plen: int, store: StoreName) -> None:
        """Add a static address."""
        adapter = self.adapters[index]
        taken = {name for name in STORES if adapter.store(name).address(ip)}
        if store in taken:
            raise RefusedError("The object already exists.")
        if adapter.dhcp and not adapter.coexistence:
            self._dhcp_off(index)
        if store == "active":
            self._static_in_use(index, Address(ip, plen))
            return
        if taken and self.switches.add_over_active == "refused":
            raise RefusedError("The object already exists.")
        self._put(index, "persistent", self.adapters[index].persistent.with_address(Address(ip, plen)))
        if taken and self.switches.add_over_active == "half":
            raise RefusedError("The object already exists.")
        if not taken and self.switches.add_persistent == "both":
            self._static_in_use(index, Address(ip, plen))

    def _static_in_use(self, index: int, address: Address) -> None:
        self._active_address(index, address)
        if self.switches.static_active == "off":
            self._dhcp_off(index)

    def _active_address(self, index: int, address: Address) -> None:
        tentative = replace(address, state="Tentative")
        self._put(index, "active", self.adapters[index].active.with_address(tentative))
        self._tentative[index, address.ip] = self.now + DAD_S

    def delete_address(self, index: int, ip: str, store: StoreName) -> None:
        """Take a static address away."""
        adapter = self.adapters[index]
        found = adapter.store(store).address(ip)
        if found is None or found.origin != "Manual":
            raise RefusedError("Element not found.")
        both = store == "persistent" and self.switches.delete_persistent == "both"
        for name in STORES if both else (store,):
            self._put(index, name, self.adapters[index].store(name).without_address(ip))

    def set_coexistence(self, index: int, *, on: bool) -> None:
        """Let DHCP and static addresses stand side by side, or not."""
        if self.build < self.switches.coexistence_from:
            raise RefusedError("dhcpstaticipcoexistence is not an acceptable value for tag.")
        self.change(index, coexistence=on)
        if not on and self.switches.coexistence_off == "drop" and self.adapters[index].dhcp:
            for name in STORES:
                store = self.adapters[index].store(name)
                kept = tuple(a for a in store.addresses if a.origin == "Dhcp")
                self._put(index, name, replace(store, addresses=kept))

    # DHCP.

    def set_dhcp(self, index: int, *, on: bool) -> None:
        """Switch DHCP on or off; on brings a lease."""
        if not on:
            self._dhcp_off(index)
        elif not self.adapters[index].dhcp:
            self.change(index, dhcp=True)
            self.lease(index)

    def _dhcp_off(self, index: int) -> None:
        store = self.adapters[index].active
        addresses = tuple(a for a in store.addresses if a.origin != "Dhcp")
        routes = tuple(r for r in store.routes if r.made != "dhcp")
        self.change(index, dhcp=False, active=replace(store, addresses=addresses, routes=routes))

    def lease(self, index: int) -> None:
        """Get what the DHCP server gives: the address and a default route with metric 0."""
        adapter = self.adapters[index]
        if adapter.lease is None or not adapter.dhcp or not adapter.up:
            return
        store = adapter.active.with_address(Address(adapter.lease.ip, adapter.lease.plen, "Dhcp"))
        if not (store.ignore and self.switches.ignore_lease == "honoured"):
            store = store.with_route(Route(adapter.lease.gateway, 0, made="dhcp"))
        self._put(index, "active", store)

    def renew(self, index: int) -> None:
        """Renew the lease."""
        adapter = self.adapters[index]
        kept = adapter.active.route(adapter.lease.gateway) if adapter.lease else None
        self.lease(index)
        if kept and self.switches.renewal == "keeps":
            self._put(index, "active", self.adapters[index].active.with_route(kept))

    # Routes and the interface's own settings.

    def new_route(self, index: int, hop: str, metric: int, store: StoreName | None) -> None:
        """Add a default route, to both stores where none is named."""
        if store == "persistent":
            raise RefusedError("The parameter is incorrect: a route cannot be made in PersistentStore alone.")
        names = (store,) if store else STORES
        if any(self.adapters[index].store(name).route(hop) for name in names):
            raise RefusedError("Instance MSFT_NetRoute already exists")
        for name in names:
            self._put(index, name, self.adapters[index].store(name).with_route(Route(hop, metric)))

    def keep_route(self, index: int, hop: str, metric: int) -> None:
        """Add a default route to the persistent store: the second half of adding it to both."""
        self._put(index, "persistent", self.adapters[index].persistent.with_route(Route(hop, metric)))

    def remove_route(self, index: int, hop: str, store: StoreName) -> bool:
        """Take a default route away; False when there is none."""
        if self.adapters[index].store(store).route(hop) is None:
            return False
        if not (store == "persistent" and self.switches.remove_route == "silent"):
            self._put(index, store, self.adapters[index].store(store).without_route(hop))
        return True

    def delete_route(self, index: int, hop: str) -> bool:
        """Take a default route away as route.exe does, out of both stores; False when there is none."""
        found = any(self.adapters[index].store(name).route(hop) for name in STORES)
        for name in STORES:
            self._put(index, name, self.adapters[index].store(name).without_route(hop))
        return found

    def set_route(self, index: int, hop: str, metric: int, store: StoreName) -> bool:
        """Change the metric of a default route; False when there is none."""
        route = self.adapters[index].store(store).route(hop)
        if route is None:
            return False
        self._put(index, store, self.adapters[index].store(store).with_route(replace(route, metric=metric)))
        return True

    def set_interface(self, index: int, names: Iterable[StoreName], **values: object) -> None:
        """Change metric or IgnoreDefaultRoutes in these stores."""
        for name in names:
            store = replace(self.adapters[index].store(name), **values)  # type: ignore[arg-type]
            store = replace(store, metric=0) if store.automatic else store
            if name == "active" and values.get("ignore") and self.switches.ignore_now == "drops":
                store = replace(store, routes=tuple(r for r in store.routes if r.made != "dhcp"))
            self._put(index, name, store)

    # What happens without a command.

    def wait(self, seconds: float) -> None:
        """Let time pass: tentative addresses become preferred or duplicate."""
        self.now += seconds
        for (index, ip), due in list(self._tentative.items()):
            if due > self.now:
                continue
            del self._tentative[index, ip]
            adapter = self.adapters.get(index)
            found = adapter.active.address(ip) if adapter else None
            if found is not None:
                judged = replace(found, state="Duplicate" if ip in self.duplicates else "Preferred")
                self._put(index, "active", self.adapters[index].active.with_address(judged))

    def start(self, index: int) -> None:
        """Bring an adapter up as at a start of Windows: what is persistent, then the lease."""
        adapter = self.adapters[index]
        routes = adapter.persistent.routes
        if adapter.persistent.ignore and self.switches.ignore_static == "dropped":
            routes = ()
        self.change(index, present=True, active=replace(adapter.persistent, routes=routes, addresses=()))
        for address in adapter.persistent.addresses:
            self._active_address(index, address)
        self.lease(index)

    def plug(self, alias: str, mac: str, lease: Lease | None) -> int:
        """Let an adapter appear; a ghost with this MAC may come back with its settings."""
        for adapter in self.adapters.values():
            if adapter.mac == mac and not adapter.present and self.switches.replug == "same":
                self.change(adapter.index, lease=lease)
                self.start(adapter.index)
                return adapter.index
        index = max(self.adapters, default=1) + 3
        self.adapters[index] = Adapter(index, alias, mac, lease)
        self.start(index)
        return index

    def unplug(self, index: int) -> None:
        """Let an adapter disappear; its persistent store stays in the registry."""
        self.change(index, present=False, active=Store())

    # Where packets go.

    def best(self, remote: str, source: Adapter | None = None) -> tuple[Adapter, Route] | None:
        """Choose the way to an address: the longest prefix, then the least sum of metrics.

        A host is strong: with a source address, only its own interface's routes count.
        """
        newer = 1 if self.switches.tie == "last" else -1
        found = [
            (IPv4Network(route.prefix).prefixlen, -(adapter.metric + route.metric), adapter, route)
            for adapter in self.adapters.values()
            if adapter.up and (source is None or adapter.index == source.index)
            for route in adapter.active.routes
            if IPv4Address(remote) in IPv4Network(route.prefix)
        ]
        if not found:
            return None
        ranks = [(*one[:2], newer * place) for place, one in enumerate(found)]
        _, _, adapter, route = found[ranks.index(max(ranks))]
        return adapter, route

    def tied(self, source: Adapter) -> bool:
        """Whether two default routes of an interface are equally good, so that Windows may take either."""
        metrics = sorted(r.metric for r in source.active.routes if r.prefix == "0.0.0.0/0")
        return len(metrics) > 1 and metrics[0] == metrics[1]
