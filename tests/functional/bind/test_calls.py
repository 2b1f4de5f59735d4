"""What a run costs: calls of the cloud and virtual seconds, in the local cloud's realistic profile.

`python -m tests.bench` measures the same with the events before it; here the runs alone have upper bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.functional.scene import GROUP, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json


@pytest.fixture
def real() -> Iterator[Scene]:
    """Open a region in which everything takes its time."""
    with mock_cloud(CloudOptions(latency="realistic")) as local:
        yield Scene(local)


def _calls(body: Json) -> int:
    return int(body["api_calls"]["total"])


def test_a_fresh_group_of_ten(real: Scene) -> None:
    """15 calls and one for an instance type that is not known yet; 12 seconds from look to ready."""
    _, eips = real.group(10, size="10")

    body = real.apply()

    assert body["state"] == "ready", body["message"]
    assert _calls(body) <= 16
    assert body["seconds"] <= 12.0
    assert real.answering(eips) == [True] * 10


def test_a_right_group_again(real: Scene) -> None:
    """ENI, EIPs, instance, gateways, command, result."""
    real.group(10, size="10")
    real.apply()

    body = real.apply()

    assert (body["state"], body["changed"]) == ("ready", False)
    assert _calls(body) <= 6


def test_an_exchange_of_one_of_ten(real: Scene) -> None:
    """With fresh consent before each write; the nine others are off while the two change places."""
    _, eips = real.group(10, size="10", detach="allow", prune="allow")
    real.apply()
    real.hand.untag("EIP", eips[:1])
    eips = [*eips[1:], *real.hand.eips(1, GROUP)]

    body = real.apply()

    assert body["state"] == "ready", body["message"]
    assert _calls(body) <= 30
    assert body["seconds"] <= 25.0
    assert real.answering(eips) == [True] * 10


def test_a_release_of_ten(real: Scene) -> None:
    """One after the other, with a look before each."""
    real.group(10, size="10")
    real.apply()

    body = real.release()

    assert body["state"] == "released", body["message"]
    assert _calls(body) <= 44
    assert body["seconds"] <= 70.5


def test_a_blocked_fourth_beside_three_that_serve(real: Scene) -> None:
    """No write to the cloud, no outage: the three are asked for and told."""
    real.group(3, size="3")
    real.apply()
    real.hand.eips(1, GROUP)

    body = real.apply()

    assert body["state"] == "blocked", body["message"]
    assert len(body["served"]) == 3
    assert _calls(body) <= 7


def test_a_fresh_group_without_size(real: Scene) -> None:
    """One look at the end of the settle time, not one each ten seconds."""
    real.group(10)

    body = real.apply()

    assert body["state"] == "ready", body["message"]
    assert _calls(body) <= 19
    assert 60.0 <= body["seconds"] <= 75.0
