"""When and by which call a group binds next, where many groups have used up the cloud's limits together.

The batch binds a whole group and has the smaller limit; the call for one EIP has its own, and of those one
interface takes one after the other. No run knows of the others. So each draws a way of its own by its group's
name and stays with it: if every group tried both, each would take a few single calls from the others and none
would be whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.rates import SPREAD_S, minute_of, share_by_batch
from multieip.dataclass import dataclass
from multieip.runs.waiting import share_of, until_next_minute

if TYPE_CHECKING:
    from multieip.ports import Clock

_LESS_BY_BATCH: Final = 0.85
"""Fewer go by batch than it could take: what is left of it in the end serves the others at once, while single
calls for a whole group take half a minute."""

_FIRST_EACH_S: Final = SPREAD_S / 2
"""Single calls begin within less time than one takes to show, so each group gets one before any gets two."""

_FEW_LEFT: Final = 2
"""With so few EIPs left a group lets those with more go first, and takes a batch if one is left over."""


@dataclass(frozen=True, slots=True)
class NextTry:
    """The next try: how, and after how many seconds."""

    singly: bool
    after_s: float = 0.0


class BindingWays:
    """Which of the two limits one run has met, and when."""

    def __init__(self, clock: Clock, group: str) -> None:
        """`group` spreads the groups over the ways and over the beginning of a minute."""
        self._clock = clock
        self._group = group
        self._met: dict[bool, int] = {}
        self._way: bool | None = None

    def after_throttling(self, *, singly: bool, eips: int) -> NextTry:
        """Return the next try after a call that was throttled; `eips` are still to be bound."""
        minute = minute_of(self._clock.now().timestamp())
        self._met[singly] = minute
        if self._way is None:
            by_batch = share_by_batch(eips) * _LESS_BY_BATCH
            self._way = share_of(f"{self._group} way", minute) >= by_batch
        other = not singly
        if self._met.get(other) != minute and (singly or self._way):
            return NextTry(other)
        if not self._way:
            return NextTry(singly=False, after_s=until_next_minute(self._clock, self._group))
        after_s = until_next_minute(self._clock, self._group, _FIRST_EACH_S)
        if eips == _FEW_LEFT:
            return NextTry(singly=False, after_s=after_s + SPREAD_S)
        return NextTry(singly=True, after_s=after_s)
