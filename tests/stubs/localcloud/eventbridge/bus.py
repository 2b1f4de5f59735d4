"""An event bus that delivers at least once: rules, pushes, retries, and a record of each delivery.

Duplication, disorder, loss and delay are options drawn from one seed, so that a run can be replayed.
"""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from localcloud.eventbridge.coats import COATS, dressed

if TYPE_CHECKING:
    from localcloud.eventbridge.pattern import Pattern
    from localcloud.eventbridge.timeline import Timeline

MAX_EVENT_BYTES: Final = 256 * 1024
_RECORDS_KEPT: Final = 10_000


def _coat(text: str) -> str:
    if text not in COATS:
        raise ValueError(text)
    return text


# How the options that are no fractions are read.
_READ: Final[Mapping[str, Callable[[str], Any]]] = {"seed": int, "coat": _coat}


class RetryPolicy(str, Enum):
    """How often a failed push is repeated, and when."""

    BACKOFF = "BACKOFF_RETRY"
    EXPONENTIAL_DECAY = "EXPONENTIAL_DECAY_RETRY"

    def delays(self, rng: random.Random) -> Iterator[float]:
        """Yield the seconds to wait before each repetition."""
        if self is RetryPolicy.BACKOFF:
            for _ in range(3):
                yield rng.uniform(10, 20)
            return
        for exponent in range(9):
            yield float(2**exponent)
        for _ in range(167):
            yield 512.0


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a target answered to one push."""

    accepted: bool
    status: int
    request_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which events go to which target, and what happens when the target refuses one."""

    name: str
    pattern: Pattern
    target: str
    push: Callable[[bytes], Pushed]
    retry: RetryPolicy = RetryPolicy.BACKOFF
    # Called with what no attempt could deliver.
    give_up: Callable[[bytes], None] = lambda _event: None


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How unkind delivery is. Probabilities are per matched rule; `jitter_s` alone already reorders.

    `coat` is the form in which events reach their targets, one of `COATS`.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    duplicate: float = 0.0
    loss: float = 0.0
    seed: int = 0
    coat: str = "eventbridge"

    @classmethod
    def parse(cls, text: str) -> DeliveryOptions:
        """Read `delay=2,jitter=5,duplicate=0.2,loss=0.1,seed=7,coat=sls`; any part may be left out."""
        names = {
            "delay": "delay_s",
            "jitter": "jitter_s",
            "duplicate": "duplicate",
            "loss": "loss",
            "seed": "seed",
            "coat": "coat",
        }
        values: dict[str, Any] = {}
        for part in filter(None, text.split(",")):
            name, _, value = part.strip().partition("=")
            if name not in names:
                raise ValueError(
                    f"{name!r} is no option of the delivery of events, there are {', '.join(names)}"
                )
            try:
                values[names[name]] = _READ.get(name, float)(value)
            except ValueError as error:
                wanted = f"one of {', '.join(COATS)}" if name == "coat" else "a number"
                raise ValueError(f"{name} is {value!r}, it must be {wanted}") from error
        if not all(0 <= values.get(name, 0) <= 1 for name in ("duplicate", "loss")):
            raise ValueError("duplicate and loss are probabilities, from 0 to 1")
        if not all(values.get(name, 0) >= 0 for name in ("delay_s", "jitter_s")):
            raise ValueError("delay and jitter are seconds, not less than 0")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of the record: an event, a rule, and what became of one push."""

    time: float
    event_id: str
    event_type: str
    event_name: str
    rule: str
    target: str
    attempt: int
    outcome: str  # unmatched, lost, delivered, refused, dropped
    status: int = 0
    request_id: str = ""
    detail: str = ""


class EventBus:
    """The default bus. `publish` returns at once; pushes happen on the timeline."""

    def __init__(
        self,
        timeline: Timeline,
        *,
        options: DeliveryOptions | None = None,
        on_delivery: Callable[[Delivery], None] = lambda _delivery: None,
    ) -> None:
        """Start empty, without rules."""
        self._timeline = timeline
        self._options = options or DeliveryOptions()
        self._rng = random.Random(self._options.seed)
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._record: deque[Delivery] = deque(maxlen=_RECORDS_KEPT)
        self._on_delivery = on_delivery

    def add_rule(self, rule: Rule) -> None:
        """Let the rule see every event published from now on."""
        with self._lock:
            self._rules.append(rule)

    def remove_rule(self, name: str) -> None:
        """Let the rule of this name see no event any more; what is on its way still arrives."""
        with self._lock:
            self._rules = [rule for rule in self._rules if rule.name != name]

    def deliveries(self) -> list[Delivery]:
        """Return the record, oldest first."""
        with self._lock:
            return list(self._record)

    def publish(self, event: Mapping[str, Any]) -> None:
        """Send a CloudEvent to every rule that wants it."""
        body = json.dumps(event, ensure_ascii=False).encode()
        if len(body) > MAX_EVENT_BYTES:
            too_large = Pushed(False, 400, detail=f"{len(body)} bytes, EventBridge takes {MAX_EVENT_BYTES}")
            self._note(event, None, 0, "dropped", too_large)
            return
        with self._lock:
            rules = list(self._rules)
        wanted = [rule for rule in rules if rule.pattern.matches(event)]
        if not wanted:
            self._note(event, None, 0, "unmatched")
        for rule in wanted:
            self._schedule(event, body, rule)

    def _schedule(self, event: Mapping[str, Any], body: bytes, rule: Rule) -> None:
        options = self._options
        with self._lock:
            lost = self._rng.random() < options.loss
            copies = 2 if self._rng.random() < options.duplicate else 1
            delays = [options.delay_s + self._rng.uniform(0, options.jitter_s) for _ in range(copies)]
            retries = [list(rule.retry.delays(self._rng)) for _ in range(copies)]
        if lost:
            self._note(event, rule, 0, "lost")
            return
        if options.coat != "eventbridge":
            body = dressed(event, options.coat)
        for delay_s, waits in zip(delays, retries, strict=True):
            self._timeline.after(delay_s, _Push(self, event, body, rule, waits))

    def _note(
        self,
        event: Mapping[str, Any],
        rule: Rule | None,
        attempt: int,
        outcome: str,
        pushed: Pushed | None = None,
    ) -> None:
        data = event.get("data")
        delivery = Delivery(
            time=self._timeline.now(),
            event_id=str(event.get("id", "")),
            event_type=str(event.get("type", "")),
            event_name=str(data.get("eventName", "")) if isinstance(data, Mapping) else "",
            rule=rule.name if rule else "",
            target=rule.target if rule else "",
            attempt=attempt,
            outcome=outcome,
            status=pushed.status if pushed else 0,
            request_id=pushed.request_id if pushed else "",
            detail=pushed.detail if pushed else "",
        )
        with self._lock:
            self._record.append(delivery)
        self._on_delivery(delivery)


class _Push:
    """One copy of an event on its way to one target, with the repetitions that it has left."""

    def __init__(
        self, bus: EventBus, event: Mapping[str, Any], body: bytes, rule: Rule, waits: list[float]
    ) -> None:
        self._bus = bus
        self._event = event
        self._body = body
        self._rule = rule
        self._waits = waits
        self._attempt = 0

    def __call__(self) -> None:
        """Push once; what is refused comes back later, and is given up in the end."""
        self._attempt += 1
        pushed = self._rule.push(self._body)
        retry = not pushed.accepted and self._attempt <= len(self._waits)
        outcome = "delivered" if pushed.accepted else "refused" if retry else "dropped"
        self._bus._note(self._event, self._rule, self._attempt, outcome, pushed)  # noqa: SLF001 - one module, one thing
        if retry:
            self._bus._timeline.after(self._waits[self._attempt - 1], self)  # noqa: SLF001
        elif not pushed.accepted:
            self._rule.give_up(self._body)
