"""One scheduler that owns time: programs run one at a time, and give way at every call and every sleep.

A program is a greenlet. Who goes on is decided by when it is due and, at the same moment, by lot; so one seed
is one order of everything. Nothing here sleeps for real.
"""

from __future__ import annotations

import heapq
import itertools
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Generic, TypeVar

from greenlet import getcurrent, greenlet

from localcloud import VirtualClock

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_T = TypeVar("_T")
_NEVER = float("inf")
_BEGIN = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)


class Killed(BaseException):
    """Ends a program where it stands, as Function Compute does. No `except Exception` holds it up."""


class Program:
    """One line of work in virtual time."""

    def __init__(self, name: str, run: Callable[[], object]) -> None:
        """`run` is called when the scheduler first lets it."""
        self.name = name
        self.done = False
        self.fault: Exception | None = None
        self.killed = False
        self.waiting: list[Program] = []
        self.work = greenlet(run)


class Scheduler:
    """Lets programs run in the order of their moments."""

    def __init__(self, lot: random.Random) -> None:
        """Begin at the same moment always; `lot` decides between those that are due together."""
        self.clock = SimulatedClock(self)
        self._lot = lot
        self._due: list[tuple[float, float, int, Program]] = []
        self._numbers = itertools.count()
        self._programs: dict[greenlet, Program] = {}
        self._hub = getcurrent()
        self.next_change: Callable[[], float | None] = lambda: None

    def spawn(self, name: str, run: Callable[[], object], *, after: float = 0.0) -> Program:
        """Begin a program, now or later."""
        program = Program(name, run)
        program.work = greenlet(lambda: self._run(program, run), self._hub)
        self._programs[program.work] = program
        self._put(program, after)
        return program

    def _run(self, program: Program, run: Callable[[], object]) -> None:
        try:
            run()
        except Killed:
            program.killed = True
        except Exception as fault:  # noqa: BLE001  kept for whoever drives the simulation
            program.fault = fault
        program.done = True
        for other in program.waiting:
            self._put(other, 0.0)
        self._programs.pop(program.work, None)

    def _put(self, program: Program, after: float) -> None:
        moment = self.clock.monotonic() + max(after, 0.0)
        heapq.heappush(self._due, (moment, self._lot.random(), next(self._numbers), program))

    @property
    def current(self) -> Program | None:
        """The program that is running, None outside of all."""
        return self._programs.get(getcurrent())

    def sleep(self, seconds: float) -> None:
        """Let everybody else go on until so much time has passed."""
        program = self.current
        if program is None:
            self.run(self.clock.monotonic() + seconds)
            return
        self._put(program, seconds)
        self._give_way(program)

    def wait_for(self, other: Program) -> None:
        """Let everybody else go on until `other` has ended."""
        program = self.current
        if program is None:
            while not other.done and self._due:
                self._step(float("inf"))
            return
        if not other.done:
            other.waiting.append(program)
            self._give_way(program)

    def kill(self, program: Program) -> None:
        """End a program at the place where it has given way."""
        if not program.done:
            program.killed = True
            self._put(program, 0.0)

    def _give_way(self, program: Program) -> None:
        self._hub.switch()
        if program.killed:
            raise Killed

    def run(self, until: float) -> None:
        """Let time pass up to a moment."""
        while self._due and self._due[0][0] <= until:
            self._step(until)
        if self.clock.monotonic() < until < float("inf"):
            self._advance(until)

    def run_out(self, limit_s: float) -> bool:
        """Let time pass until nothing is left to do; False where that takes longer than the limit."""
        end = self.clock.monotonic() + limit_s
        while (change := self.next_change()) is not None or self._due:
            moment = min(self._due[0][0] if self._due else _NEVER, _NEVER if change is None else change)
            if moment > end:
                return False
            self._step(moment)
        return True

    def _step(self, until: float) -> None:
        moment = min(self._due[0][0] if self._due else until, until)
        change = self.next_change()
        if change is not None and change < moment:
            self._advance(change)
            return
        self._advance(moment)
        if not self._due or self._due[0][0] > moment:
            return
        program = heapq.heappop(self._due)[3]
        if not program.done and not program.work.dead:
            program.work.switch()

    def _advance(self, moment: float) -> None:
        self.clock.pass_to(moment)


class SimulatedClock(VirtualClock):
    """The cloud's and the product's clock: whoever sleeps lets the others go on."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Begin at a moment that is the same in each simulation."""
        super().__init__(_BEGIN)
        self._scheduler = scheduler

    def sleep(self, seconds: float) -> None:
        """Give way for so long."""
        self._scheduler.sleep(seconds)

    def pass_to(self, moment: float) -> None:
        """Let time pass; what falls due on the way happens, and where nothing does only the time changes."""
        due = self._next_due()
        if due is not None and due <= moment:
            super().sleep(moment - self._elapsed)
        else:
            self._elapsed = max(self._elapsed, moment)


class _Begun(Generic[_T]):
    def __init__(self, scheduler: Scheduler, read: Callable[[], _T]) -> None:
        self._scheduler = scheduler
        self._value: list[_T] = []
        parent = scheduler.current
        name = f"{parent.name if parent else 'main'} reads"
        self._program = scheduler.spawn(name, lambda: self._value.append(read()))

    def result(self) -> _T:
        """See `multieip.ports.Pending.result`."""
        self._scheduler.wait_for(self._program)
        if self._program.fault is not None:
            raise self._program.fault
        return self._value[0]


class SideBySide:
    """The product's port for reads side by side: each is a program of its own, so their times overlap."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Begin reads on this scheduler."""
        self._scheduler = scheduler

    def submit(self, read: Callable[[], _T], /) -> _Begun[_T]:
        """See `multieip.ports.Parallel.submit`."""
        return _Begun(self._scheduler, read)
