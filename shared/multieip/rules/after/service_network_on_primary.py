"""The cloud service network 100.64.0.0/10 leaves by an interface that the cloud lets it through.

Fact: after binding an EIP that is visible in the guest, 100.64.0.0/10 is not reachable through that ENI; it
goes by the primary interface or by another secondary ENI without a visible EIP (user guide, as of 2026-04).
Cloud Assistant lives there, so losing it cuts off every later repair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import BindMode
from multieip.rules import sources
from multieip.rules.interface import answer
from multieip.rules.rule import Rule, Verdict, failed, listed, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.resources import EniId


def check(facts: Facts) -> Verdict:
    """Fail where the guest sends the service network by an ENI with EIPs that are visible in it.

    What carries the MAC of no ENI of the instance, such as a tunnel, passes with a remark.
    """
    said = answer(facts)
    if isinstance(said, Verdict):
        return said
    if said.service_route.dev is None:
        return unknown("the guest did not say by which interface it reaches 100.64.0.0/10")
    return _by(said.service_route.dev, said.service_route.mac or "", facts)


def _by(dev: str, mac: str, facts: Facts) -> Verdict:
    eni, instance = facts.enis[0], facts.instances[0]
    if mac == eni.mac.lower():
        return _failed(dev, eni.id, facts)
    if not instance.macs or instance.primary is None:
        return unknown(f"the cloud does not say which ENI of {instance.id} is {dev}", instance.id)
    other = instance.macs.get(mac)
    if other is None:
        return passed(f"100.64.0.0/10 leaves by {dev}, which is no ENI of {instance.id}")
    if other == instance.primary:
        return passed("100.64.0.0/10 leaves by the primary interface")
    return _by_second_eni(dev, other, facts)


def _by_second_eni(dev: str, other: EniId, facts: Facts) -> Verdict:
    if facts.on_service_eni is None:
        why = f"what is bound to {other} was not read; a sweep reads it"
        return unknown(f"100.64.0.0/10 leaves by {dev}, and {why}", other)
    visible = [eip.id for eip in facts.on_service_eni if eip.mode is not BindMode.NAT]
    if visible:
        return _failed(dev, other, facts, f" with {listed(visible)}")
    return passed(
        f"100.64.0.0/10 leaves by {dev}: {other} is a secondary ENI with no EIP that the guest sees",
        other,
    )


def _failed(dev: str, eni: EniId, facts: Facts, more: str = "") -> Verdict:
    text = f"100.64.0.0/10 leaves by {dev}, which is {eni}{more}, not by the primary interface"
    return failed(text, eni, facts.instances[0].id)


RULE = Rule(
    id="service-network-on-primary",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="100.64.0.0/10 leaves by no ENI with visible EIPs",
    why="The cloud's services (Cloud Assistant, metadata, internal DNS) cannot be reached through an ENI "
    "with visible EIPs; a route that sends them there also cuts off the way to repair it. By another "
    "secondary ENI, without a visible EIP, they can (user guide, as of 2026-04).",
    source=sources.GUIDE,
    remedy="In the guest, remove the route that covers 100.64.0.0/10 by that ENI, or add one by the primary "
    "interface's gateway. Use the VNC console if Cloud Assistant is cut off.",
    needs=(Reading.ENI, Reading.INSTANCE, Reading.GUEST, Reading.SERVICE_ENI),
    check=check,
)
