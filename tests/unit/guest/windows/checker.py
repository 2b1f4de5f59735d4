"""What the project knows of each command: the parameters it may have, must have and must not have.

From the vendor's documentation for PowerShell 5.1 and Windows Server 2016 and later, and from what others
have seen; see docs/facts/windows.md, section 4. Without a selector many of them act on every interface.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.guests.windows import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

STORES = frozenset(("ActiveStore", "PersistentStore"))
ON_OFF = frozenset(("Enabled", "Disabled"))
# What changes something, by its verb: its target is named, and does not come by a pipe.
CHANGES = ("New-", "Set-Net", "Set-Dns", "Remove-", "Register-", "Unregister-", "Move-")
_LARGEST_METRIC = 65535


@dataclass(frozen=True)
class Known:
    """One command's rules."""

    optional: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    values: dict[str, frozenset[str]] = field(default_factory=dict)
    never: tuple[tuple[str, str, str], ...] = ()
    """(parameter, value or "", parameter with it or ""): combinations that are refused or have no effect."""
    stops: bool = True
    """Whether an explicit ErrorAction has to stand there: modules do not see a script's preference."""


def known(optional: str = "", required: str = "", *, stops: bool = True, **values: frozenset[str]) -> Known:
    """Write down a command's parameters without their hyphens."""
    dashed = {f"-{name}": choice for name, choice in values.items()}
    return Known(_names(optional), _names(required), dashed, stops=stops)


def _names(words: str) -> frozenset[str]:
    return frozenset(f"-{word}" for word in words.split())


_REMOVE_ROUTE = "InterfaceIndex DestinationPrefix NextHop"
COMMANDS: dict[str, Known] = {
    # Network.
    "Find-NetRoute": known("LocalIPAddress", "RemoteIPAddress"),
    "Get-NetAdapter": known("IncludeHidden"),
    "Get-NetIPAddress": known("InterfaceIndex IPAddress", "AddressFamily PolicyStore", PolicyStore=STORES),
    "Get-NetIPInterface": known("", "InterfaceIndex AddressFamily PolicyStore", PolicyStore=STORES),
    "Get-NetRoute": known("InterfaceIndex", "DestinationPrefix PolicyStore", PolicyStore=STORES),
    "Get-NetNeighbor": known("", "InterfaceIndex IPAddress"),
    "Get-NetConnectionProfile": known("", "InterfaceIndex"),
    "Get-DnsClient": known("", "InterfaceIndex"),
    "Set-DnsClient": known("", "InterfaceIndex RegisterThisConnectionsAddress"),
    # Where DHCP is on, it is switched off by the persistent store; a gateway comes with a store of its own.
    "New-NetIPAddress": known(
        "SkipAsSource",
        "InterfaceIndex IPAddress PrefixLength PolicyStore",
        PolicyStore=frozenset(("ActiveStore",)),
    ),
    "Set-NetIPAddress": known("SkipAsSource", "InterfaceIndex IPAddress"),
    "Remove-NetIPAddress": known("PolicyStore", "InterfaceIndex IPAddress Confirm"),
    "New-NetRoute": known(
        "PolicyStore",
        "InterfaceIndex DestinationPrefix NextHop RouteMetric",
        PolicyStore=frozenset(("ActiveStore",)),
    ),
    "Remove-NetRoute": known("", f"{_REMOVE_ROUTE} PolicyStore Confirm", PolicyStore=STORES),
    "Set-NetRoute": known("", f"{_REMOVE_ROUTE} RouteMetric PolicyStore", PolicyStore=STORES),
    "Set-NetIPInterface": Known(
        _names("Dhcp AutomaticMetric InterfaceMetric IgnoreDefaultRoutes PolicyStore"),
        _names("InterfaceIndex AddressFamily"),
        {"-Dhcp": ON_OFF, "-AutomaticMetric": ON_OFF, "-IgnoreDefaultRoutes": ON_OFF, "-PolicyStore": STORES},
        (("-Dhcp", "", "-PolicyStore"), ("-AutomaticMetric", "Enabled", "-InterfaceMetric")),
    ),
    "Get-CimInstance": known("", "ClassName"),
    # Tasks: one set of parameters, here the one with Xml.
    "Get-ScheduledTask": known("", "TaskName"),
    "Register-ScheduledTask": known("Force", "TaskName Xml"),
    "Unregister-ScheduledTask": known("", "TaskName Confirm"),
    # Files.
    "Get-ChildItem": known("Filter", "LiteralPath"),
    "Move-Item": known("Force", "LiteralPath Destination"),
    "New-Item": known("Force", "ItemType Path"),
    "Remove-Item": known("", "LiteralPath"),
    "Test-Path": known("", "LiteralPath"),
    "Join-Path": known(),
    # Inside the script.
    "ConvertFrom-Json": known(stops=False),
    "ConvertTo-Json": known("Compress Depth", stops=False),
    "ForEach-Object": known(stops=False),
    "New-Object": known(stops=False),
    "Out-Null": known(stops=False),
    "Select-Object": known("First Unique", stops=False),
    "Set-StrictMode": known("", "Version", stops=False),
    "Sort-Object": known(stops=False),
    "Start-Sleep": known("Milliseconds", stops=False),
    "Where-Object": known(stops=False),
    "netsh.exe": known(stops=False),
    "route.exe": known(stops=False),
}
NETSH: dict[str, frozenset[str]] = {
    "show interface": frozenset(("interface", "level")),
    "set interface": frozenset(("interface", "dhcpstaticipcoexistence", "store")),
    "add address": frozenset(("name", "address", "mask", "skipassource", "store")),
    "delete address": frozenset(("name", "address", "store")),
}
SPLAT = "@Stop"
# Variables that PowerShell has for itself.
AUTOMATIC = frozenset(
    f"${name}"
    for name in (
        *(
            "args",
            "error",
            "event",
            "eventargs",
            "foreach",
            "home",
            "host",
            "input",
            "lastexitcode",
            "matches",
        ),
        *("myinvocation", "pid", "profile", "psitem", "pwd", "sender", "shellid", "switch", "this", "_"),
    )
)


def text_of(node: tree_sitter.Node) -> str:
    """Give the source of a node."""
    return (node.text or b"").decode()


def faults(tree: tree_sitter.Node) -> list[str]:
    """List what is wrong with the commands of a program: unknown, missing or forbidden parameters."""
    own = {text_of(node) for node in nodes(tree) if node.type == "function_name"}
    found: list[str] = []
    for command in (node for node in nodes(tree) if node.type == "command"):
        name = next((text_of(n) for n in nodes(command) if n.type == "command_name"), "")
        if name and name not in own:
            found += _command(name, _parameters(command))
    found += _piped(tree)
    return [*found, *_exits(tree), *_natives(tree), *_netsh(tree), *_parameters_assigned(tree)]


def _piped(tree: tree_sitter.Node) -> Iterator[str]:
    """Find commands that change whatever a pipe brings, which is their InputObject."""
    for pipeline in (node for node in nodes(tree) if node.type == "pipeline_chain"):
        for command in [n for n in pipeline.children if n.type == "command"][1:]:
            name = next((text_of(n) for n in nodes(command) if n.type == "command_name"), "")
            if name.startswith(CHANGES) and name != "New-Object":
                yield f"{name} takes its target from a pipe"


def _command(name: str, given: dict[str, str]) -> Iterator[str]:
    rules = COMMANDS.get(name)
    if rules is None:
        yield f"{name} is not known"
        return
    names = set(given) - {SPLAT, "-ErrorAction"}
    for strange in sorted(names - rules.optional - rules.required):
        yield f"{name} {strange} is not known or not for us"
    for missing in sorted(rules.required - names):
        yield f"{name} without {missing} acts on more than it should"
    if rules.stops and SPLAT not in given and given.get("-ErrorAction") != "Stop":
        yield f"{name} without an explicit ErrorAction"
    for parameter, choice in rules.values.items():
        value = given.get(parameter, "$").strip("'")
        if not value.startswith(("$", "(")) and value not in choice:
            yield f"{name} {parameter} {value} is not one of {sorted(choice)}"
    for parameter, only, other in rules.never:
        if parameter in given and other in given and only in ("", given[parameter].strip("'")):
            yield f"{name} {parameter} {only} with {other}"
    yield from _literals(name, given)


def _literals(name: str, given: dict[str, str]) -> Iterator[str]:
    if given.get("-AddressFamily", "IPv4").strip("'") != "IPv4":
        yield f"{name} -AddressFamily {given['-AddressFamily']} is not ours"
    metric = given.get("-RouteMetric", "0")
    if metric.isdigit() and int(metric) > _LARGEST_METRIC:
        yield f"{name} -RouteMetric {metric} is no UInt16"
    if given.get("-Confirm", "$false") != "$false":
        yield f"{name} would ask"


def _parameters(command: tree_sitter.Node) -> dict[str, str]:
    """Return each parameter of a command with the source of its value, and the splats."""
    words = [n for each in command.children if each.type == "command_elements" for n in each.children]
    given: dict[str, str] = {}
    last = ""
    for word in (word for word in words if word.type != "command_argument_sep"):
        source = text_of(word)
        if word.type == "command_parameter":
            last = source.rstrip(":")
            given[last] = ""
        elif source.startswith("@") and not source.startswith(("@(", "@{")):
            given[source] = ""
            last = ""
        elif last:
            given[last] = source
            last = ""
    return given


def _exits(tree: tree_sitter.Node) -> Iterator[str]:
    """Find ends other than 0 and 1: with 3009 or 3010 the agent powers the instance off or reboots it."""
    for node in nodes(tree):
        said = text_of(node) if node.type == "flow_control_statement" else ""
        if said.startswith("exit") and said not in ("exit 0", "exit 1"):
            yield f"{said}: the agent reads exit codes"


def _parameters_assigned(tree: tree_sitter.Node) -> Iterator[str]:
    """Find functions that overwrite a parameter: names are the same in any case, so it happens unseen."""
    for function in (node for node in nodes(tree) if node.type == "function_statement"):
        names = {
            text_of(n).lower() for p in nodes(function) if p.type == "script_parameter" for n in p.children
        }
        for node in nodes(function):
            loop = node.type == "foreach_statement"
            if loop or node.type == "left_assignment_expression":
                target = text_of(node.children[2] if loop else node).lower()
                if target in AUTOMATIC:
                    yield f"{target} is PowerShell's own variable"
                if target in names:
                    yield f"{text_of(function).split('(')[0]} overwrites its parameter {target}"


def _natives(tree: tree_sitter.Node) -> Iterator[str]:
    """After a program, the next line reads its exit code."""
    lines = text_of(tree).splitlines()
    for place, line in enumerate(lines):
        if re.search(r"& (netsh|route)\.exe ", line) and "$LASTEXITCODE -ne 0" not in lines[place + 1]:
            yield f"{line.strip()}: its exit code is not read"


def _netsh(tree: tree_sitter.Node) -> Iterator[str]:
    """Only known verbs, and values by tag: by place, an alias of digits would be an index."""
    for node in nodes(tree):
        if node.type != "command" or not text_of(node).startswith("Invoke-Netsh @("):
            continue
        words = [text_of(n).strip("'") for n in nodes(node) if n.type == "verbatim_string_characters"]
        tags = {word.partition("=")[0] for word in words[4:] if "=" in word}
        bare = [word for word in words[4:] if "=" not in word]
        verb = " ".join(words[2:4])
        if words[:2] != ["interface", "ipv4"] or NETSH.get(verb) != tags or bare:
            yield f"netsh {' '.join(words)}: {verb} takes {sorted(NETSH.get(verb, ()))}"
