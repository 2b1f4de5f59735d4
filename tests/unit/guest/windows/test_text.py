"""The PowerShell script as a text: it parses, uses only what is known, fits, and carries its data as data."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from localcloud.guests.windows import PowerShellError, nodes, parsed
from multieip.errors import WantedSetError
from multieip.guest.render import LIMIT_BYTES, MARKER
from multieip.guest.windows_script import windows_program, windows_refusal, windows_script
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp
from tests.unit.guest.windows import checker

GOLDEN = Path(__file__).parents[1] / "golden" / "windows-apply.ps1"
LITERAL = re.compile(r"^\$(Wanted|Packed) = '([A-Za-z0-9+/=]*)'$", re.MULTILINE)


def full_nic(number: int) -> GuestNic:
    """Return an ENI with ten EIPs of the longest addresses."""
    gateway = IPv4Address(f"198.151.{number}.254")
    eips = tuple(GuestEip(IPv4Address(f"198.151.{number}.{n}"), 24, gateway) for n in range(200, 210))
    return GuestNic(f"00:16:3E:12:E7:{number:02X}", IPv4Address(f"172.116.123.{number}"), eips)


SET = "Set-NetIPInterface -InterfaceIndex 3 -AddressFamily IPv4"
ROUTE = "New-NetRoute -InterfaceIndex 3 -DestinationPrefix '0.0.0.0/0' -NextHop $h -RouteMetric 1"
ADDRESS = "New-NetIPAddress -InterfaceIndex 3 -IPAddress $i -PrefixLength 24"
METRIC = "-RouteMetric 1 -PolicyStore ActiveStore"
WHERE = "-AddressFamily IPv4 -PolicyStore ActiveStore @Stop"
NIC = full_nic(101)
TWO_GATEWAYS = replace(
    NIC, eips=(NIC.eips[0], GuestEip(IPv4Address("203.0.113.9"), 25, IPv4Address("203.0.113.1")))
)


def literals(content: str) -> dict[str, str]:
    """Unpack the two literals of a content."""
    return {
        name: gzip.decompress(base64.b64decode(value)).decode() if value else ""
        for name, value in LITERAL.findall(content)
    }


@pytest.mark.parametrize("mode", list(Mode))
def test_it_is_powershell(mode: Mode) -> None:
    """The grammar finds no error in what is sent, nor in what it unpacks."""
    content = windows_script(mode, [NIC])

    assert parsed(content).type == "program"
    assert parsed(literals(content)["Packed"]).type == "program"


def test_the_parser_would_find_a_fault() -> None:
    """A missing brace is an error for the same check."""
    with pytest.raises(PowerShellError, match="Unexpected token"):
        parsed(windows_program().replace("}\n", "\n", 1))


def test_only_known_commands_and_parameters_are_used() -> None:
    """Each command keeps to its table, has an explicit ErrorAction, and can act on one interface only."""
    outer = LITERAL.sub("", windows_script(Mode.APPLY, [NIC]))

    assert checker.faults(parsed(f"{outer}\n{windows_program()}")) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Restart-Computer", "not known"),
        ("Get-NetAdapter -Physical @Stop", "-Physical is not known"),
        ("Get-NetAdapter", "without an explicit ErrorAction"),
        ("Get-NetAdapter @Quiet", "@Quiet is not known|explicit ErrorAction"),
        (
            "Remove-NetRoute -InterfaceIndex 3 -PolicyStore ActiveStore -Confirm:$false @Stop",
            "without -NextHop",
        ),
        ("Set-NetIPInterface -Dhcp Enabled @Stop", "without -InterfaceIndex"),
        (f"{SET} -Dhcp Enabled -PolicyStore PersistentStore @Stop", "-Dhcp  with -PolicyStore"),
        (f"{SET} -AutomaticMetric Enabled -InterfaceMetric 5 @Stop", "Enabled with -InterfaceMetric"),
        (f"{SET} -Dhcp On @Stop", "-Dhcp On is not one of"),
        (f"{ROUTE} -PolicyStore PersistentStore @Stop", "-PolicyStore PersistentStore is not one of"),
        (f"{ADDRESS} -PolicyStore PersistentStore @Stop", "-PolicyStore PersistentStore is not one of"),
        (f"{ADDRESS} -DefaultGateway $g -PolicyStore ActiveStore @Stop", "-DefaultGateway is not known"),
        (
            f"{ROUTE.replace('Metric 1', 'Metric 70000')} -PolicyStore ActiveStore @Stop",
            "-RouteMetric 70000 is no UInt16",
        ),
        (f"{ADDRESS} -InterfaceAlias 'x' -PolicyStore ActiveStore @Stop", "-InterfaceAlias is not known"),
        ("Set-NetIPAddress -SkipAsSource $true @Stop", "without -IPAddress.*without -InterfaceIndex"),
        ("Remove-NetIPAddress -InterfaceIndex 3 -Confirm:$false @Stop", "without -IPAddress"),
        ("Remove-NetIPAddress -InterfaceIndex 3 -IPAddress $i @Stop", "without -Confirm"),
        (
            "Remove-NetIPAddress -InputObject $a -InterfaceIndex 3 -IPAddress $i -Confirm:$false @Stop",
            "-InputObject is not known",
        ),
        (
            f"Get-NetIPAddress {WHERE} | Remove-NetIPAddress -IPAddress $i -Confirm:$false @Stop",
            "from a pipe",
        ),
        (f"Set-NetRoute -DestinationPrefix $d {METRIC} @Stop", "without -InterfaceIndex.*without -NextHop"),
        ("Get-NetIPAddress -AddressFamily IPv4 @Stop", "without -PolicyStore"),
        ("Get-NetIPAddress -AddressFamily IPv6 -PolicyStore ActiveStore @Stop", "IPv6 is not ours"),
        (f"Get-NetIPAddress {WHERE} -InterfaceAlias 'x'", "-InterfaceAlias is not known"),
        (
            "Get-NetRoute -IncludeHidden -DestinationPrefix $d -PolicyStore ActiveStore @Stop",
            "-IncludeHidden is",
        ),
        ("Find-NetRoute -LocalIPAddress $i @Stop", "without -RemoteIPAddress"),
        ("Register-ScheduledTask -TaskName x -Xml $x -User y @Stop", "-User is not known"),
        ("Invoke-Netsh @('interface', 'ipv4', 'set', 'interface', 'name=x', 'store=active')", "takes"),
        ("Unregister-ScheduledTask -TaskName x -Confirm:$true @Stop", "would ask"),
        ("function F($Changes) {\n$changes = @($Changes)\nG\n}", "F overwrites its parameter \\$changes"),
        ("function F($Item) {\nforeach ($item in @(1)) {\n$item\n}\n}", "F overwrites its parameter"),
        ("function F {\n$profile = 1\n}", r"\$profile is PowerShell's own"),
        ("exit $LASTEXITCODE", "reads exit codes"),
        ("exit 3010", "reads exit codes"),
        ("$said = & netsh.exe $Words\n$x = 1", "exit code is not read"),
        ("Invoke-Netsh @('interface', 'ipv4', 'add', 'address', $Name)", "add address takes"),
        ("Invoke-Netsh @('interface', 'ipv4', 'reset', 'all')", "reset all takes"),
    ],
)
def test_the_checker_finds(line: str, fault: str) -> None:
    """Each rule of the table is one that the checker holds."""
    program = f"function Invoke-Netsh($Words) {{\n1\n}}\n{line}\n"

    assert re.search(fault, "; ".join(checker.faults(parsed(program))))


def test_every_own_function_is_called() -> None:
    """No function stands there unused."""
    tree = parsed(windows_program())
    own = {checker.text_of(node) for node in nodes(tree) if node.type == "function_name"}
    called = {checker.text_of(node) for node in nodes(tree) if node.type == "command_name"}

    assert own <= called


def test_the_data_are_one_literal() -> None:
    """The wanted set is data in a literal of its own; everything around the two literals is constant."""
    one, two = windows_script(Mode.APPLY, [NIC]), windows_script(Mode.APPLY, [full_nic(7)])
    stamp = Stamp(1764115200000, "run-1")
    stamped = windows_script(Mode.APPLY, [replace(NIC, eips=NIC.eips[:1])], stamp=stamp, lean=True)

    assert one.splitlines()[:2] == [f"{MARKER} apply", "$Mode = 'apply'"]
    assert LITERAL.sub("", one) == LITERAL.sub("", two)
    assert literals(one)["Packed"] == windows_program()
    assert json.loads(literals(stamped)["Wanted"]) == {
        "lean": True,
        "asof": 1764115200000,
        "run": "run-1",
        "nics": [
            {
                "mac": "00:16:3e:12:e7:65",
                "private": "172.116.123.101",
                "eips": [{"ip": "198.151.101.200", "plen": 24, "gateway": "198.151.101.254", "keep": False}],
            }
        ],
    }


def test_three_full_enis_fit() -> None:
    """In Base64 the largest content stays a kilobyte below what RunCommand takes."""
    size = len(base64.b64encode(windows_script(Mode.APPLY, [full_nic(n) for n in (101, 102, 103)]).encode()))

    assert size <= LIMIT_BYTES - 1024


def test_the_script_is_ascii() -> None:
    """No code page can change it on its way, and no line of it ends in anything that Windows would change."""
    assert windows_script(Mode.APPLY, [NIC]).isascii()
    assert windows_program().isascii()


def test_different_gateways_are_refused_before_the_first_write() -> None:
    """Windows has one way out for each interface: apply is refused with both gateways and the way out."""
    reason = windows_refusal([TWO_GATEWAYS])

    assert reason is not None
    assert "198.151.101.254, 203.0.113.1" in reason
    assert "different ENIs" in reason
    with pytest.raises(WantedSetError, match="different ENIs"):
        windows_script(Mode.APPLY, [TWO_GATEWAYS])
    assert windows_refusal([NIC]) is None


@pytest.mark.parametrize("mode", [Mode.CHECK, Mode.RELEASE])
def test_such_a_set_can_be_checked_and_released(mode: Mode) -> None:
    """Reading and taking away need no common gateway."""
    assert windows_script(mode, [TWO_GATEWAYS])


def test_a_survey_takes_no_wanted_set() -> None:
    """It is the same for every instance, and it only reads."""
    assert literals(windows_script(Mode.CHECK, (), survey=True))["Wanted"] == ""
    with pytest.raises(WantedSetError, match="survey"):
        windows_script(Mode.CHECK, [NIC], survey=True)
    with pytest.raises(WantedSetError, match="survey"):
        windows_script(Mode.APPLY, (), survey=True)


def test_the_script_is_golden() -> None:
    """What is sent is what a reviewer has seen; `UPDATE_GOLDEN=1` writes it anew."""
    content = windows_script(Mode.APPLY, [NIC])
    unpacked = literals(content)
    found = LITERAL.sub(lambda match: f"${match[1]} = '...'", content)
    found += f"\n# $Wanted, unpacked:\n{unpacked['Wanted']}\n\n# $Packed, unpacked:\n{unpacked['Packed']}"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(found)

    assert found == GOLDEN.read_text()
