"""The cloud service network 100.64.0.0/10 stays on the primary interface.

Fact: after binding an EIP that is visible in the guest, 100.64.0.0/10 is not reachable through that ENI
(user guide); Cloud Assistant lives there, so losing it cuts off every later repair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.interface import answer
from multieip.rules.rule import Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the guest says that the service network leaves by another interface."""
    said = answer(facts)
    if isinstance(said, Verdict):
        return said
    if not said.service_route_ok:
        ids = [instance.id for instance in facts.instances]
        return failed("100.64.0.0/10 does not leave by the primary interface", *ids)
    return passed("100.64.0.0/10 leaves by the primary interface")


RULE = Rule(
    id="service-network-on-primary",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="100.64.0.0/10 stays on the primary interface",
    why="The cloud's services (Cloud Assistant, metadata, internal DNS) cannot be reached through an ENI "
    "with visible EIPs; a route that sends them there also cuts off the way to repair it.",
    source=sources.GUIDE,
    remedy="In the guest, remove the route that covers 100.64.0.0/10 by the secondary interface, or add one "
    "by the primary interface's gateway. Use the VNC console if Cloud Assistant is cut off.",
    needs=(Reading.ENI, Reading.INSTANCE, Reading.GUEST),
    check=check,
)
