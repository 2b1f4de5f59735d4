"""How long a run waits, for what, and until when: every pause, prediction and deadline, in one place."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from enum import Enum
from typing import TYPE_CHECKING, Final

from multieip.cloud.rates import SPREAD_S, minute_of, seconds_to_next_minute
from multieip.plan.steps import Associate, Attach, ConfigureGuest, Detach, ReleaseGuest, Unassociate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.plan.steps import Step
    from multieip.ports import Clock

PATIENCE_PAUSES_S: Final = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 20.0, 29.0)
"""What time alone cures is waited for this long in one run: 90 seconds in all."""

GATHER_LOOKS_S: Final = (0.5, 1.0, 1.0, 2.0, 5.0)
"""How soon the next look follows one that finds a group incomplete, within the window of its events."""

LONGEST_GATHERING_S: Final = 60.0
FALLEN_BACK_S: Final = 25.0
"""A write is accepted before it shows; after this long the old state means that it failed."""

STUCK_DETACH_S: Final = 60.0
"""A detach that takes longer is sent once more, as the API's page advises."""

LONGEST_MOTION_S: Final = {"eips": 120.0, "eni": 300.0}
"""What is between two states for longer is no longer waited for."""

LEFT_ALONE_S: Final = 15.0
"""An ENI that another hand left off, with EIPs bound, is left alone this long: somebody may be at work."""

TO_DETACH_S: Final = 300.0
"""Time for an exchange and the way back: 120 to settle, 60 each to detach, to attach, and for the guest."""

TO_CHANGE_S: Final = 180.0
"""Time for one binding, and then to attach and to configure."""

_FIRST_POLLS: Final = 1
_QUICK_S: Final = 0.2
_SHARE: Final = 0.18
_LONGEST_POLL_S: Final = 5.0
_REMEMBERED: Final = 9


class Change(Enum):
    """A change of the cloud's or the guest's that takes its time, and how long at first guess."""

    BINDING = 6.0
    UNBINDING = 6.01
    ATTACHING = 5.0
    DETACHING = 5.01
    COMMAND = 1.5


_CHANGES: Final = {
    Associate: Change.BINDING,
    Unassociate: Change.UNBINDING,
    Attach: Change.ATTACHING,
    Detach: Change.DETACHING,
    ConfigureGuest: Change.COMMAND,
    ReleaseGuest: Change.COMMAND,
}


def change_of(step: Step) -> Change | None:
    """Return what the step sets in motion; None for one that shows at once."""
    return _CHANGES.get(type(step))


class Durations:
    """How long changes have taken in this process: the median predicts when to look first.

    A look too early costs one call; one too late costs time. Before the first change of a kind a guess stands
    in.
    """

    def __init__(self) -> None:
        """Know nothing but the guesses."""
        self._seen: dict[Change, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def known(self, change: Change) -> bool:
        """Whether anything has been seen of this change yet."""
        return bool(self._seen[change])

    def learn(self, change: Change, seconds: float, *, late: bool) -> None:
        """Remember one duration; one that was not late tells only that the forecast was long enough."""
        self._seen[change].append(seconds if late else min(seconds, self.predict(change)))

    def predict(self, change: Change) -> float:
        """Return when, after its call, a change is likely to have come about."""
        seen = self._seen[change]
        if not seen:
            return change.value
        from statistics import median  # noqa: PLC0415  a run learns after its first change; fractions are heavy

        return median(seen)


def poll_pauses(elapsed: float) -> Iterator[float]:
    """Yield pauses between reads of what is late: short at first, then a share of the time it has taken.

    A change that takes twice as long as predicted so costs about five reads.
    """
    for number in range(10**6):
        pause = _QUICK_S if number < _FIRST_POLLS else min(max(_QUICK_S, elapsed * _SHARE), _LONGEST_POLL_S)
        elapsed += pause
        yield pause


def share_of(group: str, minute: int) -> float:
    """Return a number from 0 up to 1 that differs from group to group and from minute to minute."""
    digest = hashlib.sha256(f"{group} {minute}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def until_next_minute(clock: Clock, group: str, spread_s: float = SPREAD_S) -> float:
    """Return how long to wait where the cloud's limit of this minute is used up.

    Groups that wait together come back spread over the beginning of the next minute, each minute in another
    order.
    """
    now = clock.now().timestamp()
    return seconds_to_next_minute(now) + share_of(group, minute_of(now) + 1) * spread_s


class OutOfTimeError(Exception):
    """The run's time does not reach to what it has to wait for; `waiting` says what that is."""

    def __init__(self, waiting: str) -> None:
        """Keep what was waited for."""
        super().__init__(waiting)
        self.waiting = waiting


class Timer:
    """The time of one run: what is left of it, and every sleep."""

    def __init__(self, clock: Clock, deadline: float) -> None:
        """`deadline` is a reading of `clock.monotonic()`; no call begins after it."""
        self.clock = clock
        self.deadline = deadline
        self.started = clock.monotonic()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - self.clock.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock.monotonic() - self.started

    def sleep(self, seconds: float, waiting: str) -> None:
        """Wait; where the deadline comes first, wait until then and end the run."""
        if seconds > self.left:
            self.clock.sleep(max(self.left, 0.0))
            raise OutOfTimeError(waiting)
        if seconds > 0:
            self.clock.sleep(seconds)

    def sleep_until(self, moment: float, waiting: str) -> None:
        """Wait until a reading of the clock."""
        self.sleep(moment - self.clock.monotonic(), waiting)
