"""The EIPs of a group by what a plan may do with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import dataclass
from multieip.model.resources import BindMode, Eip, EipStatus

if TYPE_CHECKING:
    from collections.abc import Collection

    from multieip.model.facts import Facts
    from multieip.plan.course import Course


@dataclass(frozen=True, slots=True)
class Members:
    """Each EIP in one place.

    `bound`: members on the ENI. `expected`: members that can be bound now. `moving`: members between two
    states somewhere else. `promised`: members that another group holds and gives up. `excess`: EIPs outside
    the group on the ENI that may be unbound; `staying`: those that may not. Who is in none of them is
    blocked.
    """

    bound: tuple[Eip, ...] = ()
    expected: tuple[Eip, ...] = ()
    moving: tuple[Eip, ...] = ()
    promised: tuple[Eip, ...] = ()
    excess: tuple[Eip, ...] = ()
    staying: tuple[Eip, ...] = ()

    @property
    def change(self) -> bool:
        """Whether the set of EIPs on the ENI has to change."""
        return bool(self.expected or self.excess)


def sort_members(facts: Facts, blocked: Collection[str], course: Course) -> Members:
    """Sort members and EIPs outside the group; `blocked` are ids that a rule stands against."""
    excess = tuple(e for e in facts.eips_outside if facts.group.prune)
    expected: list[Eip] = []
    moving: list[Eip] = []
    promised: list[Eip] = []
    for eip in _by_id(facts.unbound_members):
        if eip.id in blocked or eip.id in course.refused or eip.id in facts.group.refused:
            continue
        holding = facts.holding(eip)
        if eip.status is EipStatus.AVAILABLE and not eip.bound_to:
            expected.append(eip)
        elif eip.status.settles and eip.id not in course.given_up:
            moving.append(eip)
        elif holding is not None and holding.gives:
            promised.append(eip)
    return Members(
        bound=_by_id(
            tuple(eip for eip in facts.eips if facts.is_bound(eip) and eip.id not in course.given_up)
        ),
        expected=tuple(expected),
        moving=tuple(moving),
        promised=tuple(promised),
        excess=_by_id(excess),
        staying=_by_id(facts.eips_staying),
    )


def kept_beside(members: Members, facts: Facts) -> tuple[Eip, ...]:
    """Return the EIPs outside the group that the guest keeps beside the members, as long as they are bound.

    Windows has one gateway for all. What may be unbound is not kept where that would keep the members out.
    """
    kept = (*members.staying, *members.excess)
    if facts.instance is None or not facts.instance.windows:
        return kept
    gateways = {found.address: found.gateway for found in facts.gateways or ()}
    own = {gateways.get(eip.address) for eip in members.bound}
    fitting = tuple(eip for eip in members.excess if {gateways.get(eip.address)} == own)
    return (*members.staying, *fitting)


def in_motion(facts: Facts, course: Course) -> tuple[Eip, ...]:
    """Return the EIPs of this mode on the ENI that are between two states, members or not."""
    eni = facts.eni
    rows = {eip.id: eip for eip in (*facts.bound, *facts.eips)}
    return tuple(
        eip
        for eip in rows.values()
        if eni is not None
        and eip.bound_to == eni.id
        and eip.mode in {BindMode.MULTI, None}
        and eip.status.settles
        and eip.id not in course.given_up
    )


def _by_id(eips: tuple[Eip, ...]) -> tuple[Eip, ...]:
    return tuple(sorted(eips, key=lambda eip: eip.id))
