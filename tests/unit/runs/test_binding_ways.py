"""Many groups that use up the cloud's limits together share them, without knowing of each other."""

from __future__ import annotations

import pytest

from localcloud import CloudOptions, LocalCloud, VirtualClock
from localcloud.guests import open_world
from multieip.cloud.rates import (
    BATCHES,
    MINUTE_S,
    SINGLE_BINDINGS,
    SPREAD_S,
    minute_of,
    seconds_to_next_minute,
)
from multieip.runs.binding_ways import BindingWays, NextTry

_GROUPS = [f"group-{number}" for number in range(400)]


def _second(clock: VirtualClock, then: NextTry) -> float:
    """Return the second of its minute in which a try comes."""
    return (clock.now().timestamp() + then.after_s) % MINUTE_S


def _first(clock: VirtualClock, eips: int) -> list[tuple[BindingWays, NextTry]]:
    found = [BindingWays(clock, group) for group in _GROUPS]
    return [(each, each.after_throttling(singly=False, eips=eips)) for each in found]


def test_some_turn_to_single_calls_at_once_and_the_others_wait_for_the_next_minute() -> None:
    """Each group has one way; the shares are those of the two limits, by the number of EIPs."""
    clock = VirtualClock()

    firsts = [then for _, then in _first(clock, 5)]

    singly = [then for then in firsts if then.singly]
    assert all(then.after_s == 0 for then in singly)
    assert all(0 <= _second(clock, then) < SPREAD_S for then in firsts if not then.singly)
    assert len(singly) / len(firsts) == pytest.approx(0.53, abs=0.07)
    assert sum(then.singly for _, then in _first(clock, 1)) > len(singly)
    assert sum(then.singly for _, then in _first(clock, 10)) < len(singly)


def test_who_waits_comes_spread_over_the_beginning_of_the_minute_each_time_in_another_order() -> None:
    """All in one moment would read at once, and the same would be first each time."""
    clock = VirtualClock()
    waiting = [ways for ways, then in _first(clock, 5) if not then.singly]

    seconds = []
    for _ in range(2):
        clock.sleep(MINUTE_S)
        seconds.append([_second(clock, ways.after_throttling(singly=False, eips=5)) for ways in waiting])

    assert max(seconds[0]) - min(seconds[0]) > 0.9 * SPREAD_S
    assert sorted(range(len(waiting)), key=seconds[0].__getitem__) != sorted(
        range(len(waiting)), key=seconds[1].__getitem__
    )


def test_a_group_on_single_calls_takes_a_batch_that_is_left_over_before_it_waits() -> None:
    """It stays with its way; only a limit that it has not met in this minute is tried besides."""
    clock = VirtualClock()
    ways = next(ways for ways, then in _first(clock, 5) if then.singly)

    used_up = ways.after_throttling(singly=True, eips=4)
    assert used_up.singly
    assert 0 <= _second(clock, used_up) < SPREAD_S / 2

    clock.sleep(MINUTE_S)
    assert ways.after_throttling(singly=True, eips=3) == NextTry(singly=False)


def test_a_group_with_two_eips_left_lets_others_go_first_and_tries_the_batch() -> None:
    """Whoever has more left needs longer; and a batch serves both EIPs at once."""
    clock = VirtualClock()
    ways = next(ways for ways, then in _first(clock, 5) if then.singly)

    then = ways.after_throttling(singly=True, eips=2)

    assert not then.singly
    assert SPREAD_S <= _second(clock, then) < SPREAD_S * 1.5


def test_a_group_on_the_batch_does_not_begin_with_single_calls_that_others_end_with() -> None:
    """Else each group would hold a part of its EIPs, and none would be whole."""
    clock = VirtualClock()
    for ways, first in _first(clock, 5):
        if first.singly:
            continue
        clock.sleep(first.after_s)
        assert not ways.after_throttling(singly=False, eips=5).singly


def test_the_limits_are_those_that_the_local_cloud_keeps() -> None:
    """One reading of the published limits."""
    cloud = LocalCloud(open_world("simulated"), CloudOptions(clock=VirtualClock(), latency="realistic"))
    kept = cloud.profile.per_minute

    assert (kept["AssociateEipAddressBatch"], kept["AssociateEipAddress"]) == (BATCHES, SINGLE_BINDINGS)
    cloud.close()


def test_the_cloud_s_minute_ends_at_the_full_minute() -> None:
    """As the cloud counts."""
    assert (minute_of(119.9), seconds_to_next_minute(119.5), seconds_to_next_minute(120.0)) == (1, 0.5, 60.0)
