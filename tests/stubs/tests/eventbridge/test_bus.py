"""The event bus: at least once, with the retries and the unkindness that were asked for."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from localcloud import DeliveryOptions, VirtualClock
from localcloud.eventbridge import EventBus, RetryPolicy, Rule, parse_pattern
from localcloud.eventbridge.bus import Pushed
from localcloud.eventbridge.timeline import VirtualTimeline


@dataclass
class Target:
    """A target that refuses its first pushes and notes when each came."""

    now: Any
    refusals: int = 0
    got: list[tuple[float, Any]] = field(default_factory=list)

    def push(self, body: bytes) -> Pushed:
        """Take one event."""
        self.got.append((self.now(), json.loads(body)))
        accepted = len(self.got) > self.refusals
        return Pushed(accepted, 200 if accepted else 429, f"r-{len(self.got)}")


class World:
    """A bus on virtual time with one rule for source acs.ecs."""

    def __init__(
        self,
        options: DeliveryOptions | None = None,
        *,
        refusals: int = 0,
        retry: RetryPolicy = RetryPolicy.BACKOFF,
    ) -> None:
        """Make it; options are those of the delivery."""
        self.clock = VirtualClock()
        self.timeline = VirtualTimeline(lambda: self.clock.now().timestamp(), self.clock.sleep)
        self.bus = EventBus(self.timeline, options=options)
        self.target = Target(self.clock.monotonic, refusals)
        pattern = parse_pattern('{"source": ["acs.ecs"]}')
        self.bus.add_rule(Rule("r", pattern, "f", self.target.push, retry))

    def outcomes(self) -> list[str]:
        """Return the outcomes of the record."""
        return [delivery.outcome for delivery in self.bus.deliveries()]


def event(number: int = 1, source: str = "acs.ecs") -> dict[str, Any]:
    """Return a small CloudEvent."""
    return {"id": f"e-{number}", "source": source, "type": "t", "data": {"eventName": "Create"}}


def test_an_event_reaches_the_rule_that_wants_it() -> None:
    """What a rule wants is pushed as it was published; the publisher does not wait for it."""
    world = World()

    world.bus.publish(event())
    before = list(world.target.got)
    world.timeline.drain()

    assert before == []
    assert [body for _, body in world.target.got] == [event()]
    (delivery,) = world.bus.deliveries()
    assert (delivery.outcome, delivery.attempt, delivery.event_name, delivery.request_id) == (
        "delivered",
        1,
        "Create",
        "r-1",
    )


def test_an_event_that_nobody_wants_is_on_the_record() -> None:
    """Silence would look like a lost event."""
    world = World()

    world.bus.publish(event(source="acs.oss"))
    world.timeline.drain()

    assert world.target.got == []
    assert world.outcomes() == ["unmatched"]


def test_backoff_retries_three_times_ten_to_twenty_seconds_apart() -> None:
    """After the third repetition the event is dropped, as without a dead letter queue."""
    world = World(refusals=99)

    world.bus.publish(event())
    world.timeline.drain()

    times = [when for when, _ in world.target.got]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(pauses) == 3
    assert all(10 <= pause <= 20 for pause in pauses)
    assert world.outcomes() == ["refused", "refused", "refused", "dropped"]


def test_a_retry_that_is_accepted_ends_the_matter() -> None:
    """One refusal, one repetition."""
    world = World(refusals=1)

    world.bus.publish(event())
    world.timeline.drain()

    assert world.outcomes() == ["refused", "delivered"]


def test_exponential_decay_goes_on_for_a_day() -> None:
    """176 repetitions: 1 s, 2 s … 256 s, then every 512 s."""
    world = World(refusals=999, retry=RetryPolicy.EXPONENTIAL_DECAY)

    world.bus.publish(event())
    world.timeline.drain()

    times = [when for when, _ in world.target.got]
    assert len(times) == 177
    assert times[-1] - times[0] == pytest.approx(511 + 167 * 512)


def test_duplicates_and_losses_come_as_asked_and_are_replayed_by_the_seed() -> None:
    """The same seed gives the same fate of each event, another seed another."""

    def fate(seed: int) -> list[str]:
        world = World(DeliveryOptions(duplicate=0.3, loss=0.3, seed=seed))
        for number in range(40):
            world.bus.publish(event(number))
        world.timeline.drain()
        return [f"{delivery.event_id} {delivery.outcome}" for delivery in world.bus.deliveries()]

    first = fate(1)

    assert first == fate(1)
    assert first != fate(2)
    assert sum("lost" in line for line in first) > 0
    assert len([line for line in first if "delivered" in line]) > len(
        {line for line in first if "delivered" in line}
    )


def test_jitter_reorders_and_a_delay_delays() -> None:
    """Every event arrives, later than published and in another order."""
    world = World(DeliveryOptions(delay_s=5.0, jitter_s=30.0, seed=3))
    for number in range(20):
        world.bus.publish(event(number))
    world.timeline.drain()

    ids = [body["id"] for _, body in world.target.got]
    assert sorted(ids) == sorted(f"e-{number}" for number in range(20))
    assert ids != [f"e-{number}" for number in range(20)]
    assert world.target.got[0][0] >= 5.0


def test_an_event_beyond_the_size_limit_is_dropped_on_record() -> None:
    """EventBridge takes 256 KB."""
    world = World()

    world.bus.publish({**event(), "data": {"eventName": "Create", "text": "x" * 256 * 1024}})
    world.timeline.drain()

    assert world.target.got == []
    assert world.outcomes() == ["dropped"]


def test_the_unkindness_can_be_written_on_a_command_line() -> None:
    """Every part may be left out."""
    assert DeliveryOptions.parse("") == DeliveryOptions()
    assert DeliveryOptions.parse("delay=2, jitter=5,duplicate=0.2,loss=1,seed=7") == DeliveryOptions(
        delay_s=2.0, jitter_s=5.0, duplicate=0.2, loss=1.0, seed=7
    )


@pytest.mark.parametrize("text", ["dely=2", "delay=x", "loss=2", "duplicate=-1", "jitter=-5", "delay"])
def test_a_typing_error_on_the_command_line_is_told(text: str) -> None:
    """A delivery that is kinder than asked for would prove nothing."""
    with pytest.raises(ValueError, match=r"no option|must be a number|from 0 to 1|not less than 0"):
        DeliveryOptions.parse(text)
