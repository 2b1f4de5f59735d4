"""Release: everything of the group is undone, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.scene import steps

if TYPE_CHECKING:
    from tests.functional.scene import Scene

_CALLS_FOR_THREE = 24
"""What a whole apply for three EIPs takes with the local cloud's durations (6 s to bind, 5 s to attach)."""


def test_release_undoes_all_of_it(scene: Scene) -> None:
    """Guest, detach, unbind; the addresses are the operator's again."""
    eni, eips = scene.group(size="3")
    scene.apply()
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert "resume: true" in body["message"]
    undoing = ["RunCommand", "DetachNetworkInterface", *["UnassociateEipAddress"] * 3]
    assert scene.writes() == ["TagResources", *undoing]
    assert scene.bound(eni) == {}
    assert scene.attached_to(eni) == ("Available", "")
    assert scene.answering(eips) == [False] * 3


def test_ten_eips_are_released_without_a_refusal(scene: Scene) -> None:
    """One after the other, as the cloud wants it."""
    scene.group(10, size="10")
    scene.apply()

    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert [state for _, state in steps(body)] == ["done"] * len(steps(body))


def test_releasing_again_changes_nothing(scene: Scene) -> None:
    """Nothing is there to undo."""
    scene.group(size="3")
    scene.apply()
    scene.release()
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "released"
    assert not body["changed"]
    assert scene.writes() == []


def test_apply_works_again_after_a_release(scene: Scene) -> None:
    """The way back is the way there."""
    eni, eips = scene.group(size="3")
    scene.apply()
    scene.release()

    body = scene.apply(resume=True)

    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.answering(eips) == [True] * 3


def test_release_goes_on_where_the_guest_does_not_answer(scene: Scene) -> None:
    """Unplugging takes the addresses away in any case; the result says that the guest was not cleaned."""
    eni, _ = scene.group(size="3")
    scene.apply()
    scene.cloud.faults.add("RunCommand:offline")

    body = scene.release()

    assert scene.bound(eni) == {}
    assert scene.attached_to(eni) == ("Available", "")
    assert body["state"] == "released"
    assert "the guest was not cleaned" in body["message"]
