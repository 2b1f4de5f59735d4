"""Every bound EIP is on the ENI's interface, with its own mask.

Fact: "You must specify the gateways and subnet masks of EIPs" (user guide); DescribeEipGatewayInfo gives
them for each EIP, and two EIPs of one ENI can differ.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.interface import bound_members, interface, shown
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.resources import Eip


def check(facts: Facts) -> Verdict:
    """Fail for EIPs that the guest does not show, or shows with another mask than the cloud's."""
    found = interface(facts, missing=_no_interface)
    if isinstance(found, Verdict):
        return found
    members = bound_members(facts)
    if not members:
        return NO_EIPS
    _, nic = found
    lengths = _prefix_lengths(facts)
    has = shown(nic)
    wrong = [(eip, _what_is_wrong(eip, has, lengths)) for eip in members]
    bad = [(eip, what) for eip, what in wrong if what]
    if bad:
        return failed("; ".join(what for _, what in bad), *(eip.id for eip, _ in bad))
    unclear = [eip for eip in members if eip.address not in lengths]
    if unclear and not facts.trusts_guest:
        addresses = ", ".join(eip.address for eip in unclear)
        return unknown(f"the cloud gave no mask for {addresses}", *(eip.id for eip in unclear))
    return passed(f"{nic.name} has {', '.join(eip.address for eip in members)}")


def _no_interface(message: str) -> Verdict:
    return failed(message, settles=True)


def _prefix_lengths(facts: Facts) -> dict[str, int]:
    lengths = {gateway.address: _prefix_length(gateway.mask) for gateway in facts.gateways or ()}
    return {address: length for address, length in lengths.items() if length is not None}


def _prefix_length(mask: str) -> int | None:
    """Return the length of a mask; one that is no mask is as good as missing."""
    try:
        return IPv4Network(f"0.0.0.0/{mask}").prefixlen
    except ValueError:
        return None


def _what_is_wrong(eip: Eip, has: dict[str, int | None], lengths: dict[str, int]) -> str:
    if eip.address not in has:
        return f"{eip.address} ({eip.id}) is not on the interface"
    wanted = lengths.get(eip.address)
    if wanted is not None and has[eip.address] != wanted:
        return f"{eip.address} ({eip.id}) has prefix length {has[eip.address]} instead of {wanted}"
    return ""


RULE = Rule(
    id="eips-on-interface",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="Every bound EIP is on the interface with its own mask",
    why="Binding alone shows nothing in the guest: each EIP has to be configured on the interface with the "
    "mask that the cloud gives for it.",
    source=f"{sources.MODE}; {sources.GATEWAY_INFO}",
    remedy="Run the group with action apply. If that fails, its result carries what the guest said.",
    needs=(Reading.ENI, Reading.EIPS, Reading.INSTANCE, Reading.GATEWAYS, Reading.GUEST),
    check=check,
)
