"""What a plan costs in time: expected seconds of each step, and how long each EIP would be away.

The figures are the ones that a run itself waits by before it has measured any; the report calls them assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multieip.plan.whole import Plan

SECONDS_AS_OF: Final = "2026-11"
"""When these figures were taken from the timings of the product's realistic profile."""
CALL_S: Final = 0.2
_BIND_S: Final = 6.0
_ATTACH_S: Final = 5.0
_GUEST_S: Final = 1.5

_SECONDS: Final[Mapping[str, float]] = {
    "Associate": CALL_S + _BIND_S,
    "Unassociate": CALL_S + _BIND_S,
    "Attach": CALL_S + _ATTACH_S,
    "Detach": CALL_S + _ATTACH_S,
    "ConfigureGuest": _GUEST_S,
    "ReleaseGuest": _GUEST_S,
}
_TAKES_AWAY: Final = frozenset({"ReleaseGuest", "Detach"})
_BRINGS_BACK: Final = frozenset({"ConfigureGuest"})


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of each step in order, and the span in which what is on the ENI is away (None: never)."""

    steps: tuple[float, ...]
    away: tuple[float, float] | None

    @property
    def total(self) -> float:
        """How long the whole plan takes."""
        return sum(self.steps)


def timed(plan: Plan) -> Timed:
    """Return the plan's times. Who is taken away and not brought back is away to the plan's end."""
    names = [type(step).__name__ for step in plan.steps]
    seconds = tuple(_SECONDS.get(name, CALL_S) for name in names)
    begun = _first(names, _TAKES_AWAY)
    if begun is None:
        return Timed(seconds, None)
    back = _first(names, _BRINGS_BACK, after=begun)
    until = len(names) if back is None else back + 1
    return Timed(seconds, (sum(seconds[:begun]), sum(seconds[:until])))


def _first(names: Sequence[str], wanted: Iterable[str], after: int = -1) -> int | None:
    found = (number for number, name in enumerate(names) if number > after and name in set(wanted))
    return next(found, None)


def plan_times(plan: Plan, answering: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return a plan's times as data: of each step, of all, and when each EIP that answers now would be away.

    `answering` are the ids and addresses of what is bound to the attached ENI.
    """
    times = timed(plan)
    span = times.away
    away = (
        []
        if span is None
        else [
            {"eip": eip, "address": address, "from": round(span[0], 1), "to": round(span[1], 1)}
            for eip, address in answering
        ]
    )
    return {
        "step_seconds": list(times.steps),
        "seconds": round(times.total, 1),
        "seconds_source": "assumed",
        "away": away,
    }
