"""Time as a value: the real clock for a server, a virtual one for tests that must not sleep."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock(Protocol):
    """What the local cloud, and the product under test, need of time."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class RealClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
        time.sleep(seconds)


class VirtualClock:
    """Time that moves only when somebody sleeps; what falls due on the way happens in its order.

    `waker` is asked when the next thing is due and is called at that moment, so a poller that sleeps ten
    seconds sees every change of those ten seconds at its own time.
    """

    def __init__(self, start: datetime | None = None) -> None:
        """Begin at `start` (the real time now unless given, so that real clients' timestamps are valid)."""
        self._start = start or datetime.now(timezone.utc)
        self._elapsed = 0.0
        self._lock = threading.RLock()
        self._next_due: Callable[[], float | None] = lambda: None
        self._fire: Callable[[], None] = lambda: None

    def drive(self, next_due: Callable[[], float | None], fire: Callable[[], None]) -> None:
        """Let `fire` run at every moment that `next_due` names (in seconds of `monotonic`)."""
        self._next_due, self._fire = next_due, fire

    def now(self) -> datetime:
        """Return the virtual wall clock, aware, in UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Advance by `seconds`, stopping at each due moment on the way."""
        with self._lock:
            end = self._elapsed + max(0.0, seconds)
            while True:
                due = self._next_due()
                if due is None or due > end:
                    break
                self._elapsed = max(self._elapsed, due)
                self._fire()
            self._elapsed = max(self._elapsed, end)
            self._fire()


def stamp(moment: datetime) -> str:
    """Return the cloud's time stamp with seconds: `2026-11-22T10:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
