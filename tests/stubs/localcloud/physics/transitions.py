"""How things of the cloud change: at once, when their time has come, or after they were read n times.

A change has three parts: `effect` touches the guests and is slow, so it runs outside the cloud's lock;
`complete` changes the state and runs inside it; `fail` is what happens instead when the effect raised.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from localcloud.physics.clock import Clock

Mode = Literal["immediate", "time", "reads"]
Action = Callable[[], None]

_LOG = logging.getLogger("localcloud")


class Stay(NamedTuple):
    """How long a change takes: `stuck` ones never end by themselves, `timed` ones take it in every mode."""

    seconds: float
    stuck: bool = False
    timed: bool = False


def nothing() -> None:
    """Do nothing: the effect of a change that touches no guest."""


@dataclass(slots=True)
class Change:
    """One change under way on one resource."""

    subject: str
    complete: Action
    effect: Action
    fail: Action
    reads_left: int = 0
    stuck: bool = False
    over: threading.Event = field(default_factory=threading.Event)


class _Begun(threading.local):
    """The at-once changes that the current thread has begun and not yet waited for."""

    def __init__(self) -> None:
        self.here: list[Change] = []


class Transitions:
    """All changes under way in one cloud."""

    def __init__(
        self, clock: Clock, lock: threading.RLock, mode: Mode, *, reads: int, threaded: bool
    ) -> None:
        """`threaded` runs effects in a thread of their own (a server); otherwise whoever drains runs them."""
        self._clock = clock
        self._lock = lock
        self.mode: Mode = mode
        self.reads = reads
        self.finished = 0
        self._under_way: dict[str, Change] = {}
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._ready: deque[Change] = deque()
        self._begun = _Begun()
        self._pool: Executor | None = (
            ThreadPoolExecutor(1, thread_name_prefix="stub-effects") if threaded else None
        )

    def begin(
        self,
        subject: str,
        complete: Action,
        *,
        stay: Stay,
        effect: Action = nothing,
        fail: Action = nothing,
    ) -> None:
        """Start a change; one that is stuck stays where it is until `restart`."""
        change = Change(subject, complete, effect, fail, self.reads, stay.stuck)
        self._under_way[subject] = change
        if stay.timed and not stay.stuck:
            change.reads_left = 0
            self.at(stay.seconds, lambda: self._fall_due(change))
        elif not stay.stuck:
            self._arm(change, stay.seconds)

    def _arm(self, change: Change, seconds: float) -> None:
        if self.mode == "immediate":
            self._ready.append(change)
            self._begun.here.append(change)
        elif self.mode == "time":
            self.at(seconds, lambda: self._fall_due(change))

    def _fall_due(self, change: Change) -> None:
        if self._under_way.get(change.subject) is change:
            self._ready.append(change)

    def restart(self, subject: str, seconds: float) -> bool:
        """Let a stuck change go on, as re-issuing the call does; False where nothing is stuck."""
        change = self._under_way.get(subject)
        if change is None or not change.stuck:
            return False
        change.stuck = False
        self._arm(change, seconds)
        return True

    def give_up(self, subject: str, complete: Action, seconds: float) -> bool:
        """Let a stuck change end without its effect; False where nothing is stuck."""
        change = self._under_way.get(subject)
        if change is None or not change.stuck:
            return False
        self.begin(subject, complete, stay=Stay(seconds))
        return True

    def cancel(self, subject: str) -> None:
        """Forget the change of this resource."""
        self._under_way.pop(subject, None)

    def read(self, subject: str) -> None:
        """Somebody has seen the resource: in mode `reads` that is what moves it."""
        if self.mode != "reads":
            return
        change = self._under_way.get(subject)
        if change is None or change.stuck or change.reads_left <= 0:
            return
        change.reads_left -= 1
        if change.reads_left == 0:
            self._ready.append(change)

    def at(self, seconds: float, action: Action) -> None:
        """Run `action` inside the lock when `seconds` have passed."""
        with self._lock:
            heapq.heappush(self._due, (self._clock.monotonic() + seconds, next(self._order), action))

    def run(self, effect: Action) -> None:
        """Let something happen to a guest that no state waits for."""
        subject = f"effect-{next(self._order)}"
        change = self._under_way[subject] = Change(subject, nothing, effect, nothing)
        self._ready.append(change)

    def next_due(self) -> float | None:
        """When the next timed change is due, in seconds of the clock's `monotonic`."""
        with self._lock:
            return self._due[0][0] if self._due else None

    def fire(self) -> None:
        """Make everything that is due ready; call inside the lock, then `drain` outside it."""
        now = self._clock.monotonic()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()

    def drain(self) -> None:
        """Carry out what is ready, whoever began it; at-once changes of this thread are over afterwards."""
        while True:
            with self._lock:
                if not self._ready:
                    break
                change = self._ready.popleft()
                plain = change.effect is nothing
                if plain:
                    self._finish(change, change.complete)
            if plain:
                continue
            if self._pool is None:
                self._carry_out(change)
            else:
                self._pool.submit(self._carry_out, change)
        while self._begun.here:
            # Another thread may have taken it from the queue and be at it still.
            self._begun.here.pop().over.wait()

    def _carry_out(self, change: Change) -> None:
        try:
            change.effect()
        except Exception:  # noqa: BLE001 - whatever a guest raises is a change that failed
            _LOG.exception("the world behind %s refused a change", change.subject)
            outcome = change.fail
        else:
            outcome = change.complete
        with self._lock:
            self._finish(change, outcome)

    def _finish(self, change: Change, outcome: Action) -> None:
        if self._under_way.get(change.subject) is change:
            del self._under_way[change.subject]
            self.finished += 1
            outcome()
        change.over.set()

    def clear(self) -> None:
        """Forget everything that was under way."""
        with self._lock:
            for change in self._under_way.values():
                change.over.set()
            self._under_way.clear()
            self._due.clear()
            self._ready.clear()

    def close(self) -> None:
        """End the thread for effects."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
