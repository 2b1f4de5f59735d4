"""When things happen: one queue of due actions, in real time or in virtual time."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

Action = Callable[[], None]
_LOG = logging.getLogger(__name__)


class Timeline(Protocol):
    """Runs actions when they are due; an action never runs inside the call that asks for it."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""

    def after(self, delay_s: float, action: Action, *, background: bool = False) -> None:
        """Run the action once, `delay_s` seconds from now; nobody waits for one in the background."""

    def close(self) -> None:
        """Drop what is not yet due and wait for what runs; may be called twice."""


class RealTimeline:
    """Real time: one thread waits for due times, a pool of threads runs the actions."""

    def __init__(self, max_workers: int = 64) -> None:
        """Start the waiting thread."""
        self._queue: list[tuple[float, int, Action]] = []
        self._background: set[int] = set()
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._running = 0
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="timeline")
        self._thread = threading.Thread(target=self._wait_for_due, name="timeline", daemon=True)
        self._thread.start()

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time()

    def after(self, delay_s: float, action: Action, *, background: bool = False) -> None:
        """Run the action once, `delay_s` seconds from now; nobody waits for one in the background."""
        with self._changed:
            if self._closed:
                return
            number = next(self._order)
            if background:
                self._background.add(number)
            heapq.heappush(self._queue, (time.monotonic() + delay_s, number, action))
            self._changed.notify_all()

    def wait_quiet(self, timeout_s: float) -> bool:
        """Wait until nothing is due, queued or running, and say whether that came about."""
        with self._changed:
            return self._changed.wait_for(self._quiet, timeout_s)

    def _quiet(self) -> bool:
        return len(self._queue) == len(self._background) and not self._running

    def close(self) -> None:
        """Drop what is not yet due and wait for what runs; may be called twice."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._background.clear()
            self._changed.notify_all()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def _wait_for_due(self) -> None:
        with self._changed:
            while not self._closed:
                wait_s = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait_s is not None and wait_s <= 0:
                    _, number, action = heapq.heappop(self._queue)
                    self._background.discard(number)
                    self._start(action)
                else:
                    self._changed.wait(wait_s)

    def _start(self, action: Action) -> None:
        self._running += 1
        self._pool.submit(self._run, action)

    def _run(self, action: Action) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 - one broken action must not end the timeline
            _LOG.exception("an action of the timeline failed")
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()


class VirtualTimeline:
    """Virtual time: nothing happens until `drain`, which runs everything in order and moves the time on.

    `now` and `sleep` come from the test's clock, so that the local cloud and its functions share one time.
    """

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """Stand on a clock's time."""
        self._now = now
        self._sleep = sleep
        self._queue: list[tuple[float, int, Action]] = []
        self._background: set[int] = set()
        self._order = itertools.count()
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._now()

    def after(self, delay_s: float, action: Action, *, background: bool = False) -> None:
        """Run the action once, when `drain` reaches its time."""
        with self._lock:
            number = next(self._order)
            if background:
                self._background.add(number)
            heapq.heappush(self._queue, (self._now() + delay_s, number, action))

    def drain(self, until: float | None = None) -> int:
        """Run what is due until a time, or everything and what follows from it; return how many ran.

        What is in the background runs when time comes by; without a time to reach, none passes for it alone.
        """
        count = 0
        while (entry := self._pop(until)) is not None:
            due, action = entry
            if due > self._now():
                self._sleep(due - self._now())
            action()
            count += 1
        return count

    def rest_until(self, moment: float) -> None:
        """Let the time that is left to a moment pass."""
        if moment > self._now():
            self._sleep(moment - self._now())

    def close(self) -> None:
        """Drop what is not yet due."""
        with self._lock:
            self._queue.clear()
            self._background.clear()

    def _pop(self, until: float | None) -> tuple[float, Action] | None:
        with self._lock:
            if not self._queue or (until is not None and self._queue[0][0] > until):
                return None
            if (
                until is None
                and len(self._queue) == len(self._background)
                and self._queue[0][0] > self._now()
            ):
                return None
            due, number, action = heapq.heappop(self._queue)
            self._background.discard(number)
            return due, action
