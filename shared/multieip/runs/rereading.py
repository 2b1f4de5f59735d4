"""What is read again after a write: what shows its effect, and what the step after it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.facts import Reading
from multieip.plan.steps import Attach, Detach, Unassociate

if TYPE_CHECKING:
    from multieip.plan.steps import Step

_R: Final = Reading
AFTER: Final = {
    "Associate": frozenset({_R.ENI, _R.EIPS, _R.INSTANCE}),
    "Unassociate": frozenset({_R.ENI, _R.EIPS, _R.BOUND}),
    "Detach": frozenset({_R.ENI, _R.EIPS, _R.BOUND}),
    "Attach": frozenset({_R.ENI, _R.EIPS}),
    "narrow": frozenset({_R.ENI, _R.EIPS, _R.BOUND, _R.INSTANCE}),
    "ConfigureGuest": frozenset({_R.ENI, _R.EIPS}),
    "undoing": frozenset({_R.ENI, _R.BOUND}),
    "unbinding": frozenset({_R.ENI, _R.EIPS}),
    "other": frozenset({_R.ENI, _R.EIPS, _R.BOUND, _R.INSTANCE}),
}
"""What the step after a step of this kind depends on, and so what is read between the two."""


def after_step(step: Step, *, undoing: bool) -> frozenset[Reading]:
    """Return what has to be read before the step that follows this one."""
    return AFTER["unbinding"] if undoing else AFTER.get(type(step).__name__, AFTER["other"])


def effect_of(step: Step, *, undoing: bool) -> frozenset[Reading]:
    """Return what shows the effect of a step, and nothing else."""
    if isinstance(step, Attach | Detach):
        return frozenset({Reading.ENI})
    by_eni = isinstance(step, Unassociate) and not undoing
    return frozenset({Reading.BOUND if by_eni else Reading.EIPS})
