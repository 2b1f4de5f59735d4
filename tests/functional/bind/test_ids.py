"""A call that names ids: no tags are read, and its consent is in the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.scene import states

if TYPE_CHECKING:
    from tests.functional.scene import Scene

_CALLS_FOR_THREE = 24
"""What a whole apply for three EIPs takes with the local cloud's durations (6 s to bind, 5 s to attach)."""


def test_ids_of_a_manual_call_need_no_tags(scene: Scene) -> None:
    """The group is what the call names, and it waits for nothing."""
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(2)

    body = scene.bind({"action": "apply", "eni": eni, "eips": eips, "instance": scene.seeds.instance})

    assert body["state"] == "ready", body["message"]
    assert body["group"] is None
    assert scene.answering(eips) == [True, True]


def test_ids_without_an_instance_are_bound(scene: Scene) -> None:
    """The ENI waits for an instance; the message says what to do."""
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(2)

    body = scene.bind({"action": "apply", "eni": eni, "eips": eips})

    assert body["state"] == "waiting"
    assert "name one in the call" in body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


def test_consent_of_a_call_by_ids_is_in_the_call(scene: Scene) -> None:
    """A third EIP for an attached ENI: the message asks for what such a call reads, and that is enough."""
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(3)
    call = {"action": "apply", "eni": eni, "instance": scene.seeds.instance}
    scene.bind({**call, "eips": eips[:2]})

    refused = scene.bind({**call, "eips": eips})
    agreed = scene.bind({**call, "eips": eips, "detach": True})

    assert refused["state"] == "blocked"
    assert '"detach": true in the call' in refused["message"]
    assert agreed["state"] == "ready", agreed["message"]
    assert scene.answering(eips) == [True] * 3


def test_an_eip_that_a_tag_claims_is_not_taken_by_ids(scene: Scene) -> None:
    """One EIP, one group: nothing is written."""
    _, eips = scene.group()
    other = scene.hand.eni(scene.seeds)
    scene.forget_events()

    body = scene.bind({"action": "apply", "eni": other, "eips": eips[:1], "instance": scene.seeds.instance})

    assert body["state"] == "blocked"
    assert states(body)["one-group-per-eip"] == "fail"
    assert scene.writes() == []


def test_an_eni_that_a_tag_claims_takes_no_eips_by_ids(scene: Scene) -> None:
    """One ENI, one group: the group of the tag would take them for EIPs outside it; nothing is written."""
    eni, _ = scene.group()
    (stray,) = scene.hand.eips(1)
    scene.forget_events()

    body = scene.bind({"action": "apply", "eni": eni, "eips": [stray], "instance": scene.seeds.instance})

    assert body["state"] == "blocked"
    assert states(body)["group-shape"] == "fail"
    assert eni in body["message"]
    assert scene.writes() == []
