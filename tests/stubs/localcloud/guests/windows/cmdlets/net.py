"""The NetTCPIP, NetAdapter and DnsClient commands, as far as the script uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.cmdlets.registry import Call, cmdlet
from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError
from localcloud.guests.windows.language.values import Thing, Value
from localcloud.guests.windows.machine.network import RefusedError
from localcloud.guests.windows.machine.state import DEFAULT, STORES, Adapter, Route, StoreName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUERY_S = 0.15
CHANGE_S = 0.2
STORE_NAMES: dict[str, StoreName] = {"activestore": "active", "persistentstore": "persistent"}


def store_of(call: Call) -> StoreName:
    """Read -PolicyStore; only Get-NetAdapter and the like go without."""
    name = STORE_NAMES.get(call.text("PolicyStore").lower())
    if name is None:
        raise NotPlayedError(f"{call.name} -PolicyStore {call.text('PolicyStore')!r}")
    return name


def _one_of(call: Call, name: str, words: str) -> str:
    value = call.text(name)
    if value.lower() not in words.lower().split():
        raise PowerShellError(f"Cannot convert value '{value}' of {name}; one of {words}", "InvalidArgument")
    return value


def not_found(call: Call, by: str, value: object) -> PowerShellError:
    """Return the error of a query that finds nothing."""
    return PowerShellError(
        f"No matching objects found by a query with {by} equal to {value}.",
        f"CmdletizationQuery_NotFound_{by},{call.name}",
    )


def refused(call: Call, error: RefusedError) -> PowerShellError:
    """Return the error of a change that Windows does not make."""
    return PowerShellError(str(error), f"Windows System Error 87,{call.name}")


def _adapter(call: Call) -> Adapter:
    index = call.number("InterfaceIndex")
    adapter = call.windows.network.adapters.get(index)
    if adapter is None or not adapter.up:
        raise not_found(call, "InterfaceIndex", index)
    return adapter


def _required(call: Call, found: list[Value], by: str) -> list[Value]:
    if not found:
        raise not_found(call, by, call.text(by))
    return found


@cmdlet("Get-NetAdapter", seconds=QUERY_S)
def _adapters(call: Call) -> Iterable[Value]:
    for adapter in call.windows.network.adapters.values():
        if adapter.present:
            mac = adapter.mac.replace(":", "-").upper()
            yield Thing(
                "MSFT_NetAdapter",
                Name=adapter.alias,
                ifIndex=adapter.index,
                MacAddress=mac if adapter.shown_mac else "",
                PermanentAddress=mac.replace("-", ""),
            )


@cmdlet("Get-NetIPInterface", required="interfaceindex addressfamily policystore", seconds=QUERY_S)
def _interface(call: Call) -> Iterable[Value]:
    adapter = _adapter(call)
    name = store_of(call)
    if name == "persistent" and call.windows.switches.template == "none":
        raise not_found(call, "InterfaceIndex", adapter.index)
    store = adapter.store(name)
    metric = adapter.automatic_metric if store.automatic else store.metric
    return [
        Thing(
            "MSFT_NetIPInterface",
            InterfaceIndex=adapter.index,
            InterfaceMetric=metric,
            AutomaticMetric="Enabled" if store.automatic else "Disabled",
            Dhcp="Enabled" if adapter.dhcp else "Disabled",
            IgnoreDefaultRoutes="Enabled" if store.ignore else "Disabled",
            WeakHostSend="Enabled" if adapter.weak_host else "Disabled",
        )
    ]


@cmdlet("Get-NetIPAddress", "interfaceindex ipaddress", required="addressfamily policystore", seconds=QUERY_S)
def _addresses(call: Call) -> Iterable[Value]:
    name = store_of(call)
    if call.given("InterfaceIndex"):
        by, adapters = "InterfaceIndex", [_adapter(call)]
    else:
        by = "IPAddress" if call.given("IPAddress") else "AddressFamily"
        adapters = [a for a in call.windows.network.adapters.values() if a.up]
    found: list[Value] = [
        Thing(
            "MSFT_NetIPAddress",
            IPAddress=address.ip,
            PrefixLength=address.plen,
            PrefixOrigin=address.origin,
            AddressState=address.state if name == "active" else "Invalid",
            InterfaceIndex=adapter.index,
            InterfaceAlias=adapter.alias,
        )
        for adapter in adapters
        for address in adapter.store(name).addresses
        if not call.given("IPAddress") or address.ip == call.text("IPAddress")
    ]
    return _required(call, found, by)


def _route(adapter: Adapter, route: Route) -> Thing:
    return Thing(
        "MSFT_NetRoute",
        DestinationPrefix=route.prefix,
        NextHop=route.hop,
        RouteMetric=route.metric,
        InterfaceIndex=adapter.index,
        InterfaceAlias=adapter.alias,
    )


@cmdlet("Get-NetRoute", "interfaceindex", required="destinationprefix policystore", seconds=QUERY_S)
def _routes(call: Call) -> Iterable[Value]:
    adapters = (
        [_adapter(call)]
        if call.given("InterfaceIndex")
        else [a for a in call.windows.network.adapters.values() if a.up]
    )
    found: list[Value] = [
        _route(adapter, route)
        for adapter in adapters
        for route in adapter.store(store_of(call)).routes
        if route.prefix == call.text("DestinationPrefix")
    ]
    return _required(call, found, "DestinationPrefix")


@cmdlet("Find-NetRoute", required="remoteipaddress", seconds=QUERY_S)
def _find_route(call: Call) -> Iterable[Value]:
    best = call.windows.network.best(call.text("RemoteIPAddress"))
    if best is None:
        raise PowerShellError(
            "The network location cannot be reached.", f"Windows System Error 1231,{call.name}"
        )
    adapter, route = best
    address = adapter.active.addresses[0] if adapter.active.addresses else None
    return [Thing("MSFT_NetIPAddress", IPAddress=address.ip if address else ""), _route(adapter, route)]


@cmdlet("Get-NetNeighbor", required="interfaceindex ipaddress", seconds=QUERY_S)
def _neighbours(call: Call) -> Iterable[Value]:
    adapter = _adapter(call)
    if not any(route.hop == call.text("IPAddress") for route in adapter.active.routes):
        raise not_found(call, "IPAddress", call.text("IPAddress"))
    return [Thing("MSFT_NetNeighbor", State="Reachable")]


@cmdlet("Get-NetConnectionProfile", required="interfaceindex", seconds=QUERY_S)
def _profile(call: Call) -> Iterable[Value]:
    _adapter(call)
    return [Thing("MSFT_NetConnectionProfile", NetworkCategory="Public")]


@cmdlet("Get-DnsClient", required="interfaceindex", seconds=QUERY_S)
def _dns(call: Call) -> Iterable[Value]:
    return [Thing("MSFT_DNSClient", RegisterThisConnectionsAddress=_adapter(call).registers)]


@cmdlet("Set-DnsClient", required="interfaceindex registerthisconnectionsaddress", seconds=CHANGE_S)
def _set_dns(call: Call) -> Iterable[Value]:
    value = call.value("RegisterThisConnectionsAddress")
    if not isinstance(value, bool):
        raise NotPlayedError("-RegisterThisConnectionsAddress without a boolean")
    call.windows.network.change(_adapter(call).index, registers=value)
    return ()


@cmdlet("Get-CimInstance", required="classname", seconds=QUERY_S)
def _computer(call: Call) -> Iterable[Value]:
    if call.text("ClassName") != "Win32_ComputerSystem":
        raise NotPlayedError(f"Get-CimInstance {call.text('ClassName')}")
    return [Thing("Win32_ComputerSystem", PartOfDomain=call.windows.domain)]


@cmdlet(
    "New-NetRoute",
    "policystore",
    required="interfaceindex destinationprefix nexthop routemetric",
    seconds=CHANGE_S,
)
def _new_route(call: Call) -> Iterable[Value]:
    store = store_of(call) if call.given("PolicyStore") else None
    _default_only(call)
    index, hop, metric = _adapter(call).index, call.text("NextHop"), call.number("RouteMetric")
    network = call.windows.network
    halves: list[Callable[[], object]] = (
        [lambda: network.new_route(index, hop, metric, store)]
        if store or any(network.adapters[index].store(name).route(hop) for name in STORES)
        else [
            lambda: network.new_route(index, hop, metric, "active"),
            lambda: network.keep_route(index, hop, metric),
        ]
    )
    _change(call, *halves)
    return [Thing("MSFT_NetRoute", NextHop=hop)]


@cmdlet(
    "Remove-NetRoute",
    required="interfaceindex destinationprefix nexthop policystore confirm",
    seconds=CHANGE_S,
)
def _remove_route(call: Call) -> Iterable[Value]:
    _default_only(call)
    if call.value("Confirm") is not False:
        raise NotPlayedError("Remove-NetRoute that asks")
    index, hop, store = _adapter(call).index, call.text("NextHop"), store_of(call)
    _found(call, lambda: call.windows.network.remove_route(index, hop, store))
    return ()


@cmdlet(
    "Set-NetRoute",
    required="interfaceindex destinationprefix nexthop routemetric policystore",
    seconds=CHANGE_S,
)
def _set_route(call: Call) -> Iterable[Value]:
    _default_only(call)
    index, hop, store = _adapter(call).index, call.text("NextHop"), store_of(call)
    _found(call, lambda: call.windows.network.set_route(index, hop, call.number("RouteMetric"), store))
    return ()


def _default_only(call: Call) -> None:
    if call.text("DestinationPrefix") != DEFAULT:
        raise NotPlayedError(f"{call.name} for {call.text('DestinationPrefix')}")


def _found(call: Call, act: Callable[[], bool]) -> None:
    def checked() -> None:
        if not act():
            raise not_found(call, "NextHop", call.text("NextHop"))

    _change(call, checked)


def _change(call: Call, *halves: Callable[[], object]) -> None:
    try:
        call.windows.change(*halves)
    except RefusedError as error:
        raise refused(call, error) from error


@cmdlet(
    "Set-NetIPInterface",
    "dhcp automaticmetric interfacemetric ignoredefaultroutes policystore",
    required="interfaceindex addressfamily",
    seconds=CHANGE_S,
)
def _set_interface(call: Call) -> Iterable[Value]:
    index, network = _adapter(call).index, call.windows.network
    names: tuple[StoreName, ...] = (store_of(call),) if call.given("PolicyStore") else STORES
    if call.given("Dhcp"):
        if call.given("PolicyStore"):
            raise NotPlayedError("-Dhcp with -PolicyStore: it has no effect on the persistent store")
        on = _one_of(call, "Dhcp", "Enabled Disabled") == "Enabled"
        _change(call, lambda: network.set_dhcp(index, on=on))
    values: dict[str, object] = {}
    if call.given("AutomaticMetric"):
        values["automatic"] = _one_of(call, "AutomaticMetric", "Enabled Disabled") == "Enabled"
        if values["automatic"] and call.given("InterfaceMetric"):
            raise NotPlayedError("-AutomaticMetric Enabled with -InterfaceMetric")
    if call.given("InterfaceMetric"):
        values |= {"automatic": False, "metric": call.number("InterfaceMetric")}
    if call.given("IgnoreDefaultRoutes"):
        values["ignore"] = _one_of(call, "IgnoreDefaultRoutes", "Enabled Disabled") == "Enabled"
    if values:
        _change(call, *(lambda name=name: network.set_interface(index, (name,), **values) for name in names))
    return ()
