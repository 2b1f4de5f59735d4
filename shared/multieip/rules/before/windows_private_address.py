"""On Windows, the ENI's private address answers its own subnet only, once EIPs are there.

Fact: Windows has no routing by source address, so everything of the interface leaves by the EIPs' gateway,
also what the private address is asked from other subnets of the VPC. Whoever works on the instance by that
address from elsewhere is cut off at the moment of the first apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, NO_INSTANCE, Rule, Verdict, failed, not_applicable, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Warn while the ENI is not attached yet; afterwards the guest's own notes tell it."""
    instance, eni = facts.instance, facts.eni
    if instance is None:
        return NO_INSTANCE
    if eni is None:
        return NO_ENI
    if not instance.windows:
        return not_applicable(f"{instance.id} does not run Windows")
    if eni.instance == instance.id:
        return passed(f"{eni.id} is attached already; the guest's own answer has a note on it", eni.id)
    return failed(
        f"{instance.id} runs Windows: with EIPs on {eni.id}, {eni.private_ip} answers its own subnet only",
        eni.id,
    )


RULE = Rule(
    id="windows-private-address",
    severity=Severity.ADVICE,
    phase=Phase.BEFORE,
    title="On Windows, the ENI's private address is not needed from other subnets",
    why="Windows sends everything of an interface by one gateway, that of the EIPs. Other subnets of the VPC "
    "and VPNs then get no answer from the ENI's private address; a Remote Desktop to it ends with the first "
    "apply.",
    source=sources.OUR_GUEST,
    remedy="Reach the instance by the primary interface's private address; it is left as it is.",
    needs=(Reading.ENI, Reading.INSTANCE),
    check=check,
)
