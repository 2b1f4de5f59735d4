"""The guest's script is killed in the middle: its run, or whoever comes next, ends with what is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene

PLACES = range(9)
"""After so many writes of the script; a first apply makes eight."""
GETS_ON = 6
"""From here on each try has less to do than the one before, and one comes to its end."""
DEAD_MAN_S = 95.0
"""Until then whoever waits to undo a run that was killed has done it."""


def _all_turns(scene: Scene, body: Json) -> Json:
    while scene.queue.waiting:
        body = scene.next_turn()
    return body


@pytest.mark.parametrize("writes", PLACES)
def test_an_apply_that_is_killed_is_done_again(scene: Scene, writes: int) -> None:
    """The run sends it once more, and what waits to undo the first one undoes nothing of that."""
    _, eips = scene.group(3, size="3")
    struck = scene.cloud.faults.add(f"RunCommand:killed:writes={writes},times=1")

    body = _all_turns(scene, scene.apply())

    assert struck.spent
    assert body["state"] == "ready", body["message"]
    scene.clock.sleep(DEAD_MAN_S)
    assert scene.answering(eips) == [True] * 3


@pytest.mark.parametrize("writes", PLACES)
def test_a_script_that_is_killed_each_time_is_undone(scene: Scene, writes: int) -> None:
    """The group is not ready, and later the guest is as it was, unless a try had little left to do."""
    _, eips = scene.group(3, size="3")
    scene.cloud.faults.add(f"RunCommand:killed:writes={writes}")

    body = _all_turns(scene, scene.apply())

    assert body["state"] in {"failed", "waiting"}
    scene.clock.sleep(DEAD_MAN_S)
    assert scene.answering(eips) == [writes >= GETS_ON] * 3
    scene.cloud.faults.clear()
    assert _all_turns(scene, scene.apply())["state"] == "ready"
    assert scene.answering(eips) == [True] * 3


@pytest.mark.parametrize("writes", PLACES)
def test_a_release_that_is_killed_is_done_again(scene: Scene, writes: int) -> None:
    """The EIPs are gone from the guest, and stay so."""
    eni, eips = scene.group(3, size="3")
    assert scene.apply()["state"] == "ready"
    struck = scene.cloud.faults.add(f"RunCommand:killed:writes={writes},times=1")

    body = _all_turns(scene, scene.release())

    assert struck.spent
    assert body["state"] == "released", body["message"]
    scene.clock.sleep(DEAD_MAN_S)
    assert scene.bound(eni) == {}
    assert scene.answering(eips) == [False] * 3
