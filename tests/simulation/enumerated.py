"""Stories that are told in every variation, each with the end that the tags want and the sweep as the net.

One call at which a run dies, one event lost, one list stale, and every order of the writes of two runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.bench._stage import REGION, Stage
from tests.simulation.invariants import BrokenError, Invariants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from multieip.ports import Json
    from tests.simulation.deployment import Run

LISTS: Final = ("DescribeNetworkInterfaces", "DescribeEipAddresses", "DescribeInstances")
_TURN_S: Final = 60.0
"""So long one run waits for the next write of the other, which may wait for something itself."""
_SWEEPS: Final = 3


@dataclass(slots=True)
class Variation:
    """What is different from a quiet day; nothing unless it is said. Counted from the story's beginning."""

    dies_at: int = 0
    """The run of `bind` that reaches this moment dies; each call has two, before and after it took effect."""
    lost: int = 0
    """The number of the event that never arrives."""
    stale: str = ""
    """A fault: the list that lags."""
    turns: Sequence[int] | None = None
    """Two runs race: at each write, 1 lets the other run write first; after these all are 0."""


class Told(Stage):
    """A stage on which one story is told in one variation, judged at every call."""

    def __init__(self, variation: Variation) -> None:
        """Vary nothing before `begin`."""
        super().__init__()
        self._variation = variation
        self._begun = False
        self.moments = 0
        self.heard = 0
        self.choices: list[int] = []
        self.pair: list[Run] = []
        self._waits: Run | None = None
        self._judge = Invariants()
        self._judge.watching(self)
        self._judge.note()
        self.watch = self._judge

    def begin(self) -> None:
        """Begin to count, to lose and to kill."""
        self._begun = True
        if self._variation.stale:
            self.cloud.faults.add(self._variation.stale)

    # --- variations ----------------------------------------------------------------------------------------

    def deliver(self, event: Json) -> None:
        """See `Stage.deliver`."""
        if self._begun:
            self.heard += 1
            if self.heard == self._variation.lost:
                self.tell("this event is lost")
                return
        super().deliver(event)

    def _perhaps_killed(self, run: Run) -> None:
        if not self._begun or run.function != "bind" or run.program is None:
            return
        self.moments += 1
        if self.moments == self._variation.dies_at:
            self.scheduler.kill(run.program)
            self.clock.sleep(0.0)

    def race(self, payloads: Iterable[Json]) -> None:
        """Start two runs at once whose writes come in the order that the variation says."""
        self.pair = [self.invoke("bind", payload) for payload in payloads]

    def before_write(self, run: Run) -> None:
        """Let the other run of the race write first where the variation says so."""
        other = next((each for each in self.pair if each is not run), None)
        if run not in self.pair or other is None or other.ended is not None or self._waits is other:
            return
        turns = self._variation.turns or ()
        number = len(self.choices)
        self.choices.append(turns[number] if number < len(turns) else 0)
        if not self.choices[-1]:
            return
        written, until = len(other.writes()), self.clock.monotonic() + _TURN_S
        self._waits = run
        while other.ended is None and len(other.writes()) == written and self.clock.monotonic() < until:
            self.clock.sleep(0.25)
        self._waits = None

    def _send(self, run: Run, product: str, action: str, params: Json) -> Json:  # type: ignore[override]
        if self.pair and not action.startswith(("Describe", "List")):
            self.before_write(run)
        return super()._send(run, product, action, params)

    # --- people --------------------------------------------------------------------------------------------

    def tag(self, kind: str, ids: Iterable[str], tags: Json) -> None:
        """See `Stage.tag`; the judge is told."""
        super().tag(kind, ids, tags)
        self._noticed()

    def untag(self, kind: str, ids: Sequence[str], key: str) -> None:
        """See `Stage.untag`; the judge is told."""
        super().untag(kind, ids, key)
        self._noticed()

    def _noticed(self) -> None:
        self._judge.note()
        for group in ("web", "other"):
            self._judge.touched(group)


@dataclass(slots=True)
class Place:
    """One group of a story: where its ENI is to be, with which EIPs; without an instance it is undone."""

    eni: str
    instance: str
    eips: list[str] = field(default_factory=list)


Wanted = list[Place]


@dataclass(frozen=True, slots=True)
class Story:
    """What is there, and what people then do; both say how it is to be from then on."""

    before: Callable[[Told], Wanted]
    then: Callable[[Told, Wanted], Wanted]
    racing: tuple[str, str] = ("apply", "apply")


def tell(story: Story, variation: Variation) -> Told:
    """Tell it, let the sweep find what was lost, and judge the end; raises `BrokenError` with the story."""
    stage = Told(variation)
    try:
        wanted = story.before(stage)
        stage.keeping = variation.turns is not None
        stage.begin()
        ends: list[Wanted] = []
        stage.work(lambda: ends.append(story.then(stage, wanted)))
        if variation.turns is not None:
            stage.kept.clear()
            stage.keeping = False
            stage.race(_payload(action) for action in story.racing)
            stage.work(lambda: None)
        _judge(stage, ends[0])
    except (BrokenError, RuntimeError) as error:
        told = "\n".join(stage.story)
        raise BrokenError(f"{variation}: {error}\n{told}") from error
    finally:
        stage.close()
    return stage


def _payload(action: str) -> Json:
    return {"region": REGION, "group": "web", "action": action}


def _judge(stage: Told, wanted: Wanted) -> None:
    stage.cloud.faults.clear()
    for _ in range(_SWEEPS):
        stage.invoke("sweep", {"regions": [REGION], "mode": "repair"})
        stage.work(lambda: None)
    for run in stage.runs:
        fault = run.program.fault if run.program else None
        if fault is not None:
            raise BrokenError(f"{run.label} ended with {type(fault).__name__}: {fault}")
    for place in wanted:
        _judge_place(stage, place)


def _judge_place(stage: Told, place: Place) -> None:
    bound = {eip.allocation_id for eip in stage.state.eips.bound_to(place.eni)}
    if bound != set(place.eips):
        raise BrokenError(f"{place.eni} has {sorted(bound)} and is to have {sorted(place.eips)}")
    if (found := stage.state.enis.all[place.eni].instance_id) != place.instance:
        raise BrokenError(f"{place.eni} is at {found!r} and is to be at {place.instance!r}")
    for eip in place.eips:
        address = str(stage.state.eips.all[eip].public.address)
        if stage.cloud.world.internet(["ping", "-c", "1", "-W", "1", address]).exit_code:
            raise BrokenError(f"{eip} does not answer")


def orders(story: Story, most_switches: int | None = None) -> Iterator[Told]:
    """Tell the race of a story in every order of the two runs' writes, or with so many switches at most."""
    waiting: list[list[int]] = [[]]
    while waiting:
        turns = waiting.pop()
        told = tell(story, Variation(turns=turns))
        yield told
        if most_switches is not None and sum(turns) >= most_switches:
            continue
        waiting += [[*told.choices[:at], 1] for at in range(len(turns), len(told.choices))]
