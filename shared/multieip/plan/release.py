"""The undoing of a group: what is taken back, in which order, and what is not ours to take. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.guest import GuestTarget
from multieip.model.resources import InstanceId, InstanceStatus
from multieip.plan.decision import Decision, End, Ending, Write
from multieip.plan.steps import Detach, ReleaseGuest, SetHold, Unassociate

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.resources import Eni, Instance
    from multieip.plan.course import Course


class Release:
    """Takes back what is the group's: guest, attachment, bindings, in that order, and nothing else."""

    def __init__(self, facts: Facts, course: Course) -> None:
        """Plan the undoing from these facts."""
        self._facts = facts
        self._course = course
        self._own = tuple(sorted((e for e in facts.eips if facts.is_bound(e)), key=lambda e: e.id))

    def decide(self, eni: Eni) -> Decision:
        """Return the next step of the undoing."""
        facts, course = self._facts, self._course
        if eni.instance is not None:
            against = self._not_ours(eni)
            if against:
                return End(Ending.BLOCKED, against)
        if facts.group.name is not None and not facts.group.wanted_undone:
            return Write(SetHold(eni.region, eni.id, f"{facts.group.tag_prefix}hold"))
        if eni.instance is not None:
            attached = facts.attached_instance or facts.instance
            running = attached is not None and attached.status is InstanceStatus.RUNNING
            if attached is not None and running and not course.undone_guest:
                return Write(ReleaseGuest(guest_target(attached, eni)))
            return Write(Detach(eni.region, eni.id, InstanceId(str(eni.instance))))
        for eip in sorted(self._own, key=lambda e: (not e.status.settles, e.id)):
            return Write(Unassociate(eni.region, eni.id, eip.id))
        return End(Ending.RELEASED)

    def _not_ours(self, eni: Eni) -> str:
        """Say why the ENI must stay where it is; empty where nothing stands against taking it off."""
        facts, group = self._facts, self._facts.group
        consent = (
            f"the tag {group.tag_prefix}prune=allow on the ENI" if group.name else '"prune": true in the call'
        )
        if facts.eips_staying:
            others = ", ".join(eip.id for eip in facts.eips_staying)
            return f"{others} on {eni.id} is outside the group and would go off with it; that takes {consent}"
        if group.name is None and not self._own:
            return f"no EIP of the call is bound to {eni.id} in multi-EIP mode: it is not ours to detach"
        if (facts.instance is None or facts.instance.id != eni.instance) and not group.detach:
            how = f"{group.tag_prefix}detach=allow" if group.name else '"detach": true'
            return f"{eni.id} is attached to {eni.instance}, which is not in the group; that takes {how}"
        return ""


def guest_target(instance: Instance, eni: Eni) -> GuestTarget:
    """Return the interface of an ENI in the guest of an instance."""
    return GuestTarget(instance, eni.id, eni.mac, eni.private_ip)
