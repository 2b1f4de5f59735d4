"""The PowerShell script as far as it can be checked without Windows: by a parser and by lists of its words.

What only Windows can show, no test here shows: that the cmdlets do what their documentation says.
"""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tree_sitter
import tree_sitter_pwsh

from multieip.errors import WantedSetError
from multieip.guest.render import LIMIT_BYTES, MARKER, windows_program, windows_refusal, windows_script
from multieip.model.guest import GuestEip, GuestNic, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = Path(__file__).parent / "golden" / "windows-apply.ps1"
LANGUAGE = tree_sitter.Language(tree_sitter_pwsh.language())
NIC = GuestNic(
    "00:16:3E:12:E7:01",
    IPv4Address("10.0.0.20"),
    tuple(GuestEip(IPv4Address(f"198.51.100.{n}"), 24, IPv4Address("198.51.100.1")) for n in range(200, 210)),
)
TWO_GATEWAYS = replace(
    NIC, eips=(NIC.eips[0], GuestEip(IPv4Address("203.0.113.9"), 25, IPv4Address("203.0.113.1")))
)

# Command → parameters, as the vendor documents them for PowerShell 5.1 and Windows Server 2016 and later.
ALLOWED: dict[str, set[str]] = {
    "ConvertFrom-Json": set(),
    "ConvertTo-Json": {"-Compress", "-Depth"},
    "Find-NetRoute": {"-RemoteIPAddress", "-LocalIPAddress"},
    "ForEach-Object": set(),
    "Get-ChildItem": {"-LiteralPath"},
    "Get-Content": {"-LiteralPath", "-Raw"},
    "Get-NetAdapter": set(),
    "Get-NetIPAddress": {"-InterfaceIndex", "-IPAddress", "-AddressFamily", "-PolicyStore"},
    "Get-NetIPInterface": {"-InterfaceIndex", "-AddressFamily"},
    "Get-NetNeighbor": {"-InterfaceIndex", "-IPAddress"},
    "Get-NetRoute": {"-InterfaceIndex", "-DestinationPrefix", "-PolicyStore"},
    "Get-ScheduledTask": {"-TaskName"},
    "Join-Path": set(),
    "Move-Item": {"-LiteralPath", "-Destination", "-Force"},
    "New-Item": {"-ItemType", "-Path", "-Force"},
    "New-NetIPAddress": {"-InterfaceIndex", "-IPAddress", "-PrefixLength", "-PolicyStore", "-SkipAsSource"},
    "New-NetRoute": {"-InterfaceIndex", "-DestinationPrefix", "-NextHop", "-RouteMetric"},
    "New-Object": set(),
    "New-ScheduledTaskAction": {"-Execute", "-Argument"},
    "New-ScheduledTaskTrigger": {"-AtStartup"},
    "Out-Null": set(),
    "Register-ScheduledTask": {"-TaskName", "-Action", "-Trigger", "-User", "-RunLevel", "-Force"},
    "Remove-Item": {"-LiteralPath"},
    "Remove-NetIPAddress": {"-InterfaceIndex", "-IPAddress", "-Confirm"},
    "Remove-NetRoute": {"-InterfaceIndex", "-DestinationPrefix", "-NextHop", "-Confirm"},
    "Select-Object": {"-First", "-Unique"},
    "Set-Content": {"-LiteralPath", "-Value", "-Encoding"},
    "Set-NetIPInterface": {
        "-InterfaceIndex",
        "-AddressFamily",
        "-AutomaticMetric",
        "-InterfaceMetric",
        "-Dhcp",
    },
    "Set-NetRoute": {"-InterfaceIndex", "-DestinationPrefix", "-NextHop", "-RouteMetric", "-PolicyStore"},
    "Set-StrictMode": {"-Version"},
    "Start-Sleep": {"-Milliseconds", "-Seconds"},
    "Test-Path": {"-LiteralPath"},
    "Unregister-ScheduledTask": {"-TaskName", "-Confirm"},
    "Where-Object": set(),
    "netsh.exe": set(),
}


def nodes(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Walk a tree."""
    yield node
    for child in node.children:
        yield from nodes(child)


def parsed(text: str) -> tree_sitter.Node:
    """Parse PowerShell."""
    return tree_sitter.Parser(LANGUAGE).parse(text.encode()).root_node


def text_of(node: tree_sitter.Node) -> str:
    """Give the source of a node."""
    return (node.text or b"").decode()


@pytest.mark.parametrize("mode", list(Mode))
def test_it_is_powershell(mode: Mode) -> None:
    """The grammar finds no error and nothing missing in what is sent."""
    faults = [
        (node.start_point, text_of(node)[:60])
        for node in nodes(parsed(windows_script(mode, [NIC])))
        if node.type == "ERROR" or node.is_missing
    ]

    assert faults == []


def test_the_parser_would_find_a_fault() -> None:
    """A missing brace is an error for the same check."""
    broken = windows_program().replace("}\n", "\n", 1)

    assert any(node.type == "ERROR" or node.is_missing for node in nodes(parsed(broken)))


def test_only_known_commands_and_parameters_are_used() -> None:
    """Each command is one of the script's own functions or on the list, with parameters on its list."""
    tree = parsed(windows_program())
    own = {text_of(node) for node in nodes(tree) if node.type == "function_name"}
    strange = set()
    for command in (node for node in nodes(tree) if node.type == "command"):
        name = next(text_of(n) for n in command.children if n.type.startswith("command_name"))
        allowed = set() if name in own else ALLOWED.get(name)
        if allowed is None:
            strange.add(name)
            continue
        elements = [
            n for child in command.children if child.type == "command_elements" for n in child.children
        ]
        used = {text_of(n).rstrip(":") for n in elements if n.type == "command_parameter"}
        strange |= {f"{name} {parameter}" for parameter in used - allowed}

    assert strange == set()
    assert {"Invoke-Apply", "Invoke-Release", "Get-Report"} <= own


def test_every_own_function_is_called() -> None:
    """No function stands there unused."""
    tree = parsed(windows_program())
    own = {text_of(node) for node in nodes(tree) if node.type == "function_name"}
    called = {text_of(node) for node in nodes(tree) if node.type == "command_name"}

    assert own <= called


def test_the_data_are_one_literal() -> None:
    """Marker, mode and a Base64 literal that holds the wanted set make the head; the rest is constant."""
    head, mode, literal, rest = windows_script(Mode.APPLY, [NIC]).split("\n", 3)

    assert (head, mode, rest) == (f"{MARKER} apply", "$Mode = 'apply'", windows_program())
    found = re.fullmatch(r"\$Wanted = '([A-Za-z0-9+/=]+)'", literal)
    assert found is not None
    wanted = json.loads(base64.b64decode(found.group(1)))
    assert wanted[0]["mac"] == "00:16:3e:12:e7:01"
    assert wanted[0]["eips"][0] == {"ip": "198.51.100.200", "plen": 24, "gateway": "198.51.100.1"}


def test_ten_eips_fit() -> None:
    """In Base64 the largest content stays a kilobyte below what RunCommand takes."""
    assert len(base64.b64encode(windows_script(Mode.APPLY, [NIC]).encode())) <= LIMIT_BYTES - 1024


def test_the_script_is_ascii() -> None:
    """No code page can change it on its way."""
    assert windows_script(Mode.APPLY, [NIC]).isascii()


def test_different_gateways_are_refused_before_the_first_write() -> None:
    """Windows has one way out for each interface: apply is refused with both gateways and the way out."""
    reason = windows_refusal([TWO_GATEWAYS])

    assert reason is not None
    assert "198.51.100.1, 203.0.113.1" in reason
    assert "different ENIs" in reason
    with pytest.raises(WantedSetError, match="different ENIs"):
        windows_script(Mode.APPLY, [TWO_GATEWAYS])
    assert windows_refusal([NIC]) is None


@pytest.mark.parametrize("mode", [Mode.CHECK, Mode.RELEASE])
def test_such_a_set_can_be_checked_and_released(mode: Mode) -> None:
    """Reading and taking away need no common gateway."""
    assert windows_script(mode, [TWO_GATEWAYS])


def test_nothing_touches_the_primary_interface_or_names_a_store_that_loses_dhcp() -> None:
    """Static addresses never go to the persistent store by New-NetIPAddress, which turns DHCP off."""
    program = windows_program()

    assert "Set-Coexistence $Nic 'enabled'" in program
    creating = [line for line in program.splitlines() if "New-NetIPAddress" in line]
    assert creating
    assert all("-PolicyStore ActiveStore" in line for line in creating)


def test_the_script_is_golden() -> None:
    """What is sent is what a reviewer has seen; `UPDATE_GOLDEN=1` writes it anew."""
    found = windows_script(Mode.APPLY, [NIC])
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(found)

    assert found == GOLDEN.read_text()
