"""What a step brings about: as facts of a cloud without trouble, and how far a look shows it. Pure."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from multieip.dataclass import replace
from multieip.model.facts import WANTED_UNDONE, Facts
from multieip.model.resources import AllocationId, BindMode, Eip, EipStatus, EniStatus
from multieip.plan.steps import (
    Associate,
    Attach,
    ConfigureGuest,
    Detach,
    LiftHold,
    MarkRefused,
    ReleaseGuest,
    SetHold,
    Step,
    Unassociate,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from multieip.model.resources import EniId
    from multieip.plan.course import Course


class Shown(Enum):
    """How far a look shows what a step was sent for."""

    DONE = "done"
    MOVING = "moving"
    NOT_YET = "not yet"


def shown(step: Step, facts: Facts) -> Shown:
    """Say how far the facts show the step's effect; what shows at once counts as done."""
    match step:
        case Associate(eips=ids):
            return _eips_shown(facts, ids, _bound_here(facts))
        case Unassociate(eip=eip):
            return _eips_shown(facts, (eip,), lambda row: row.status is EipStatus.AVAILABLE)
        case Attach(instance=instance):
            return _eni_shown(facts, lambda: facts.enis[0].instance == instance, EniStatus.IN_USE)
        case Detach():
            return _eni_shown(facts, lambda: facts.enis[0].instance is None, EniStatus.AVAILABLE)
    return Shown.DONE


def _bound_here(facts: Facts) -> Callable[[Eip], bool]:
    return lambda row: facts.is_bound(row) and row.status is EipStatus.IN_USE


def _eips_shown(facts: Facts, ids: Collection[str], done: Callable[[Eip], bool]) -> Shown:
    rows = [eip for eip in {e.id: e for e in (*facts.bound, *facts.eips)}.values() if eip.id in ids]
    # A row that is gone from every list of the look is on nothing of ours any more.
    if all(done(row) for row in rows):
        return Shown.DONE
    return Shown.MOVING if any(row.status.settles for row in rows) else Shown.NOT_YET


def _eni_shown(facts: Facts, there: Callable[[], bool], status: EniStatus) -> Shown:
    eni = facts.eni
    if eni is None or (eni.status is status and there()):
        return Shown.DONE
    return Shown.MOVING if eni.status.settles else Shown.NOT_YET


def after(  # noqa: C901, PLR0911  one case for each kind of step
    step: Step, facts: Facts, course: Course
) -> tuple[Facts, Course]:
    """Return facts and course as a cloud and a guest without trouble would leave them."""
    match step:
        case Associate(eni=eni, eips=ids):
            facts = _with_eips(facts, ids, lambda eip: _bound(eip, eni))
            return facts, replace(course, answered=None, narrowed=None, filled=True)
        case Unassociate(eip=eip):
            return _with_eips(facts, (eip,), _free), replace(
                course, answered=None, narrowed=None, filled=True
            )
        case Attach(instance=instance):
            row = replace(facts.enis[0], status=EniStatus.IN_USE, instance=instance)
            facts = replace(facts, enis=(row,), attached_instance=facts.instance)
            back = course.put_back or course.owes is not None
            return facts, replace(course, answered=None, narrowed=None, owes=None, put_back=back)
        case Detach(instance=instance):
            row = replace(facts.enis[0], status=EniStatus.AVAILABLE, instance=None)
            course = replace(course, answered=None, narrowed=None, owes=instance)
            return replace(facts, enis=(row,), attached_instance=None), course
        case ConfigureGuest(narrow=True):
            return facts, replace(course, answered=None, narrowed=step.wants)
        case ConfigureGuest():
            return facts, replace(course, answered=step.wants, narrowed=None, undone_guest=False)
        case ReleaseGuest():
            return facts, replace(course, answered=None, narrowed=step.wants, undone_guest=True)
        case SetHold():
            return replace(facts, group=replace(facts.group, hold=WANTED_UNDONE)), course
        case LiftHold():
            return replace(facts, group=replace(facts.group, hold="")), replace(course, resume=False)
        case MarkRefused(eip=eip):
            return facts, replace(course, marked=course.marked | {eip})
    raise AssertionError(f"no effect is known of {type(step).__name__}")


def _with_eips(facts: Facts, ids: Collection[AllocationId], change: Callable[[Eip], Eip]) -> Facts:
    rows = {eip.id: change(eip) if eip.id in ids else eip for eip in (*facts.bound, *facts.eips)}
    eni = facts.enis[0].id
    return replace(
        facts,
        eips=tuple(rows[eip.id] for eip in facts.eips),
        bound=tuple(row for row in rows.values() if row.bound_to == eni),
    )


def _bound(eip: Eip, eni: EniId) -> Eip:
    return replace(
        eip, status=EipStatus.IN_USE, bound_to=eni, bound_type="NetworkInterface", mode=BindMode.MULTI
    )


def _free(eip: Eip) -> Eip:
    return replace(eip, status=EipStatus.AVAILABLE, bound_to=None, bound_type=None, mode=None)
