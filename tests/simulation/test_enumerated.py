"""Six stories in every variation: a death at every call, each event lost, lists that lag, runs that race.

`MULTI_EIP_ENUMERATE=all` tells all of them (about 70 s of processor time), as `make nightly` does; else four
deaths of five are left to the night, and so are orders of writes that change over more than twice.
"""

from __future__ import annotations

import os

import pytest

from tests.simulation.enumerated import LISTS, Place, Story, Told, Variation, Wanted, orders, tell
from tests.simulation.invariants import BrokenError
from tests.simulation.stories import STORIES

ALL = os.environ.get("MULTI_EIP_ENUMERATE") == "all"
DEATHS_EACH = 1 if ALL else 5
MOST_SWITCHES = None if ALL else 2

EACH_STORY = pytest.mark.parametrize("name", STORIES)


@EACH_STORY
def test_a_run_may_die_at_any_call(name: str) -> None:
    """Before the call takes effect and after it; Function Compute tries again, and the sweep is the net."""
    moments = tell(STORIES[name], Variation()).moments
    assert moments > 20

    for moment in range(1, moments + 1, DEATHS_EACH):
        tell(STORIES[name], Variation(dies_at=moment))


@EACH_STORY
def test_any_event_may_be_lost(name: str) -> None:
    """None of them is the only one that leads to the end."""
    events = tell(STORIES[name], Variation()).heard
    assert events > 1

    for lost in range(1, events + 1):
        tell(STORIES[name], Variation(lost=lost))


@EACH_STORY
@pytest.mark.parametrize("writes", [1, 2])
def test_any_list_may_lag(name: str, writes: int) -> None:
    """A list that shows the world as it was before the last one or two writes is not acted on."""
    for listed in LISTS:
        tell(STORIES[name], Variation(stale=f"{listed}:lag:writes={writes}"))


@EACH_STORY
def test_two_runs_may_write_in_any_order(name: str) -> None:
    """Two runs of one group at once, in each order of their writes; runs commute, and nothing is locked."""
    told = list(orders(STORIES[name], MOST_SWITCHES))

    assert len(told) > 5
    assert any(sum(each.choices) for each in told)


def _wrong(_: Told, wanted: Wanted) -> Wanted:
    return [Place(each.eni, each.instance, each.eips[1:]) for each in wanted]


def test_a_story_that_ends_otherwise_breaks() -> None:
    """What nobody brings about is missed: two EIPs are there, and one is asked for."""
    grow = STORIES["grow"]

    with pytest.raises(BrokenError, match="and is to have"):
        tell(Story(grow.before, _wrong), Variation())


def test_what_is_varied_really_happens() -> None:
    """A run is killed, an event does not arrive, and the second run of a race writes first."""
    grow = STORIES["grow"]

    killed = tell(grow, Variation(dies_at=9))
    lost = tell(grow, Variation(lost=1))
    first, second = (_first_writer(tell(grow, Variation(turns=turns))) for turns in ([], [1, 1, 1]))

    assert any(run.killed for run in killed.runs)
    assert any("this event is lost" in line for line in lost.story)
    assert first != second


def _first_writer(told: Told) -> str:
    writes = [(sent.at, run.label) for run in told.pair for sent in run.writes()]
    return min(writes)[1]
