"""What the guest is asked for: while the ENI is attached, before it goes off, on the way back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.finding import Reach
from multieip.model.resources import InstanceStatus
from multieip.plan.course import GuestSet
from multieip.plan.decision import Decision, End, Ending, Write
from multieip.plan.limits import Limits, messages
from multieip.plan.members import kept_beside, sort_members
from multieip.plan.reasons import ALL_IS_WELL, outside
from multieip.plan.release import guest_target
from multieip.plan.steps import ConfigureGuest, MarkRefused, ReleaseGuest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.model.resources import Eni, Instance
    from multieip.plan.course import Course
    from multieip.plan.members import Members
    from multieip.plan.reasons import Reasons


class Serving:
    """Plans what the guest is told; what is bound is in it, and what stays is not taken from it."""

    def __init__(
        self, facts: Facts, limits: Limits, course: Course, members: Members, reasons: Reasons
    ) -> None:
        """Plan by one look; `reasons` says why nothing is asked of the guest."""
        self._facts = facts
        self._limits = limits
        self._course = course
        self._members = members
        self._reasons = reasons

    def serve(self, eni: Eni) -> Decision:
        """Keep the guest right: what is bound is in it, what stays is not taken from it."""
        facts, members, course = self._facts, self._members, self._course
        instance = facts.instance
        if instance is None or eni.instance != instance.id:
            return End(Ending.PERSON, outside(eni))
        if not members.bound:
            return self._reasons.end()
        against = self._limits.against(Reach.GUEST)
        if against:
            # The guest would refuse the set each time it is asked.
            return End(Ending.BLOCKED, messages(against))
        if instance.status is not InstanceStatus.RUNNING:
            how = Ending.TIME if instance.status.settles else Ending.PERSON
            what = f"{instance.id} to run; it is {instance.status.value}, the guest is configured then"
            return End(how, what)
        step = ConfigureGuest(
            guest_target(instance, eni),
            members.bound,
            kept_beside(members, facts),
            facts.gateways or (),
        )
        if course.answered != step.wants:
            return Write(step)
        return self.mark() or self._reasons.end()

    def where_it_was(self, eni: Eni) -> Decision:
        """Give the guest that the ENI came from its EIPs back, where this run took them out of it."""
        course, attached = self._course, self._facts.attached_instance
        there = attached is not None and attached.id == course.way_back and eni.instance == course.way_back
        if attached is None or not there or not course.way_back_served:
            return ALL_IS_WELL
        step = ConfigureGuest(
            guest_target(attached, eni),
            self._members.bound,
            self._facts.eips_outside,
            self._facts.gateways or (),
        )
        asked = attached.status is InstanceStatus.RUNNING and self._members.bound
        return Write(step) if asked and course.answered != step.wants else ALL_IS_WELL

    def narrow(self, eni: Eni, instance: Instance) -> Decision | None:
        """Ask the guest for what stays; what it says yes to goes on answering, and proves that it answers."""
        target = guest_target(instance, eni)
        stays = ConfigureGuest(
            target, self._members.bound, self._members.staying, self._facts.gateways or (), narrow=True
        )
        wants = stays.wants
        if self._course.narrowed == wants:
            return None
        if not wants.must and not wants.keep:
            return Write(ReleaseGuest(target))
        return Write(stays)

    def mark(self) -> Write | None:
        """Remember a refused EIP where others are served; without it each later run would try again."""
        group = self._facts.group
        if group.name is None or not (self._members.bound or self._members.expected):
            return None
        for eip, refusal in sorted(self._course.refused.items()):
            if eip not in self._course.marked and eip not in group.refused:
                key = f"{group.tag_prefix}refused"
                return Write(MarkRefused(group.region, eip, key, refusal.code))
        return None


def wanted_set(facts: Facts, findings: Iterable[Finding], course: Course) -> GuestSet | None:
    """Return what the group's guest is to have by this look; None where there is no such guest."""
    eni, instance = facts.eni, facts.instance
    if eni is None or instance is None or eni.instance != instance.id:
        return None
    members = sort_members(facts, Limits.of(findings).eips(), course)
    kept = frozenset(eip.id for eip in kept_beside(members, facts))
    return GuestSet(instance.id, frozenset(eip.id for eip in members.bound), kept)
