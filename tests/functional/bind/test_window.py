"""A run that an event started sees what the events of the same window brought, also after it was done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.functional.between import Between
from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.scene import Scene

WINDOW_S = 8.0


def _by_event(scene: Scene, api: Between) -> dict[str, object]:
    end = scene.clock.now() + timedelta(seconds=WINDOW_S)
    return scene.bind({"group": GROUP, "action": "apply", "not_before": end.isoformat()}, api=api)


def test_a_group_that_is_right_is_looked_at_once_more_when_the_window_ends(scene: Scene) -> None:
    """What is tagged late in the window has no run of its own: this one answers for it."""
    scene.ready_group(GROUP, scene.seeds.instance)
    end = scene.clock.monotonic() + WINDOW_S
    looks: list[float] = []
    api = Between(scene.api).answer("DescribeEipAddresses", _noted(scene, looks))

    assert _by_event(scene, api)["state"] == "ready"

    assert [looked >= end for looked in looks] == [False] * (len(looks) - 1) + [True]
    assert looks[-1] < end + 1.0


def test_what_is_tagged_in_the_window_is_bound_by_its_run(scene: Scene) -> None:
    """The EIP comes when the group has been found right, and before the window ends."""
    eni, eips = scene.group(2, detach="allow", size="2")
    assert scene.apply()["state"] == "ready"
    more = scene.hand.eips(1)
    api = Between(scene.api).after("RunCommand", lambda: scene.hand.tag("EIP", more, GROUP))

    assert _by_event(scene, api)["state"] == "ready"

    assert scene.bound(eni) == dict.fromkeys([*eips, *more], "InUse")
    assert scene.answering([*eips, *more]) == [True] * 3


@pytest.mark.parametrize("ago_s", [1, 0])
def test_a_window_that_has_ended_costs_no_look(scene: Scene, ago_s: int) -> None:
    """The group is not whole, and nothing is left to wait for: the run does what there is to do."""
    scene.group(2, size="3")
    scene.apply()
    plain, late = Between(scene.api), Between(scene.api)
    ended = (scene.clock.now() - timedelta(seconds=ago_s)).isoformat()

    scene.bind({"group": GROUP, "action": "apply", "not_before": ended}, api=late)
    scene.bind(api=plain)

    assert late.actions() == plain.actions()


def test_what_moves_in_the_window_is_no_whole_group(scene: Scene) -> None:
    """All three are tagged, and another hand is still binding: the window is used to look again."""
    eni, (eip,) = scene.group(1, size="1")
    asked = {
        "AllocationId": eip,
        "InstanceId": eni,
        "InstanceType": "NetworkInterface",
        "Mode": "MULTI_BINDED",
    }
    scene.hand.api.call("Vpc", "AssociateEipAddress", {"RegionId": scene.seeds.region, **asked})

    assert _by_event(scene, Between(scene.api))["state"] == "ready"

    waits = [line["reason"] for line in scene.said() if line["event"] == "waiting"]
    assert waits[0] == "the other events of one window"


def _noted(scene: Scene, looks: list[float]) -> Callable[[object], object]:
    def note(answer: object) -> object:
        looks.append(scene.clock.monotonic())
        return answer

    return note


def test_a_group_that_is_not_whole_is_looked_at_more_and_more_seldom(scene: Scene) -> None:
    """Soon at first, as events of one hand come together; then only when the window ends."""
    scene.group(2, size="3")
    began = scene.clock.monotonic()
    end = scene.clock.now() + timedelta(seconds=30)
    looks: list[float] = []
    api = Between(scene.api).answer("DescribeNetworkInterfaces", _noted(scene, looks))

    scene.bind({"group": GROUP, "action": "apply", "not_before": end.isoformat()}, api=api)

    within = sorted({round(looked - began, 3) for looked in looks if looked - began <= 30})
    assert within == [0.0, 0.5, 1.5, 2.5, 4.5, 9.5, 30.0]
