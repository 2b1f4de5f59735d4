"""On Windows, all EIPs of an ENI have one gateway.

Fact: Windows has no routing by source address, so all addresses of an interface leave by its best default
route; DescribeEipGatewayInfo shows a gateway per EIP, and only for EIPs that are bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_INSTANCE, Rule, Verdict, failed, not_applicable, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the EIPs bound for a Windows guest have more than one gateway."""
    instance = facts.instance
    if instance is None:
        return NO_INSTANCE
    if not instance.windows:
        return not_applicable(f"{instance.id} does not run Windows")
    if Reading.GATEWAYS in facts.unread:
        why = facts.unread[Reading.GATEWAYS]
        return unknown(f"the gateways could not be read: {why}", instance.id, settles=why.passes)
    # What stays on the ENI stays in the guest, and Windows has one gateway for all of it.
    members = {eip.address: eip for eip in (*facts.eips, *facts.eips_staying)}
    gateways = {found.address: found.gateway for found in facts.gateways or () if found.address in members}
    if not gateways:
        return not_applicable("the cloud shows the gateway of an EIP only once it is bound")
    if len(set(gateways.values())) > 1:
        pairs = ", ".join(f"{address} by {gateway}" for address, gateway in sorted(gateways.items()))
        ids = [members[address].id for address in sorted(gateways)]
        return failed(f"{instance.id} runs Windows, and its EIPs have different gateways: {pairs}", *ids)
    return passed(f"all EIPs have the gateway {next(iter(gateways.values()))}")


RULE = Rule(
    id="windows-one-gateway",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="On Windows, the EIPs of an ENI have one gateway",
    why="Windows cannot choose a gateway by the address that a reply leaves from. With two gateways, the "
    "EIPs of one of them would be visible and silent.",
    source=f"{sources.GATEWAY_INFO}; {sources.OUR_GUEST}",
    remedy="Split the group: one ENI for the EIPs of each gateway, or exchange EIPs until all have the same "
    "one. Release the group (action release) to take back what was bound.",
    needs=(Reading.EIPS, Reading.INSTANCE),
    check=check,
    may_exempt=True,
    reach=Reach.GUEST,
)
