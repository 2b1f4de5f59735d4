"""Why nothing is written now, the weightiest reason first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.finding import Reach
from multieip.plan.course import MOST_DETACHES
from multieip.plan.decision import End, Ending, Motion, Wait
from multieip.plan.limits import messages

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.resources import Eni
    from multieip.plan.course import Course
    from multieip.plan.limits import Limits
    from multieip.plan.members import Members

ALL_IS_WELL: Final = End(Ending.DONE)


class Reasons:
    """Says why a plan writes nothing: what stands against it, what it waits for, or that all is well."""

    def __init__(self, facts: Facts, limits: Limits, course: Course, members: Members) -> None:
        """Judge by one look; nothing here changes it."""
        self._facts = facts
        self._limits = limits
        self._course = course
        self._members = members

    def end(self) -> End:  # noqa: PLR0911  cases, one after the other
        """Say why nothing more is written, the weightiest reason first."""
        facts, members, limits, course = self._facts, self._members, self._limits, self._course
        serving = (
            facts.eni is not None and facts.instance is not None and facts.eni.instance == facts.instance.id
        )
        wanting = members.change or not serving
        later = self.not_yet() if wanting else None
        if later is not None and later.ending is Ending.SETTLING and members.change and self._may_change():
            # What is blocked does not keep the rest from being bound once the set has settled.
            return later
        reaches = [Reach.ALL, Reach.EIPS, *([Reach.CHANGE] if wanting else [])]
        reaches += [Reach.GUEST] if serving else [Reach.GUEST, Reach.ATTACH]
        lasting = tuple(f for f in limits.lasting if f.reach in reaches)
        if lasting:
            return End(Ending.BLOCKED, messages(lasting))
        refused = self._refused()
        if refused:
            return End(Ending.BLOCKED, f"the cloud refused {refused}")
        if not facts.eips:
            return End(Ending.PERSON, "EIPs in the group; an attached ENI takes none")
        if members.promised:
            return End(Ending.PROMISED, self._promises())
        passing = tuple(f for f in limits.passing if f.reach in reaches)
        stuck = sorted(course.given_up)
        if passing or members.moving or stuck:
            said = messages(passing) or (self.moving().reason if members.moving else "")
            return End(Ending.TIME, said or f"{', '.join(stuck)} to end the change that began long ago")
        if wanting and members.change and course.detaches >= MOST_DETACHES:
            return End(Ending.TIME, f"this run took the ENI off {MOST_DETACHES} times and finds it on again")
        return later or ALL_IS_WELL

    def _refused(self) -> str:
        """Name the EIPs that the cloud has refused, in this run or by the mark of an earlier one."""
        facts, members, course = self._facts, self._members, self._course
        refused = [f"{eip}: {why.code} {why.message}" for eip, why in course.refused.items()]
        refused += [
            f"{eip}: earlier, with {code}; take the tag {facts.group.tag_prefix}refused off to try again"
            for eip, code in facts.group.refused.items()
            if eip not in course.refused and eip not in {e.id for e in members.bound}
        ]
        return "; ".join(refused)

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

    def moving(self) -> Wait:
        """Wait for the members that are between two states somewhere else."""
        moving = self._members.moving
        said = ", ".join(f"{eip.id} {eip.status.value}" for eip in moving)
        return Wait(Motion.EIPS, tuple(eip.id for eip in moving), said)

    def not_yet(self) -> End | None:
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


def outside(eni: Eni) -> str:
    """Say what has to happen to an ENI that is on an instance outside its group."""
    return f"{eni.id} to leave {eni.instance}, which is not in the group; tag that instance or detach the ENI"
