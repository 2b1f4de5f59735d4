"""netsh and route: words in, an exit code and text out."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localcloud.guests.windows.cmdlets.registry import Call, cmdlet
from localcloud.guests.windows.language.errors import NotPlayedError
from localcloud.guests.windows.language.values import Value, text
from localcloud.guests.windows.machine.network import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localcloud.guests.windows.machine.state import StoreName
    from localcloud.guests.windows.played import PlayedWindows

NETSH_S = 0.1
VERBS: dict[tuple[str, str], frozenset[str]] = {
    ("show", "interface"): frozenset(("interface", "level")),
    ("set", "interface"): frozenset(("interface", "dhcpstaticipcoexistence", "store")),
    ("add", "address"): frozenset(("name", "address", "mask", "skipassource", "store")),
    ("delete", "address"): frozenset(("name", "address", "store")),
}


def _words(call: Call) -> list[str]:
    return [
        text(word) for place in call.words.places for word in (place if isinstance(place, list) else [place])
    ]


@cmdlet("netsh.exe", places=1)
def _netsh(call: Call) -> Iterable[Value]:
    words = _words(call)
    if words[:2] != ["interface", "ipv4"] or tuple(words[2:4]) not in VERBS:
        raise NotPlayedError(f"netsh {' '.join(words)}")
    verb = (words[2], words[3])
    tags = dict(word.partition("=")[::2] for word in words[4:])
    if any("=" not in word for word in words[4:]) or set(tags) != VERBS[verb]:
        raise NotPlayedError(f"netsh {' '.join(words)}: tags {sorted(tags)}, known {sorted(VERBS[verb])}")
    return _native(call, lambda: _act(call.windows, verb, tags))


def _native(call: Call, act: Callable[[], list[str]]) -> list[str]:
    code, said = call.windows.native(NETSH_S, act)
    scope = call.scope
    while scope.parent is not None:
        scope = scope.parent
    scope.set("lastexitcode", code)
    return said


def _act(windows: PlayedWindows, verb: tuple[str, str], tags: dict[str, str]) -> list[str]:
    network = windows.network
    adapter = network.named(tags.get("interface", tags.get("name", "")))
    store: StoreName = "active" if tags.get("store") == "active" else "persistent"
    if tags.get("store", store) != store:
        raise NotPlayedError(f"netsh store={tags['store']}")
    match verb:
        case ("show", "interface"):
            said = [f"Interface {adapter.alias} Parameters", f"IfIndex : {adapter.index}"]
            if network.switches.coexistence_told == "yes":
                word = "enabled" if adapter.coexistence else "disabled"
                said.append(f"DHCP/Static IP coexistence         : {word}")
            return said
        case ("set", "interface"):
            on = {"enabled": True, "disabled": False}[tags["dhcpstaticipcoexistence"]]
            windows.change(lambda: network.set_coexistence(adapter.index, on=on))
        case ("add", "address"):
            plen = IPv4Network(f"0.0.0.0/{tags['mask']}").prefixlen
            windows.change(lambda: network.add_address(adapter.index, tags["address"], plen, store))
        case ("delete", "address"):
            windows.change(lambda: network.delete_address(adapter.index, tags["address"], store))
    return [""]


@cmdlet("route.exe", places=7)
def _route(call: Call) -> Iterable[Value]:
    match _words(call):
        case ["delete", "0.0.0.0", "mask", "0.0.0.0", hop, "if", index]:

            def act() -> list[str]:
                def delete() -> None:
                    if not call.windows.network.delete_route(int(index), hop):
                        raise RefusedError("The route deletion failed: Element not found.")

                call.windows.change(delete)
                return [" OK!"]

            return _native(call, act)
    raise NotPlayedError(f"route {' '.join(_words(call))}")
