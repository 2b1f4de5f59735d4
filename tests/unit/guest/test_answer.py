"""Reading the guest's answer: tolerant of what surrounds it, strict on what is ours."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.errors import AnswerError
from multieip.guest.answer import read_answer, unconfirmed
from multieip.model.guest import Dhcp, GuestEip, GuestNic, Held, ServiceRoute, Stamp, State

NIC: dict[str, Any] = {
    "mac": "00:16:3e:12:e7:01",
    "name": "eth1",
    "block": 0,
    "dhcp": "yes",
    "private": "10.0.0.20",
    "private_present": True,
    "addresses": ["10.0.0.20/24", "198.51.100.11/24", "203.0.113.9/25", "172.17.0.1/16"],
    "eips": [
        {
            "ip": "198.51.100.11",
            "present": True,
            "plen": 24,
            "label": "eth1:e1",
            "rules_ok": True,
            "route_ok": True,
            "neighbour": "REACHABLE",
        }
    ],
    "manager": "systemd-networkd 252",
    "writer": "networkd",
    "persistent": True,
    "sysctls": {"rp_filter": 1, "arp_ignore": 0, "arp_announce": None},
}
ANSWER: dict[str, Any] = {
    "v": 1,
    "mode": "apply",
    "state": "ok",
    "changed": True,
    "simulated": False,
    "nics": [NIC],
    "service_route": {"dev": "eth0", "mac": "00:16:3E:12:E7:00"},
    "default_route": {"dev": "eth0", "via": "10.0.0.253", "unchanged": True},
    "tools": ["cloud-init"],
    "problems": [{"code": "x", "text": "y"}],
    "notes": ["z"],
}


def line(answer: object) -> bytes:
    """Write an answer as the script does."""
    return b"multieip-answer: " + json.dumps(answer).encode() + b"\n"


def test_an_answer_is_read_whole() -> None:
    """Every value of the answer is in the report, typed; foreign EIPs are those public and not wanted."""
    report = read_answer(line(ANSWER))

    nic = report.nics[0]
    assert (report.mode, report.state, report.changed) == ("apply", State.OK, True)
    assert (report.manager, report.writer, report.persistent) == ("systemd-networkd 252", "networkd", True)
    assert (nic.dhcp, nic.private, nic.block) == (Dhcp.YES, IPv4Address("10.0.0.20"), 0)
    assert nic.addresses[1] == IPv4Interface("198.51.100.11/24")
    assert nic.foreign_eips == (IPv4Address("203.0.113.9"),)
    assert nic.eips[0].ok
    assert nic.sysctls.arp_announce is None
    assert report.default_route.via == IPv4Address("10.0.0.253")
    assert report.service_route == ServiceRoute("eth0", "00:16:3e:12:e7:00")
    assert (report.tools, report.notes) == (("cloud-init",), ("z",))
    assert report.problems[0].code == "x"


@pytest.mark.parametrize("state", [State.OLDER, State.UNNAMED])
def test_a_refusal_tells_the_set_that_the_guest_has(state: State) -> None:
    """State, stamp and set of the guest, the keeper's version and what is detached are read, typed."""
    kept = {"ip": "198.51.100.11", "plen": 24, "gateway": "198.51.100.1", "keep": True}
    held = {"mac": NIC["mac"], "asof": 1795000000123, "run": "r-1", "eips": [kept]}
    nic = {**NIC, "stamp": {"asof": 1795000000123, "run": "r-1"}}
    report = read_answer(
        line({**ANSWER, "state": state.value, "held": held, "keeper": 1, "detached": ["x"], "nics": [nic]})
    )

    stamp = Stamp(1795000000123, "r-1")
    eip = GuestEip(IPv4Address("198.51.100.11"), 24, IPv4Address("198.51.100.1"), keep=True)
    assert (report.state, report.held) == (state, Held(NIC["mac"], stamp, (eip,)))
    assert (report.keeper_version, report.detached, report.nics[0].stamp) == (1, ("x",), stamp)
    assert read_answer(line(ANSWER)).held is None


@pytest.mark.parametrize(
    ("asked", "unconfirmed_ips"),
    [
        (("198.51.100.11", 24, False), []),
        (("198.51.100.11", 25, False), ["198.51.100.11"]),
        (("198.51.100.12", 24, False), ["198.51.100.12"]),
        (("198.51.100.12", 24, True), []),
        (("198.51.100.11", 25, True), ["198.51.100.11"]),
    ],
)
def test_an_answer_is_compared_with_what_was_asked(
    asked: tuple[str, int, bool], unconfirmed_ips: list[str]
) -> None:
    """An EIP that the answer does not show, or shows otherwise, is not confirmed, whatever its state says."""
    ip, plen, keep = asked
    eip = GuestEip(IPv4Address(ip), plen, IPv4Address("198.51.100.1"), keep)
    wanted = GuestNic(NIC["mac"].upper(), IPv4Address("10.0.0.20"), (eip,))

    assert [str(bad) for bad in unconfirmed(read_answer(line(ANSWER)), [wanted])] == unconfirmed_ips


@pytest.mark.parametrize("before", [b"", b"Welcome to Linux\n", b"\xff\xfe\x00 motd\r\n", b"a\nb\n"])
@pytest.mark.parametrize("after", [b"", b"logout\n", b"\x00\xff"])
def test_noise_around_the_answer_does_not_matter(before: bytes, after: bytes) -> None:
    """A message of the day before it and other output after it are skipped."""
    assert read_answer(before + line(ANSWER) + after).state is State.OK


def test_the_last_answer_counts() -> None:
    """When an output holds two answers, the later run is the truth."""
    assert read_answer(line(ANSWER) + line({**ANSWER, "state": "failed"})).state is State.FAILED


@pytest.mark.parametrize(
    ("output", "missing"),
    [
        (b"", "ends with nothing"),
        (b"sh: 1: ip: not found\n", "ip: not found"),
        (line(ANSWER)[:200], "cut off"),
        (b"multieip-answer: {nonsense}\n", "not JSON"),
        (b"echo multieip-answer: {}\n", "does not begin its line"),
        (b"multieip-answer: []\n", "not an object"),
        (line({**ANSWER, "v": 2}), "version 2"),
        (line({**ANSWER, "state": "fine"}), "expected one of ok, differs, failed, older, unnamed"),
        (line({**ANSWER, "changed": 1}), "no bool 'changed'"),
        (line({k: v for k, v in ANSWER.items() if k != "nics"}), "no list 'nics'"),
        (line({**ANSWER, "nics": [{**NIC, "block": True}]}), "no int 'block'"),
        (
            line({**ANSWER, "nics": [{**NIC, "private": "10.0.0"}]}),
            "nics\\[0\\].private is not an IPv4 address",
        ),
        (line({**ANSWER, "nics": [{**NIC, "addresses": ["x"]}]}), "'x'"),
        (line({**ANSWER, "notes": [1]}), "not text"),
        (line({**ANSWER, "nics": [7]}), "int, not an object"),
        (line({**ANSWER, "default_route": None}), "NoneType, not an object"),
    ],
)
def test_what_is_missing_is_said(output: bytes, missing: str) -> None:
    """An output without a complete answer is an error that says what was wrong, never an empty report."""
    with pytest.raises(AnswerError, match=missing):
        read_answer(output)


def test_keys_that_are_not_ours_are_no_error() -> None:
    """A later script may say more."""
    assert read_answer(line({**ANSWER, "more": {"x": 1}})).state is State.OK


@given(st.binary(max_size=400), st.integers(0, 900))
def test_any_output_is_a_report_or_an_answer_error(noise: bytes, cut: int) -> None:
    """Whatever the guest prints, reading it gives a report or an `AnswerError`, nothing else."""
    for output in (noise, noise + b"\n" + line(ANSWER)[:cut], b"multieip-answer: " + noise):
        try:
            report = read_answer(output)
        except AnswerError:
            continue
        assert report.state in State
