"""What a run has done so far, as far as its next step depends on it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.model.facts import Refusal
    from multieip.model.resources import AllocationId, InstanceId

MOST_DETACHES: Final = 2
"""How often one run takes the ENI off; found on again after that, another run wants something else."""


class Goal(str, Enum):
    """What the run was asked for; the group's own `hold` tag is stronger than either."""

    APPLY = "apply"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class GuestSet:
    """What one guest is to have: `must`, and of `keep` what it has already."""

    instance: InstanceId
    must: frozenset[AllocationId] = frozenset()
    keep: frozenset[AllocationId] = frozenset()


@dataclass(frozen=True, slots=True)
class Course:
    """The run so far.

    `put_back` is true once an ENI that the run owed is on again.
    `owes` is the instance that this run (or the turn before it) took the ENI off, until the ENI is on again.
    `narrowed` and `answered` are the last sets that the guest said yes to before a detach, and for good; a
    write of the run's own makes them void. `given_up` are resources that were in motion for so long that
    nothing waits for them any more. `left_alone` is false while an ENI that another run may be at work on is
    not touched. `restoring` leaves nothing to do but to put the ENI back, onto `way_back` where the group's
    instance refuses it; `way_back_served` says that the guest there had the EIPs before, and `no_way_back`
    that even that is refused.
    """

    goal: Goal = Goal.APPLY
    resume: bool = False
    settled: bool = True
    owes: InstanceId | None = None
    detaches: int = 0
    put_back: bool = False
    filled: bool = False
    narrowed: GuestSet | None = None
    answered: GuestSet | None = None
    undone_guest: bool = False
    singly: bool = False
    refused: Mapping[AllocationId, Refusal] = field(default_factory=dict)
    marked: frozenset[AllocationId] = frozenset()
    given_up: frozenset[str] = frozenset()
    time_to_detach: bool = True
    time_to_change: bool = True
    left_alone: bool = False
    restoring: bool = False
    way_back: InstanceId | None = None
    no_way_back: bool = False
    way_back_served: bool = False
