"""What may become data of a guest script, and what is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.errors import WantedSetError
from multieip.guest.wanted import data_lines, mask_of, plen_of
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp

EIP = GuestEip(IPv4Address("198.51.100.11"), 24, IPv4Address("198.51.100.1"))
NIC = GuestNic("00:16:3e:12:e7:01", IPv4Address("10.0.0.20"), (EIP,))
OTHER = GuestNic(
    "00:16:3e:12:e7:02",
    IPv4Address("10.0.0.21"),
    (replace(EIP, ip=IPv4Address("198.51.100.12")),),
)


def eip(ip: str, plen: int = 24, gateway: str = "198.51.100.1") -> GuestEip:
    """Write an EIP shortly."""
    return GuestEip(IPv4Address(ip), plen, IPv4Address(gateway))


def test_the_lines_carry_each_value_once() -> None:
    """An ENI is one line, each of its EIPs one below it; the MAC is in lower case."""
    lines = data_lines(Mode.APPLY, [replace(NIC, mac="00:16:3E:12:E7:01"), OTHER])

    assert lines == [
        "nic 00:16:3e:12:e7:01 10.0.0.20",
        "eip 198.51.100.11 24 198.51.100.1 must",
        "nic 00:16:3e:12:e7:02 10.0.0.21",
        "eip 198.51.100.12 24 198.51.100.1 must",
    ]


def test_the_look_and_what_is_only_to_be_kept_are_said() -> None:
    """The first line is the stamp; an EIP that nobody may unbind is told apart from a wanted one."""
    kept = replace(NIC, eips=(replace(EIP, keep=True),))

    assert data_lines(Mode.APPLY, [kept], Stamp(1795000000123, "r-0f3a.1"))[::2] == [
        "asof 1795000000123 r-0f3a.1",
        "eip 198.51.100.11 24 198.51.100.1 keep",
    ]


def test_a_lean_set_says_so_first() -> None:
    """The word stands alone in its line."""
    assert data_lines(Mode.APPLY, [NIC], Stamp(1, "r"), lean=True)[:2] == ["lean", "asof 1 r"]


@pytest.mark.parametrize("plen", [8, 23, 30])
def test_a_prefix_length_is_a_netmask(plen: int) -> None:
    """And back."""
    assert plen_of(mask_of(plen)) == plen


@pytest.mark.parametrize(
    ("asof", "run"),
    [(0, "r"), (-1, "r"), (10**14, "r"), (True, "r"), (1, ""), (1, "a b"), (1, "a\n"), (1, "r" * 65)],
)
def test_a_stamp_that_is_none_is_refused(asof: int, run: str) -> None:
    """No number of another kind and no word with a blank gets into the data."""
    with pytest.raises(WantedSetError):
        data_lines(Mode.APPLY, [NIC], Stamp(asof, run))


@pytest.mark.parametrize("plen", range(33))
def test_each_netmask_has_its_prefix_length(plen: int) -> None:
    """The dotted form of every prefix length is read back as that length."""
    assert plen_of(str(IPv4Network((0, plen)).netmask)) == plen


@pytest.mark.parametrize("mask", ["255.0.255.0", "0.0.0.255", "24", "", "255.255.255", "255.255.255.0 ", "x"])
def test_what_is_no_netmask_is_refused(mask: str) -> None:
    """A mask with gaps, a wildcard mask and other text name themselves in the refusal."""
    with pytest.raises(WantedSetError, match="netmask"):
        plen_of(mask)


@pytest.mark.parametrize(
    ("nics", "reason"),
    [
        ([], "names no interface"),
        ([replace(NIC, mac="eth1")], "six hexadecimal pairs"),
        ([replace(NIC, mac="00:16:3e:12:e7:01\n")], "six hexadecimal pairs"),
        ([replace(NIC, mac="01:16:3e:12:e7:01")], "not the address of one interface"),
        ([replace(NIC, mac="00:00:00:00:00:00")], "not the address of one interface"),
        ([replace(NIC, private=IPv4Address("127.0.0.1"))], "the loopback range"),
        ([replace(NIC, private=cast("Any", "10.0.0.20"))], "is not an IPv4 address"),
        ([replace(NIC, eips=())], "use release"),
        ([replace(NIC, eips=(EIP, EIP))], "named twice"),
        ([NIC, NIC], "named twice"),
        ([NIC, replace(OTHER, private=NIC.private)], "private address 10.0.0.20 is named twice"),
        ([NIC, replace(OTHER, eips=NIC.eips)], "EIP 198.51.100.11 is named twice"),
        ([replace(NIC, eips=tuple(eip(f"198.51.100.{n}") for n in range(20, 31)))], "at most 10"),
        ([replace(NIC, private=EIP.ip)], "is the private address"),
        ([NIC, replace(OTHER, private=EIP.ip)], "is also the private address"),
        ([replace(NIC, eips=(eip("10.1.0.5", 24, "10.1.0.1"),))], "a private range"),
        ([replace(NIC, eips=(eip("100.64.0.5", 24, "100.64.0.1"),))], "the cloud's service range"),
        ([replace(NIC, eips=(eip("224.0.0.5", 24, "224.0.0.1"),))], "multicast"),
        (
            [replace(NIC, eips=(eip("198.51.100.11", 24, "203.0.113.1"),))],
            "outside its subnet 198.51.100.0/24",
        ),
        ([replace(NIC, eips=(eip("198.51.100.1"),))], "its own gateway"),
        ([replace(NIC, private=EIP.gateway)], "an address of the instance itself"),
        (
            [replace(NIC, eips=(EIP, eip("198.51.100.7", 24, str(EIP.ip))))],
            "an address of the instance itself",
        ),
        ([replace(NIC, eips=(eip("198.51.100.0"),))], "network or broadcast"),
        ([replace(NIC, eips=(eip("198.51.100.255"),))], "network or broadcast"),
        ([replace(NIC, eips=(eip("198.51.100.11", 24, "198.51.100.255"),))], "network or broadcast"),
        ([replace(NIC, eips=(eip("198.51.100.11", 32),))], "prefix length 32"),
        ([replace(NIC, eips=(eip("198.51.100.11", 0),))], "prefix length 0"),
        ([replace(NIC, eips=(replace(EIP, plen=True),))], "prefix length True"),
        ([replace(NIC, eips=(replace(EIP, plen=cast("Any", "24")),))], "prefix length '24'"),
    ],
)
def test_a_wrong_set_is_refused_with_the_reason(nics: list[GuestNic], reason: str) -> None:
    """Each fault is refused before anything is rendered, and the text says which value and why."""
    with pytest.raises(WantedSetError, match=reason):
        data_lines(Mode.APPLY, nics)


@pytest.mark.parametrize("mode", [Mode.CHECK, Mode.RELEASE])
def test_no_eip_may_be_checked_and_released(mode: Mode) -> None:
    """An ENI without EIPs is a question that can be asked, and can be released."""
    assert data_lines(mode, [replace(NIC, eips=())]) == ["nic 00:16:3e:12:e7:01 10.0.0.20"]


@given(
    mac=st.text(), private=st.text(), gateway=st.text(), plen=st.one_of(st.text(), st.integers(), st.none())
)
def test_hostile_values_never_become_lines(mac: str, private: str, gateway: str, plen: object) -> None:
    """Whatever stands where a value should, the lines hold nothing but words of our own alphabet."""
    hostile = GuestNic(
        mac, cast("Any", private), (GuestEip(cast("Any", private), cast("Any", plen), cast("Any", gateway)),)
    )

    with pytest.raises(WantedSetError):
        data_lines(Mode.APPLY, [hostile])


@given(
    octets=st.lists(st.integers(0, 255), min_size=6, max_size=6),
    private=st.ip_addresses(v=4),
    ip=st.ip_addresses(v=4),
    plen=st.integers(-5, 40),
    gateway=st.ip_addresses(v=4),
)
def test_accepted_sets_keep_the_promises(
    octets: list[int], private: IPv4Address, ip: IPv4Address, plen: int, gateway: IPv4Address
) -> None:
    """Whatever is accepted is a public host in its own subnet, with another host of it as gateway."""
    nic = GuestNic(":".join(f"{n:02x}" for n in octets), private, (GuestEip(ip, plen, gateway),))
    try:
        data_lines(Mode.APPLY, [nic])
    except WantedSetError:
        return

    subnet = IPv4Network((ip, plen), strict=False)
    assert gateway in subnet
    assert len({ip, gateway, subnet.network_address, subnet.broadcast_address}) == 4
    assert private not in (ip, gateway)
