"""How a group of a made-up account is not good: each kind takes a good group and breaks one thing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.model.facts import Facts, IntentFault, Reading, Unread
from multieip.model.guest import Dhcp, Route, ServiceRoute
from multieip.model.resources import Assistant, Eip, EipStatus, EniId, EniStatus, InstanceStatus
from tests.report_account.groups import PREFIX, resource_id, spare_eip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STALE: Final = "203.0.113.63"
HELD_AS: Final = "maintenance window of the customer"


def _nic(facts: Facts, **changes: object) -> Facts:
    guest = facts.guest
    assert guest is not None
    return replace(facts, guest=replace(guest, nics=(replace(guest.nics[0], **changes),)))


def _guest_eip(facts: Facts, which: int, **changes: object) -> Facts:
    guest = facts.guest
    assert guest is not None
    eips = guest.nics[0].eips
    return _nic(facts, eips=(*eips[:which], replace(eips[which], **changes), *eips[which + 1 :]))


def _member(facts: Facts, which: int, eip: Eip) -> Facts:
    eips = (*facts.eips[:which], eip, *facts.eips[which + 1 :])
    bound = tuple(each for each in eips if each.bound_to == facts.enis[0].id)
    return replace(facts, eips=eips, bound=bound)


def _tagged(facts: Facts, **tags: str) -> Facts:
    eni = facts.enis[0]
    more = {f"{PREFIX}{key}": value for key, value in tags.items()}
    return replace(facts, enis=(replace(eni, tags={**eni.tags, **more}),))


def _without_guest(facts: Facts, reason: str, *, denied: bool = False) -> Facts:
    return replace(facts, guest=None, unread={**facts.unread, Reading.GUEST: Unread(reason, denied=denied)})


def no_route(facts: Facts, _: int) -> Facts:
    """Lose the route in the first EIP's table."""
    return _guest_eip(facts, 0, route_ok=False)


def no_rule(facts: Facts, _: int) -> Facts:
    """Lose the rule of the first EIP, so that the main table decides."""
    return _guest_eip(facts, 0, rules_ok=False, route_ok=False)


def not_shown(facts: Facts, _: int) -> Facts:
    """Take the first EIP off the interface."""
    return _guest_eip(facts, 0, present=False, plen=None, rules_ok=False, route_ok=False)


def not_bound(facts: Facts, number: int) -> Facts:
    """Tag one more EIP with consent to detach, and let nobody have acted yet."""
    facts = waits_for_consent(facts, number)
    return _tagged(replace(facts, group=replace(facts.group, detach=True)), detach="allow")


def waits_for_consent(facts: Facts, number: int) -> Facts:
    """Tag one more EIP while the ENI is attached and nobody said that it may be taken off."""
    spare = spare_eip(number * 10 + 9, facts.group.label, facts.group.region)
    group = replace(facts.group, eips=(*facts.group.eips, spare.id))
    return replace(facts, group=group, eips=(*facts.eips, spare))


def detached(facts: Facts, _: int) -> Facts:
    """Detach the ENI."""
    eni = replace(facts.enis[0], status=EniStatus.AVAILABLE, instance=None)
    instance = replace(facts.instances[0], enis=facts.instances[0].enis[:1])
    return replace(facts, enis=(eni,), instances=(instance,), attached_instance=None, guest=None)


def dhcp_off(facts: Facts, _: int) -> Facts:
    """Give the interface a static private address."""
    return _nic(facts, dhcp=Dhcp.NO)


def service_route(facts: Facts, _: int) -> Facts:
    """Send 100.64.0.0/10 by the ENI."""
    assert facts.guest is not None
    return replace(facts, guest=replace(facts.guest, service_route=ServiceRoute("eth1", facts.enis[0].mac)))


def default_route(facts: Facts, _: int) -> Facts:
    """Put the main table's default route on the ENI's interface."""
    assert facts.guest is not None
    route = Route("eth1", IPv4Address("172.16.0.253"), unchanged=False)
    return replace(facts, guest=replace(facts.guest, default_route=route))


def until_reboot(facts: Facts, _: int) -> Facts:
    """Keep the configuration in the kernel only."""
    return _nic(facts, persistent=False)


def stale(facts: Facts, _: int) -> Facts:
    """Leave an address in the guest that is bound nowhere."""
    guest = facts.guest
    assert guest is not None
    there = (*guest.nics[0].addresses, IPv4Interface(f"{STALE}/24"))
    return _nic(facts, foreign_eips=(IPv4Address(STALE),), addresses=there)


def outside(facts: Facts, number: int) -> Facts:
    """Put an EIP without the group's tag on the ENI."""
    eip = replace(facts.eips[0], tags={})
    outside = replace(
        eip,
        id=resource_id("eip", facts.group.region, number + 3_000_000),
        address=f"192.0.2.{number % 200 + 20}",
    )
    return replace(facts, bound=(*facts.bound, outside))


def too_few(facts: Facts, number: int) -> Facts:
    """Leave an EIP idle because the group waits for more."""
    facts = detached(waits_for_consent(facts, number), number)
    group = replace(facts.group, size=len(facts.eips) + 1)
    return _tagged(replace(facts, group=group), size=str(len(facts.eips) + 1))


def two_groups(facts: Facts, _: int) -> Facts:
    """Show the first EIP under two names."""
    eip = replace(facts.eips[0], status=EipStatus.AVAILABLE, bound_to=None, bound_type=None, mode=None)
    text = f"{eip.id} is in the groups {facts.group.label}, other; keep one tag"
    facts = _member(facts, 0, eip)
    return replace(facts, group=replace(facts.group, faults=(IntentFault(text, (eip.id,)),)))


def two_enis(facts: Facts, number: int) -> Facts:
    """Tag a second ENI."""
    second = replace(facts.enis[0], id=EniId(resource_id("eni", facts.group.region, number + 4_000_000)))
    group = replace(facts.group, enis=(facts.enis[0].id, second.id))
    return replace(facts, group=group, enis=(*facts.enis, second), bound=(), gateways=None, guest=None)


def locked(facts: Facts, _: int) -> Facts:
    """Lock the first EIP for debts."""
    eip = replace(
        facts.eips[0],
        status=EipStatus.AVAILABLE,
        bound_to=None,
        bound_type=None,
        mode=None,
        locks=("financial",),
    )
    return _member(facts, 0, eip)


def refused(facts: Facts, number: int) -> Facts:
    """Mark one more EIP as refused by the cloud, as a run does."""
    facts = waits_for_consent(facts, number)
    last = facts.eips[-1]
    marked = replace(last, tags={**last.tags, f"{PREFIX}refused": "InvalidEIPStatus.BizDisabled"})
    return replace(facts, eips=(*facts.eips[:-1], marked))


def stopped(facts: Facts, _: int) -> Facts:
    """Stop the instance."""
    instance = replace(facts.instances[0], status=InstanceStatus.STOPPED)
    return replace(facts, instances=(instance,), attached_instance=instance, guest=None, assistant=None)


def silent_agent(facts: Facts, _: int) -> Facts:
    """Silence Cloud Assistant, so that nobody knows what is in the guest."""
    instance = facts.instances[0].id
    reason = f"not asked: Cloud Assistant on {instance} is not known to be online"
    return _without_guest(replace(facts, assistant=Assistant(instance, online=False)), reason)


def denied_guest(facts: Facts, _: int) -> Facts:
    """Deny the guest's commands to the role."""
    reason = "RunCommand: Forbidden.RAM: User not authorized to operate on the resource"
    return _without_guest(facts, reason, denied=True)


def held(facts: Facts, number: int) -> Facts:
    """Hold the group, which is broken besides."""
    return _tagged(no_rule(facts, number), hold=HELD_AS)


def exempt(facts: Facts, _: int) -> Facts:
    """Exempt the rule that is broken: our list of instance families may be older than the vendor's."""
    instance = replace(facts.instances[0], type="ecs.g7.large", family="ecs.g7")
    group = replace(facts.group, ignore=frozenset({"instance-family"}))
    return _tagged(
        replace(facts, group=group, instances=(instance,), attached_instance=instance),
        ignore="instance-family",
    )


def consents(facts: Facts, _: int) -> Facts:
    """Let runs detach and prune where nothing is wrong."""
    group = replace(facts.group, detach=True, prune=True)
    return _tagged(replace(facts, group=group), detach="allow", prune="allow")


KINDS: Final[Mapping[str, Callable[[Facts, int], Facts]]] = {
    kind.__name__: kind
    for kind in (
        no_route,
        no_rule,
        not_shown,
        not_bound,
        waits_for_consent,
        detached,
        dhcp_off,
        service_route,
        default_route,
        until_reboot,
        stale,
        outside,
        too_few,
        two_groups,
        two_enis,
        locked,
        refused,
        stopped,
        silent_agent,
        denied_guest,
        held,
        exempt,
        consents,
    )
}
"""Every kind by its name. The last two are no faults: they leave a good group that says something."""
