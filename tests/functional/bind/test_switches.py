"""The operator's switches: one group first, nothing at all, and what they never stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.app.bind import bind
from multieip.dataclass import replace
from tests.functional.between import Between
from tests.functional.in_process import InProcess
from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from tests.functional.scene import Scene


def test_only_the_named_groups_are_written_to(scene: Scene) -> None:
    """MULTI_EIP_ONLY_GROUPS: the others are reported as held, and untouched."""
    scene.environ["MULTI_EIP_ONLY_GROUPS"] = "trial-*"
    scene.group(2, size="2")
    other = scene.hand.another_instance(scene.seeds)
    _, eips = scene.group(2, name="trial-1", instance=other, size="2")
    scene.forget_events()

    held = scene.apply()
    assert held["state"] == "held", held["message"]
    assert "MULTI_EIP_ONLY_GROUPS" in held["message"]
    assert scene.writes() == []
    assert scene.plan()["state"] == "planned", "a dry run writes nothing anyway"

    assert scene.bind({"group": "trial-1", "action": "apply"})["state"] == "ready"
    assert scene.answering(eips) == [True, True]


def test_the_kill_switch_stops_every_write(scene: Scene) -> None:
    """MULTI_EIP_WRITES=off: whoever started the run."""
    scene.environ["MULTI_EIP_WRITES"] = "off"
    scene.group(2, size="2")
    scene.forget_events()

    for body in (scene.apply(), scene.release()):
        assert body["state"] == "held", body["message"]
        assert "MULTI_EIP_WRITES=off" in body["message"]
    assert scene.writes() == []


def test_the_kill_switch_is_read_before_every_write_and_lets_an_eni_go_back(scene: Scene) -> None:
    """Thrown in the middle of an exchange: nothing new is bound, and what was taken off is put back."""
    eni, eips = scene.group(2, size="2", detach="allow")
    assert scene.apply()["state"] == "ready"
    (new,) = scene.hand.eips(1, GROUP)
    switch = {"on": True}
    api = Between(InProcess(scene.cloud)).after("DetachNetworkInterface", lambda: switch.update(on=False))
    app = replace(scene.app(api), writable=lambda: switch["on"])

    body = bind(app, {"group": GROUP, "action": "apply"})

    assert body["state"] == "held", body["message"]
    assert new not in scene.bound(eni)
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
    assert scene.answering(eips) == [True, True]
