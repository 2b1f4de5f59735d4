"""Facts, findings and the run so far → what to do next: one write, a wait, or an end. Pure.

The order is the vendor's: EIPs are bound while the ENI is detached, the ENI is attached afterwards, and the
guest is configured last. Each step stands on the look that it is planned from; after it, the run looks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.finding import Finding, Reach
from multieip.model.resources import EniStatus, Instance, InstanceId, InstanceStatus
from multieip.plan.course import MOST_DETACHES, Course, Goal
from multieip.plan.decision import Decision, End, Ending, Motion, Wait, Write
from multieip.plan.limits import Limits, messages
from multieip.plan.members import Members, in_motion, sort_members
from multieip.plan.reasons import ALL_IS_WELL, Reasons, outside
from multieip.plan.release import Release, guest_target
from multieip.plan.serving import Serving
from multieip.plan.steps import (
    Associate,
    Attach,
    Detach,
    LiftHold,
    ReleaseGuest,
    Unassociate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.model.facts import Facts
    from multieip.model.resources import Eni


def next_step(facts: Facts, findings: Iterable[Finding], course: Course) -> Decision:
    """Return the first thing to do; see `multieip.plan.decision`.

    Never plans to touch an instance that is not in the group, except to take the group's ENI off it with the
    intent's consent. What a rule stands against is left out; the rest is done without it.
    """
    return _Planner(facts, Limits.of(findings), course).decide()


class _Planner:
    def __init__(self, facts: Facts, limits: Limits, course: Course) -> None:
        self._facts = facts
        self._limits = limits
        self._course = course
        self._blocked = limits.eips()
        self._members: Members = sort_members(facts, self._blocked, course)
        self._reasons = Reasons(facts, limits, course, self._members)
        self._serving = Serving(facts, limits, course, self._members, self._reasons)

    def decide(self) -> Decision:  # noqa: PLR0911  cases, one after the other
        """Return the first of the plan's parts that has something to say."""
        facts, course = self._facts, self._course
        eni = facts.eni
        if course.resume and eni is not None and facts.group.hold:
            return Write(LiftHold(eni.region, eni.id, f"{facts.group.tag_prefix}hold"))
        held = End(Ending.HELD, f"the tag {facts.group.tag_prefix}hold={facts.group.hold} is on {_id(eni)}")
        if facts.group.paused and course.owes is None and not course.put_back:
            return held
        lasting, passing = self._limits.against(Reach.ALL), self._limits.for_now(Reach.ALL)
        if lasting and not (course.restoring and eni is not None):
            return End(Ending.BLOCKED, messages(lasting))
        if eni is None:
            # Not shown because it could not be read is not the same as not there.
            return End(Ending.TIME if passing else Ending.BLOCKED, messages(passing))
        motion = self._motion(eni)
        if motion is not None:
            return motion
        if course.restoring or facts.group.paused:
            step = self._restore(eni)
            if isinstance(step, End) and step.ending is Ending.BLOCKED and passing:
                # What is missing for the way back may only be unread.
                return End(Ending.TIME, messages(passing))
            return held if facts.group.paused and isinstance(step, End) else step
        if passing:
            return End(Ending.TIME, messages(passing))
        if facts.group.wanted_undone or course.goal is Goal.RELEASE:
            return Release(facts, course).decide(eni)
        return self._apply(eni)

    def _motion(self, eni: Eni) -> Wait | None:
        if (
            eni.status.settles
            and eni.status is not EniStatus.DELETING
            and eni.id not in self._course.given_up
        ):
            return Wait(Motion.ENI, (eni.id,), f"{eni.id} is {eni.status.value}")
        moving = in_motion(self._facts, self._course)
        if moving:
            said = ", ".join(f"{eip.id} {eip.status.value}" for eip in moving)
            return Wait(Motion.EIPS, tuple(eip.id for eip in moving), said)
        return None

    def _restore(self, eni: Eni) -> Decision:
        """Put the ENI back with what is bound, and nothing else."""
        instance = self._facts.instance
        bound = (*self._members.bound, *self._facts.eips_outside)
        if eni.instance is None:
            back = self._course.way_back or (instance.id if instance else None)
            if back is None or not bound or self._course.no_way_back:
                return End(Ending.BLOCKED, "nothing is there to attach")
            return Write(Attach(eni.region, eni.id, back))
        if self._course.no_way_back:
            return ALL_IS_WELL
        if instance is None or eni.instance != instance.id:
            return self._serving.where_it_was(eni)
        return self._serving.serve(eni)

    def _apply(self, eni: Eni) -> Decision:
        instance = self._facts.instance
        if eni.instance is None:
            return self._detached(eni)
        if instance is None or eni.instance != instance.id:
            return self._elsewhere(eni)
        if self._members.change:
            step = self._change_attached(eni, instance)
            if step is not None:
                return step
        return self._serving.serve(eni)

    def _change_attached(self, eni: Eni, instance: Instance) -> Decision | None:  # noqa: PLR0911  cases, one after the other
        """Take the ENI off to change its EIPs, as far as consent, rules and time allow it."""
        facts, course, members = self._facts, self._course, self._members
        if self._limits.stop(Reach.CHANGE):
            return None
        if facts.bind_while_attached:
            return self._change_in_place(eni)
        if not facts.group.detach or course.detaches >= MOST_DETACHES or self._may_not_go_off():
            return None
        if members.moving:
            return self._reasons.moving()
        if not course.time_to_detach:
            return End(Ending.TOO_LATE, f"{eni.id} has to be detached, which must leave time to put it back")
        if instance.status is InstanceStatus.RUNNING:
            narrow = self._serving.narrow(eni, instance)
            if narrow is not None:
                return narrow
        return Write(Detach(eni.region, eni.id, instance.id))

    def _may_not_go_off(self) -> bool:
        """Whether the set must grow or settle first. What has to leave does not wait for others to come."""
        waits = self._reasons.not_yet()
        return waits is not None and not (self._members.excess and waits.ending is Ending.PERSON)

    def _change_in_place(self, eni: Eni) -> Decision | None:
        """Change the set while attached, where the account is known to allow it."""
        if self._members.excess:
            return Write(self._unassociate(eni))
        return Write(self._associate(eni)) if self._members.expected else None

    def _elsewhere(self, eni: Eni) -> Decision:  # noqa: PLR0911  cases, one after the other
        """Say what happens to an ENI on an instance that is not the group's."""
        facts, course = self._facts, self._course
        instance, attached = facts.instance, facts.attached_instance
        if instance is None:
            return End(Ending.PERSON, outside(eni))
        against = self._limits.against(Reach.ATTACH) + self._limits.against(Reach.CHANGE)
        if against or not facts.group.detach or course.detaches >= MOST_DETACHES:
            return End(Ending.BLOCKED, messages(tuple(dict.fromkeys(against))) or outside(eni))
        passing = self._limits.for_now(Reach.ATTACH) + self._limits.for_now(Reach.CHANGE)
        if passing:
            return End(Ending.TIME, messages(tuple(dict.fromkeys(passing))))
        waits = self._reasons.not_yet()
        if waits is not None:
            return waits
        if not course.time_to_detach:
            return End(Ending.TOO_LATE, f"{eni.id} has to leave {eni.instance}")
        if attached is not None and attached.status is InstanceStatus.RUNNING:
            nothing = ReleaseGuest(guest_target(attached, eni))
            if course.narrowed != nothing.wants:
                return Write(nothing)
        return Write(Detach(eni.region, eni.id, InstanceId(str(eni.instance))))

    def _detached(self, eni: Eni) -> Decision:
        members, limits, course = self._members, self._limits, self._course
        mark = self._serving.mark()
        if mark is not None:
            return mark
        may_change = not limits.stop(Reach.CHANGE) and (course.owes is None or course.time_to_change)
        if may_change and members.excess:
            return Write(self._unassociate(eni))
        if may_change and members.expected:
            return Write(self._associate(eni))
        if members.moving and course.owes is None:
            return self._reasons.moving()
        return self._attach(eni)

    def _attach(self, eni: Eni) -> Decision:  # noqa: PLR0911  cases, one after the other
        members, limits, course = self._members, self._limits, self._course
        bound = members.bound or (members.staying if course.owes else ())
        if self._facts.instance is None:
            return self._reasons.not_yet() or self._reasons.end()
        if not bound:
            return self._reasons.end()
        if limits.against(Reach.ATTACH) and course.owes != self._facts.instance.id:
            return End(Ending.BLOCKED, messages(limits.against(Reach.ATTACH)))
        if limits.for_now(Reach.ATTACH):
            return End(Ending.TIME, messages(limits.for_now(Reach.ATTACH)))
        waits = self._reasons.not_yet() if course.owes is None else None
        if waits is not None:
            return waits
        if not (course.left_alone or course.filled or course.owes):
            return Wait(
                Motion.OTHERS, (eni.id,), f"{eni.id} is off with EIPs bound; another run may be at work on it"
            )
        return Write(Attach(eni.region, eni.id, self._facts.instance.id))

    def _unassociate(self, eni: Eni) -> Unassociate:
        eip = self._members.excess[0]
        claimed = eip.tags.get(f"{self._facts.group.tag_prefix}group", "")
        return Unassociate(eni.region, eni.id, eip.id, claimed)

    def _associate(self, eni: Eni) -> Associate:
        ids = tuple(eip.id for eip in self._members.expected)
        singly = self._course.singly
        return Associate(eni.region, eni.id, ids[:1] if singly else ids, singly)


def _id(eni: Eni | None) -> str:
    return eni.id if eni else "the group's ENI"
