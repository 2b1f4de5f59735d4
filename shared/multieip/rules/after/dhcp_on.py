"""DHCP is on for the ENI's interface in the guest.

Fact: "you must enable Dynamic Host Configuration Protocol (DHCP) for the ECS instance. Otherwise, the
multi-EIP to ENI mode does not take effect" (user guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.guest import Dhcp
from multieip.rules import sources
from multieip.rules.dhcp_hints import dhcp_hint
from multieip.rules.interface import interface
from multieip.rules.rule import Rule, Verdict, failed, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the interface has no private address, or has it by other means than DHCP."""
    found = interface(facts)
    if isinstance(found, Verdict):
        return found
    _, nic = found
    hint = dhcp_hint(nic.manager, nic.name or "eth1", nic.mac)
    if nic.private is not None and not nic.private_present:
        lacks = f"{nic.name} ({nic.mac}) has no private address {nic.private}"
        return failed(f"{lacks}{hint and f'; {hint}'}", *facts.group.enis, settles=True)
    if nic.dhcp is Dhcp.UNKNOWN:
        return unknown(f"the guest cannot tell whether {nic.name} ({nic.mac}) uses DHCP")
    if nic.dhcp is Dhcp.NO:
        return failed(f"{nic.name} ({nic.mac}) does not use DHCP{hint and f'; {hint}'}", *facts.group.enis)
    return passed(f"{nic.name} has {nic.private} by DHCP")


RULE = Rule(
    id="dhcp-on",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="DHCP is on for the ENI's interface",
    why="The vendor requires DHCP in the guest; otherwise the mode does not take effect. Configuring EIPs as "
    "plain static addresses switches it off on some systems.",
    source=f"{sources.MODE}; {sources.GUIDE}",
    remedy="Let the network manager of the guest configure this interface by DHCP, and run the group with "
    "action apply, which adds the EIPs beside the private address. Where the guest cannot tell, the group is "
    "not ready: let a network manager that can tell keep the interface.",
    needs=(Reading.ENI, Reading.INSTANCE, Reading.GUEST),
    check=check,
)
