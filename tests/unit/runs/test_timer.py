"""No sleep goes over the deadline of a run."""

from __future__ import annotations

import pytest

from localcloud import VirtualClock
from multieip.runs.waiting import OutOfTimeError, Timer


def test_a_wait_that_the_deadline_cuts_ends_with_it() -> None:
    """What is waited for is told, and handing over has all of its time."""
    clock = VirtualClock()
    timer = Timer(clock, clock.monotonic() + 0.25)

    with pytest.raises(OutOfTimeError, match="the ENI"):
        timer.sleep(5.0, "the ENI")

    assert clock.monotonic() == timer.deadline
    assert timer.left == 0.0


def test_after_the_deadline_nothing_is_waited_for() -> None:
    """The run ends at once."""
    clock = VirtualClock()
    timer = Timer(clock, clock.monotonic() - 3.0)
    began = clock.monotonic()

    with pytest.raises(OutOfTimeError):
        timer.sleep(1.0, "the ENI")

    assert clock.monotonic() == began
