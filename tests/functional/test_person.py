"""A group that waits for a person reaches the robot, at most once a day, though nothing is remembered."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from multieip.errors import RequestError
from tests.functional.scene import GROUP
from tests.functional.sweep.test_told import SECRET, Robot, robot

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene

__all__ = ["robot"]


@pytest.fixture
def blocked(scene: Scene, robot: Robot) -> Scene:
    """Make a ready group that wants one more EIP, which takes a consent that nobody gave."""
    scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    scene.hand.tag("EIP", scene.hand.eips(1), GROUP)
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address
    scene.queue.forget()
    return scene


def _serve(scene: Scene) -> list[Json]:
    """Run every task that was started, as Function Compute would; return those that tell."""
    served = []
    while scene.queue.waiting:
        payload = scene.queue.waiting.pop(0)
        served += [payload] if "tell" in payload else []
        scene.bind(payload)
    return served


def _texts(robot: Robot) -> list[str]:
    return [each["markdown"]["text"] for each in robot.heard]


def test_a_blocked_run_reaches_the_robot_once_a_day(blocked: Scene, robot: Robot) -> None:
    """The message says why, what is the case now and what to call; tomorrow it comes again."""
    assert blocked.apply()["state"] == "blocked"
    assert [each["action"] for each in _serve(blocked)] == ["plan"]

    (text,) = _texts(robot)
    assert text.startswith(f"### EIPs of {GROUP} \\(cn-shanghai\\) wait for a person")
    assert "Now: blocked" in text
    assert "`multieip explain eni-detached-while-binding`" in text

    assert blocked.apply()["state"] == "blocked"
    assert _serve(blocked) == []
    blocked.clock.sleep(timedelta(days=1).total_seconds())
    assert blocked.apply()["state"] == "blocked"
    assert len(_serve(blocked)) == 1
    assert len(robot.heard) == 2
    assert SECRET not in json.dumps(blocked.lines)


def test_a_sweep_calls_for_each_group_once_a_day(blocked: Scene, robot: Robot) -> None:
    """Hourly sweeps of a day, each a process of its own: one of them finds the group in its turn."""
    for _ in range(24):
        blocked.sweep({"full": False})
        _serve(blocked)
        blocked.clock.sleep(3600)

    assert 1 <= len(robot.heard) <= 2
    days = {line["time"][:10] for line in blocked.said() if line["event"] == "told"}
    assert len(days) == len(robot.heard)


def test_who_is_called_for_by_a_sweep_is_not_called_for_again_by_a_run(blocked: Scene, robot: Robot) -> None:
    """Both use the same task."""
    blocked.sweep({"full": True})
    _serve(blocked)
    assert blocked.apply()["state"] == "blocked"
    _serve(blocked)

    assert len(robot.heard) == 1


def test_a_chain_that_ended_reaches_the_robot(scene: Scene, robot: Robot) -> None:
    """An instance starts for ever, which time may cure and did not: nothing goes on by itself any more."""
    scene.group(1, size="1")
    state = scene.cloud.state(scene.cloud.accounts.main.account_id, scene.seeds.region)
    state.instances[scene.seeds.instance].status = "Starting"
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address

    body = scene.apply()
    for _ in range(60):
        if not scene.queue.waiting or "tell" in scene.queue.waiting[0]:
            break
        body = scene.next_turn()
    assert body["state"] == "waiting"
    assert len(_serve(scene)) == 1

    (text,) = _texts(robot)
    assert "waited for long enough" in text


def test_an_eni_that_is_left_detached_reaches_the_robot(scene: Scene, robot: Robot) -> None:
    """The ENI cannot be attached again: the run, then its chain, end with it off."""
    scene.group(2, size="2", detach="allow")
    assert scene.apply()["state"] == "ready"
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address
    scene.hand.tag("EIP", scene.hand.eips(1), GROUP)
    scene.queue.forget()
    scene.cloud.faults.add("AttachNetworkInterface:error:code=InvalidOperation.InvalidEcsState,status=400")

    body = scene.apply()
    for _ in range(30):
        if not scene.queue.waiting or "tell" in scene.queue.waiting[0]:
            break
        body = scene.next_turn()
    assert body["left_detached"]
    assert len(_serve(scene)) == 1

    (text,) = _texts(robot)
    assert "left detached" in text


def test_a_group_that_is_well_again_is_not_told(blocked: Scene, robot: Robot) -> None:
    """Somebody was faster than the message."""
    eni = blocked.apply()["eni"]
    blocked.hand.tag("eni", [eni], detach="allow")
    (telling,) = [each for each in blocked.queue.waiting if "tell" in each]
    assert blocked.apply()["state"] == "ready"

    blocked.bind(telling)

    assert robot.heard == []
    assert [line["reason"] for line in blocked.said() if line["event"] == "not told"] == [
        "the group waits for nobody any more"
    ]


def test_without_a_robot_nobody_is_called_and_nothing_is_started(blocked: Scene, robot: Robot) -> None:
    """What nobody hears costs nothing."""
    del blocked.environ["MULTI_EIP_WEBHOOK"]

    assert blocked.apply()["state"] == "blocked"
    blocked.sweep()

    assert blocked.queue.started == {}
    assert robot.heard == []


@pytest.mark.parametrize("payload", [{"action": "apply", "tell": "x"}, {"tell": "x" * 2000}, {"tell": 1}])
def test_tell_is_nothing_that_a_person_may_write(scene: Scene, payload: Json) -> None:
    """It belongs to a dry run of ours."""
    with pytest.raises(RequestError, match="tell"):
        scene.bind({"group": GROUP, **payload})
