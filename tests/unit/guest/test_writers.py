"""What each writer puts into files: golden files, read by something that knows their format.

`UPDATE_GOLDEN=1` writes them anew; the difference is for the reviewer.
"""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from multieip.guest.render import linux_program

GOLDEN = Path(__file__).parent / "golden"

# The state of the program just before a writer runs: one ENI, three EIPs on two gateways.
BEFORE = """
want_file() { printf '==> %s %s\\n%s\\n' "$1" "$2" "$3"; }
TFIRST=21000 TSTEP=300 D=eth1 X=3 MAC=00:16:3e:12:e7:01 PRIV=10.0.0.20 PSUB=10.0.0.0/24 PGW=10.0.0.253
EIPS="198.51.100.11 24 198.51.100.1 1${NL}198.51.100.12 24 198.51.100.1 2${NL}203.0.113.21 25 203.0.113.1 3"
L_FILES='' PASS=compare NETFILE=/run/systemd/network/10-netplan-eth1.network PROFILE='' WAS='' STALE=n
key $MAC
numbers 0
"""
# Case → what differs from it.
CASES = {
    "networkd": "features su; write_networkd",
    "networkd-241": "features u; write_networkd",
    "networkd-without-file": "features su; NETFILE=''; write_networkd",
    "networkd-second-block": "features su; numbers 1; write_networkd",
    "networkmanager": "features su; write_networkmanager",
    "networkmanager-1.30": "features s; write_networkmanager",
    "networkmanager-no-gateway": "features su; PGW=''; write_networkmanager",
    "ifupdown": "write_ifupdown",
    "dispatcher": "write_dispatcher",
    "scripts": "write_scripts",
    "wicked": "write_wicked",
}
# Key → the systemd version that knows it, from systemd.network(5).
NETWORKD_KEYS = {
    "Match": {"MACAddress": 211},
    "Network": {"DHCP": 211},
    "DHCPv4": {"RouteMetric": 243},
    "Address": {"Address": 211, "AddPrefixRoute": 245, "PrefixRoute": 219, "Label": 211},
    "Route": {
        "Destination": 211,
        "Gateway": 211,
        "GatewayOnLink": 234,
        "Metric": 211,
        "PreferredSource": 227,
        "Scope": 211,
        "Table": 230,
        "Type": 235,
    },
    "RoutingPolicyRule": {"From": 235, "Table": 235, "Priority": 235, "SuppressPrefixLength": 245},
}


def written(case: str) -> dict[str, tuple[str, str]]:
    """Run a writer; path → mode and text. The program's own copy is left out."""
    program = linux_program().rpartition("\nmain\n")[0]
    script = f"{program}\ncat() {{ echo PROGRAM; }}\n{BEFORE}\n{CASES[case]}\n"
    # A root without systemd, wherever the test runs, save for the unit itself.
    script = script.replace("[ -d /run/systemd/system ] || return 0\nT=", "T=")
    done = subprocess.run(
        ["sh", "-c", script, "guest.sh", "check"], capture_output=True, text=True, check=True
    )
    files = {}
    for part in done.stdout.split("==> ")[1:]:
        head, _, text = part.partition("\n")
        path, mode = head.rsplit(" ", 1)
        files[path] = (mode, text)
    return files


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    """Give each case in turn."""
    return str(request.param)


def test_files_are_golden(case: str) -> None:
    """The files are those that a reviewer has seen."""
    found = "".join(f"==> {path} {mode}\n{text}" for path, (mode, text) in written(case).items())
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found)

    assert found == golden.read_text()


def test_each_file_carries_our_mark(case: str) -> None:
    """Whoever finds a file knows whose it is; secrets-like profiles are root's alone."""
    for path, (mode, text) in written(case).items():
        assert "multieip-guest" in text or text == "PROGRAM\n", path
        assert mode in {"600", "644", "700", "755"}
        assert (mode == "600") == path.endswith(".nmconnection")


@pytest.mark.parametrize(
    ("case", "version"),
    [
        ("networkd", 245),
        ("networkd-second-block", 245),
        ("networkd-without-file", 245),
        ("networkd-241", 237),
    ],
)
def test_networkd_knows_every_key(case: str, version: int) -> None:
    """Sections and keys are those of systemd.network(5), none younger than the version it is for."""
    [(_, text)] = written(case).values()
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            assert section in NETWORKD_KEYS
        elif not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals
            assert value
            assert NETWORKD_KEYS[section][key] <= version, line


@pytest.mark.parametrize("case", ["networkmanager", "networkmanager-1.30", "networkmanager-no-gateway"])
def test_networkmanager_reads_a_keyfile(case: str) -> None:
    """A strict reader of key files finds no key twice, and each route's options name a route."""
    [(_, text)] = written(case).values()
    keyfile = configparser.ConfigParser(interpolation=None)

    keyfile.read_string(text)

    ipv4 = keyfile["ipv4"]
    assert (ipv4["method"], ipv4["route-table"]) == ("auto", "21000")
    assert {key.removesuffix("_options") for key in ipv4 if key.endswith("_options")} == {
        key for key in ipv4 if key.startswith("route") and key[5:].isdigit()
    }
    assert [ipv4[f"address{n}"] for n in (1, 2, 3)] == [
        "198.51.100.11/24",
        "198.51.100.12/24",
        "203.0.113.21/25",
    ]
    assert ("type=unreachable" in text) == (case != "networkmanager-1.30")
    assert "gateway" not in ipv4


def test_network_scripts_move_no_default_route() -> None:
    """Aliases are assignments that a shell reads, on the parent, without GATEWAY."""
    aliases = {path: text for path, (_, text) in written("scripts").items() if "/ifcfg-" in path}

    assert len(aliases) == 4
    for path, text in aliases.items():
        words = shlex.split(text, comments=True)
        keys = Counter(word.partition("=")[0] for word in words)
        assert keys.most_common(1)[0][1] == 1, path
        assert "GATEWAY" not in keys
        assert keys["DEVICE"] == 1
    assert "NETMASK=255.255.255.128" in aliases["/etc/sysconfig/network-scripts/ifcfg-eth1:e3"]
    assert "DEFROUTE=no" in aliases["/etc/sysconfig/network-scripts/ifcfg-eth1"]


def test_iproute2_takes_the_lines_of_network_scripts() -> None:
    """The route and rule files hold arguments of `ip route add` and `ip rule add`, which takes each."""
    if subprocess.run(["unshare", "-Urn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here")
    files = written("scripts")
    commands = ["ip link add eth1 type veth peer name p", "ip link set lo up"]
    commands += ["ip link set p up", "ip link set eth1 up", "ip addr add 10.0.0.20/24 dev eth1"]
    for kind, path in (("route", "route-eth1"), ("rule", "rule-eth1")):
        text = files[f"/etc/sysconfig/network-scripts/{path}"][1]
        commands += [f"ip {kind} add {line}" for line in text.splitlines() if not line.startswith("#")]
    commands.append("ip rule | grep -c ' lookup 2100[0-3]'")

    done = subprocess.run(
        ["unshare", "-Urn", "sh", "-ec", "\n".join(commands)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr, done.stdout) == (0, "", "4\n")


def test_wicked_files_have_their_columns() -> None:
    """Ifroute has destination, gateway, netmask, interface and options; ifrule has a family and pairs."""
    files = written("wicked")
    for line in files["/etc/sysconfig/network/ifroute-eth1"][1].splitlines()[1:]:
        destination, gateway, netmask, device, *options = line.split()
        assert netmask == "-"
        assert device in ("eth1", "-")
        assert destination == "default" or destination.endswith(("/32", "/24"))
        assert gateway == "-" or gateway.count(".") == 3
        assert "table" in options
    for line in files["/etc/sysconfig/network/ifrule-eth1"][1].splitlines()[1:]:
        family, *pairs = line.split()
        assert family == "ipv4"
        assert len(pairs) % 2 == 0
        assert set(pairs[::2]) <= {"from", "table", "priority", "suppress-prefixlen"}


@pytest.mark.parametrize("case", ["ifupdown", "dispatcher"])
def test_hooks_are_shell(case: str, tmp_path: Path) -> None:
    """A hook is a clean POSIX script that never fails its caller."""
    hooks = {path: text for path, (_, text) in written(case).items() if text.startswith("#!/bin/sh")}

    assert len(hooks) == 1
    hook = tmp_path / "hook"
    hook.write_text(next(iter(hooks.values())))
    assert (
        subprocess.run(["sh", str(hook), "eth1", "up"], env={"ADDRFAM": "inet"}, check=False).returncode == 0
    )
    if shutil.which("shellcheck"):
        assert subprocess.run(["shellcheck", str(hook)], capture_output=True, check=False).stdout == b""


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """Systemd's own checker has nothing to say about the unit."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    text = written("ifupdown")["/etc/systemd/system/multieip-guest.service"][1]
    unit = tmp_path / "multieip-guest.service"
    unit.write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )

    assert "multieip" not in done.stderr
