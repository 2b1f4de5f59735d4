"""Refuses wanted sets that must not reach a guest, and writes the others as data lines.

The lines are the only way in which values of the cloud get into a script:

    front <priority of the EIPs' rules>
    lean
    asof <milliseconds> <run>
    nic <mac> <private address>
    eip <address> <prefix length> <gateway> must|keep

An `eip` line belongs to the `nic` line above it. Without an `asof` line the guest compares no times. With a
`lean` line it refuses the set where that does not name an EIP that it has for one of these interfaces.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from multieip.errors import GuestError, WantedSetError
from multieip.model.guest import GuestEip, GuestNic, GuestTarget, Mode, Stamp
from multieip.model.ranges import NO_HOST, NOT_PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multieip.model.resources import Gateway

MAX_EIPS = 10
# In front of everything but the rule of local addresses; the last one in front of main's.
PRIORITY, _LAST_PRIORITY = 5, 32765
_RUN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
# Later than any look, and still a number for a shell with 64 bits.
_END_OF_TIME_MS = 10**14
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.ASCII)
_SHORTEST, _LONGEST = 8, 30


def plen_of(mask: str) -> int:
    """Turn a netmask in dotted form into its prefix length; refuse anything else, such as 255.0.255.0."""
    try:
        bits = int(IPv4Address(mask))
    except ValueError as error:
        raise WantedSetError(f"netmask {mask!r} is not a netmask in dotted form") from error
    inverse = bits ^ 0xFFFFFFFF
    if inverse & (inverse + 1):
        raise WantedSetError(f"netmask {mask!r} has a gap between its ones: no prefix length")
    return 32 - inverse.bit_length()


def mask_of(plen: int) -> str:
    """Turn a prefix length into its netmask in dotted form."""
    return str(IPv4Network((0, plen)).netmask)


def data_lines(
    mode: Mode, nics: Sequence[GuestNic], stamp: Stamp | None = None, *, lean: bool = False
) -> list[str]:
    """Write the wanted set as data lines; raise `WantedSetError` with the value and the reason otherwise."""
    if not nics:
        raise WantedSetError(f"{mode.value}: the wanted set names no interface; name at least one MAC")
    lines = ["lean"] if lean else []
    lines += [_asof(stamp)] if stamp else []
    for nic in nics:
        mac = _mac(nic.mac)
        _private(mac, nic.private)
        _count(mode, mac, len(nic.eips))
        lines.append(f"nic {mac} {nic.private}")
        for eip in nic.eips:
            _eip(mac, nic.private, eip)
            lines.append(f"eip {eip.ip} {eip.plen} {eip.gateway} {'keep' if eip.keep else 'must'}")
    privates = [nic.private for nic in nics]
    _distinct("MAC", (nic.mac.lower() for nic in nics))
    _distinct("private address", privates)
    _distinct("EIP", (eip.ip for nic in nics for eip in nic.eips))
    for nic in nics:
        _apart_from_private(nic.eips, privates)
        _gateways_elsewhere(nic.eips, {*privates, *(eip.ip for each in nics for eip in each.eips)})
    return lines


def priority_line(priority: int) -> str:
    """Write where the rules of EIPs stand; refuse what would stand behind the main table."""
    if type(priority) is not int or not 0 < priority <= _LAST_PRIORITY:
        raise WantedSetError(f"priority {priority!r} is not between 1 and {_LAST_PRIORITY}")
    return f"front {priority}"


def _asof(stamp: Stamp) -> str:
    if type(stamp.asof_ms) is not int or not 0 < stamp.asof_ms < _END_OF_TIME_MS:
        raise WantedSetError(f"the time of the look is {stamp.asof_ms!r}, not milliseconds since 1970")
    if not _RUN.fullmatch(stamp.run):
        raise WantedSetError(
            f"run {stamp.run!r} is not 1 to 64 letters, digits, dots, underscores and hyphens"
        )
    return f"asof {stamp.asof_ms} {stamp.run}"


def _mac(mac: object) -> str:
    """Give the MAC in lower case."""
    if not isinstance(mac, str) or not _MAC.fullmatch(mac.lower()):
        raise WantedSetError(f"MAC {mac!r} is not six hexadecimal pairs joined by colons")
    lower = mac.lower()
    if int(lower[:2], 16) & 1 or lower == "00:00:00:00:00:00":
        raise WantedSetError(f"MAC {mac!r} is not the address of one interface")
    return lower


def _private(mac: str, private: object) -> None:
    _address(f"private address of {mac}", private)
    for net, why in NO_HOST:
        if private in net:
            raise WantedSetError(f"private address {private} of {mac} lies in {net}, {why}")


def _count(mode: Mode, mac: str, count: int) -> None:
    if count > MAX_EIPS:
        raise WantedSetError(f"{mac}: {count} EIPs wanted; the mode allows at most {MAX_EIPS} on one ENI")
    if count == 0 and mode is Mode.APPLY:
        raise WantedSetError(f"{mac}: no EIP to apply; use release to take the configuration away")


def _eip(mac: str, private: IPv4Address, eip: GuestEip) -> None:
    """Refuse an EIP that cannot be a host address of its own subnet with a gateway beside it."""
    _address(f"EIP of {mac}", eip.ip)
    _address(f"gateway of EIP {eip.ip}", eip.gateway)
    if type(eip.plen) is not int or not _SHORTEST <= eip.plen <= _LONGEST:
        raise WantedSetError(
            f"EIP {eip.ip}: prefix length {eip.plen!r} is not between {_SHORTEST} and {_LONGEST}"
        )
    if eip.ip == private:
        raise WantedSetError(f"EIP {eip.ip} is the private address of {mac}; an EIP is a second address")
    for net, why in NOT_PUBLIC:
        if eip.ip in net:
            raise WantedSetError(f"EIP {eip.ip} lies in {net}, {why}; an EIP is a public address")
    own = IPv4Network((eip.ip, eip.plen), strict=False)
    if eip.gateway not in own:
        raise WantedSetError(f"EIP {eip.ip}: gateway {eip.gateway} lies outside its subnet {own}")
    if eip.gateway == eip.ip:
        raise WantedSetError(f"EIP {eip.ip} is its own gateway")
    for what, value in (("EIP", eip.ip), ("gateway", eip.gateway)):
        if value in (own.network_address, own.broadcast_address):
            raise WantedSetError(f"{what} {value} is the network or broadcast address of {own}, not a host")


def _address(what: str, value: object) -> None:
    if not isinstance(value, IPv4Address):
        raise WantedSetError(f"{what}: {value!r} is not an IPv4 address")


def _distinct(what: str, values: Iterable[object]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise WantedSetError(f"{what} {value} is named twice in the wanted set")
        seen.add(value)


def _apart_from_private(eips: tuple[GuestEip, ...], privates: list[IPv4Address]) -> None:
    for eip in eips:
        if eip.ip in privates:
            raise WantedSetError(f"EIP {eip.ip} is also the private address of an ENI in the wanted set")


def _gateways_elsewhere(eips: tuple[GuestEip, ...], own: set[IPv4Address]) -> None:
    for eip in eips:
        if eip.gateway in own:
            raise WantedSetError(
                f"EIP {eip.ip}: gateway {eip.gateway} is an address of the instance itself in the wanted set"
            )


def wanted_nic(target: GuestTarget, addresses: Sequence[str], gateways: Sequence[Gateway]) -> GuestNic:
    """Return the whole wanted set of one interface.

    Raises `GuestError` where an EIP has no gateway yet, or the values make no valid set.
    """
    by_address = {gateway.address: gateway for gateway in gateways}
    missing = [address for address in addresses if address not in by_address]
    if missing:
        raise GuestError(
            f"DescribeEipGatewayInfo has no gateway for {', '.join(missing)} on {target.eni} yet"
        )
    try:
        eips = tuple(
            GuestEip(IPv4Address(a), plen_of(by_address[a].mask), IPv4Address(by_address[a].gateway))
            for a in addresses
        )
        return GuestNic(target.mac, IPv4Address(target.private_ip), eips)
    except (AddressValueError, WantedSetError) as error:
        raise GuestError(f"{target.eni}: the cloud gave values that are not addresses: {error}") from error
