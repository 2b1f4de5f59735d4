"""Facts, findings and the run so far → what to do next: one write, a wait, or an end. Pure.

The order is the vendor's: EIPs are bound while the ENI is detached, the ENI is attached afterwards, and the
guest is configured last. Each step stands on the look that it is planned from; after it, the run looks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.finding import Finding, Reach
from multieip.model.resources import EniStatus, Instance, InstanceId, InstanceStatus
from multieip.plan.course import MOST_DETACHES, Course, Goal, GuestSet
from multieip.plan.decision import Decision, End, Ending, Motion, Wait, Write
from multieip.plan.limits import Limits, messages
from multieip.plan.members import Members, in_motion, kept_beside, sort_members
from multieip.plan.release import Release, guest_target
from multieip.plan.steps import (
    Associate,
    Attach,
    ConfigureGuest,
    Detach,
    LiftHold,
    MarkRefused,
    ReleaseGuest,
    Unassociate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.model.facts import Facts
    from multieip.model.resources import Eni

_ALL_IS_WELL: Final = End(Ending.DONE)


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

    def decide(self) -> Decision:  # noqa: PLR0911  cases, one after the other
        """Return the first of the plan's parts that has something to say."""
        facts, course = self._facts, self._course
        eni = facts.eni
        if course.resume and eni is not None and facts.group.hold:
            return Write(LiftHold(eni.region, eni.id, f"{facts.group.tag_prefix}hold"))
        held = End(Ending.HELD, f"the tag {facts.group.tag_prefix}hold={facts.group.hold} is on {_id(eni)}")
        if facts.group.paused and course.owes is None and not course.put_back:
            return held
        lasting = self._limits.against(Reach.ALL)
        if eni is None or (lasting and not course.restoring):
            return End(Ending.BLOCKED, messages(lasting))
        motion = self._motion(eni)
        if motion is not None:
            return motion
        if course.restoring or facts.group.paused:
            step = self._restore(eni)
            return held if facts.group.paused and isinstance(step, End) else step
        passing = self._limits.for_now(Reach.ALL)
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
        bound = (*self._members.bound, *self._facts.strangers)
        if eni.instance is None:
            back = self._course.way_back or (instance.id if instance else None)
            if back is None or not bound or self._course.no_way_back:
                return End(Ending.BLOCKED, "nothing is there to attach")
            return Write(Attach(eni.region, eni.id, back))
        if self._course.no_way_back:
            return _ALL_IS_WELL
        if instance is None or eni.instance != instance.id:
            return self._serve_where_it_was(eni)
        return self._serve(eni)

    def _serve_where_it_was(self, eni: Eni) -> Decision:
        """Give the guest that the ENI came from its EIPs back, where this run took them out of it."""
        course, holder = self._course, self._facts.holder
        there = holder is not None and holder.id == course.way_back and eni.instance == course.way_back
        if holder is None or not there or not course.way_back_served:
            return _ALL_IS_WELL
        step = ConfigureGuest(
            guest_target(holder, eni), self._members.bound, self._facts.strangers, self._facts.gateways or ()
        )
        asked = holder.status is InstanceStatus.RUNNING and self._members.bound
        return Write(step) if asked and course.answered != step.wants else _ALL_IS_WELL

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
        return self._serve(eni)

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
            return self._moving()
        if not course.time_to_detach:
            return End(Ending.TOO_LATE, f"{eni.id} has to be detached, which must leave time to put it back")
        if instance.status is InstanceStatus.RUNNING:
            narrow = self._narrow(eni, instance)
            if narrow is not None:
                return narrow
        return Write(Detach(eni.region, eni.id, instance.id))

    def _may_not_go_off(self) -> bool:
        """Whether the set must grow or settle first. What has to leave does not wait for others to come."""
        waits = self._not_yet()
        return waits is not None and not (self._members.excess and waits.ending is Ending.PERSON)

    def _change_in_place(self, eni: Eni) -> Decision | None:
        """Change the set while attached, where the account is known to allow it."""
        if self._members.excess:
            return Write(self._unassociate(eni))
        return Write(self._associate(eni)) if self._members.expected else None

    def _narrow(self, eni: Eni, instance: Instance) -> Decision | None:
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

    def _elsewhere(self, eni: Eni) -> Decision:  # noqa: PLR0911  cases, one after the other
        """Say what happens to an ENI on an instance that is not the group's."""
        facts, course = self._facts, self._course
        instance, holder = facts.instance, facts.holder
        if instance is None:
            return End(Ending.PERSON, _outside(eni))
        against = self._limits.against(Reach.ATTACH) + self._limits.against(Reach.CHANGE)
        if against or not facts.group.detach or course.detaches >= MOST_DETACHES:
            return End(Ending.BLOCKED, messages(tuple(dict.fromkeys(against))) or _outside(eni))
        passing = self._limits.for_now(Reach.ATTACH) + self._limits.for_now(Reach.CHANGE)
        if passing:
            return End(Ending.TIME, messages(tuple(dict.fromkeys(passing))))
        waits = self._not_yet()
        if waits is not None:
            return waits
        if not course.time_to_detach:
            return End(Ending.TOO_LATE, f"{eni.id} has to leave {eni.instance}")
        if holder is not None and holder.status is InstanceStatus.RUNNING:
            nothing = ReleaseGuest(guest_target(holder, eni))
            if course.narrowed != nothing.wants:
                return Write(nothing)
        return Write(Detach(eni.region, eni.id, InstanceId(str(eni.instance))))

    def _detached(self, eni: Eni) -> Decision:
        members, limits, course = self._members, self._limits, self._course
        mark = self._mark()
        if mark is not None:
            return mark
        may_change = not limits.stop(Reach.CHANGE) and (course.owes is None or course.time_to_change)
        if may_change and members.excess:
            return Write(self._unassociate(eni))
        if may_change and members.expected:
            return Write(self._associate(eni))
        if members.moving and course.owes is None:
            return self._moving()
        return self._attach(eni)

    def _attach(self, eni: Eni) -> Decision:  # noqa: PLR0911  cases, one after the other
        members, limits, course = self._members, self._limits, self._course
        bound = members.bound or (members.staying if course.owes else ())
        if self._facts.instance is None:
            return self._not_yet() or self._end()
        if not bound:
            return self._end()
        if limits.against(Reach.ATTACH) and course.owes != self._facts.instance.id:
            return End(Ending.BLOCKED, messages(limits.against(Reach.ATTACH)))
        if limits.for_now(Reach.ATTACH):
            return End(Ending.TIME, messages(limits.for_now(Reach.ATTACH)))
        waits = self._not_yet() if course.owes is None else None
        if waits is not None:
            return waits
        if not (course.left_alone or course.filled or course.owes):
            return Wait(
                Motion.OTHERS, (eni.id,), f"{eni.id} is off with EIPs bound; another run may be at work on it"
            )
        return Write(Attach(eni.region, eni.id, self._facts.instance.id))

    def _serve(self, eni: Eni) -> Decision:
        """Keep the guest right: what is bound is in it, what stays is not taken from it."""
        facts, members, course = self._facts, self._members, self._course
        instance = facts.instance
        if instance is None or eni.instance != instance.id:
            return End(Ending.PERSON, _outside(eni))
        if not members.bound:
            return self._end()
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
        return self._mark() or self._end()

    def _end(self) -> End:  # noqa: PLR0911  cases, one after the other
        """Say why nothing more is written, the weightiest reason first."""
        facts, members, limits, course = self._facts, self._members, self._limits, self._course
        serving = (
            facts.eni is not None and facts.instance is not None and facts.eni.instance == facts.instance.id
        )
        wanting = members.change or not serving
        later = self._not_yet() if wanting else None
        if later is not None and later.ending is Ending.SETTLING and members.change and self._may_change():
            # What is blocked does not keep the rest from being bound once the set has settled.
            return later
        reaches = [Reach.ALL, Reach.EIPS, *([Reach.CHANGE] if wanting else [])]
        reaches += [Reach.GUEST] if serving else [Reach.GUEST, Reach.ATTACH]
        lasting = tuple(f for f in limits.lasting if f.reach in reaches)
        if lasting:
            return End(Ending.BLOCKED, messages(lasting))
        refused = [f"{eip}: {why.code} {why.message}" for eip, why in course.refused.items()]
        refused += [
            f"{eip}: earlier, with {code}; take the tag {facts.group.tag_prefix}refused off to try again"
            for eip, code in facts.group.refused.items()
            if eip not in course.refused and eip not in {e.id for e in members.bound}
        ]
        if refused:
            return End(Ending.BLOCKED, "the cloud refused " + "; ".join(refused))
        if not facts.eips:
            return End(Ending.PERSON, "EIPs in the group; an attached ENI takes none")
        if members.promised:
            return End(Ending.PROMISED, self._promises())
        passing = tuple(f for f in limits.passing if f.reach in reaches)
        stuck = sorted(course.given_up)
        if passing or members.moving or stuck:
            said = messages(passing) or (self._moving().reason if members.moving else "")
            return End(Ending.TIME, said or f"{', '.join(stuck)} to end the change that began long ago")
        if wanting and members.change and course.detaches >= MOST_DETACHES:
            return End(Ending.TIME, f"this run took the ENI off {MOST_DETACHES} times and finds it on again")
        return later or _ALL_IS_WELL

    def _may_change(self) -> bool:
        """Whether consent and rules allow to take the ENI off for a change."""
        course = self._course
        return (
            not self._limits.stop(Reach.CHANGE)
            and self._facts.group.detach
            and course.detaches < MOST_DETACHES
        )

    def _promises(self) -> str:
        said = []
        for eip in self._members.promised:
            holding = self._facts.holding(eip)
            said.append(f"group {holding.group if holding else ''} to give up {eip.id}")
        return "; ".join(said)

    def _moving(self) -> Wait:
        moving = self._members.moving
        said = ", ".join(f"{eip.id} {eip.status.value}" for eip in moving)
        return Wait(Motion.EIPS, tuple(eip.id for eip in moving), said)

    def _unassociate(self, eni: Eni) -> Unassociate:
        eip = self._members.excess[0]
        claimed = eip.tags.get(f"{self._facts.group.tag_prefix}group", "")
        return Unassociate(eni.region, eni.id, eip.id, claimed)

    def _associate(self, eni: Eni) -> Associate:
        ids = tuple(eip.id for eip in self._members.expected)
        singly = self._course.singly
        return Associate(eni.region, eni.id, ids[:1] if singly else ids, singly)

    def _mark(self) -> Write | None:
        """Remember a refused EIP where others are served; without it each later run would try again."""
        group = self._facts.group
        if group.name is None or not (self._members.bound or self._members.expected):
            return None
        for eip, refusal in sorted(self._course.refused.items()):
            if eip not in self._course.marked and eip not in group.refused:
                key = f"{group.tag_prefix}refused"
                return Write(MarkRefused(group.region, eip, key, refusal.code))
        return None

    def _not_yet(self) -> End | None:
        """Return why the ENI must not be attached (or taken off) yet."""
        facts = self._facts
        group = facts.group
        if facts.instance is None:
            how = "tag one" if group.name else "name one in the call"
            return End(Ending.PERSON, f"an instance in the group; {how}, and the ENI is attached to it")
        have = len(facts.eips)
        if not have:
            return End(Ending.PERSON, "EIPs in the group; an attached ENI takes none")
        if group.size is not None and have < group.size:
            missing = group.size - have
            more = "1 more EIP" if missing == 1 else f"{missing} more EIPs"
            return End(Ending.PERSON, f"{more} (size {group.size}, {have} so far)")
        if group.size is not None or self._course.settled:
            return None
        return End(Ending.SETTLING, "the set of EIPs to settle")


def wanted_set(facts: Facts, findings: Iterable[Finding], course: Course) -> GuestSet | None:
    """Return what the group's guest is to have by this look; None where there is no such guest."""
    eni, instance = facts.eni, facts.instance
    if eni is None or instance is None or eni.instance != instance.id:
        return None
    members = sort_members(facts, Limits.of(findings).eips(), course)
    kept = frozenset(eip.id for eip in kept_beside(members, facts))
    return GuestSet(instance.id, frozenset(eip.id for eip in members.bound), kept)


def _outside(eni: Eni) -> str:
    return f"{eni.id} to leave {eni.instance}, which is not in the group; tag that instance or detach the ENI"


def _id(eni: Eni | None) -> str:
    return eni.id if eni else "the group's ENI"
