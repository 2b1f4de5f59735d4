"""Groups that grow, wait, move and shrink: what is done at once, what waits, what takes consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.scene import GROUP, states, steps

if TYPE_CHECKING:
    from tests.functional.scene import Scene


def test_size_is_waited_for_and_then_attached(scene: Scene) -> None:
    """Two of three are bound; the ENI is attached by the run that sees the third."""
    eni, eips = scene.group(2, size="3")

    first = scene.apply()

    assert first["state"] == "waiting"
    assert first["message"].startswith("waits for 1 more EIP (size 3, 2 so far)")
    assert scene.attached_to(eni) == ("Available", "")
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")

    eips += scene.hand.eips(1, GROUP)
    second = scene.apply()

    assert second["state"] == "ready", second["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.answering(eips) == [True] * 3


def test_without_size_the_set_settles_first(scene: Scene) -> None:
    """EIPs are bound at once; the attach waits until the set has been the same for the settle time."""
    eni, eips = scene.group(1)
    started = scene.clock.monotonic()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert 60.0 <= scene.clock.monotonic() - started < 60.0 + 12.0
    assert scene.attached_to(eni)[0] == "InUse"
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


def test_an_eip_that_comes_while_the_set_settles_starts_the_wait_again(scene: Scene) -> None:
    """Three EIPs that arrive one by one end up in one attach, without a detach between."""
    eni, eips = scene.group(1)
    body = scene.bind(limit_s=40.0)
    for _ in range(2):
        assert body["state"] == "waiting"
        assert scene.attached_to(eni) == ("Available", "")
        eips += scene.hand.eips(1, GROUP)
        body = scene.next_turn(limit_s=40.0)

    while scene.queue.waiting:
        assert body["state"] == "waiting"
        body = scene.next_turn(limit_s=40.0)

    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.writes().count("AttachNetworkInterface") == 1
    assert "DetachNetworkInterface" not in scene.writes()


def test_the_wait_goes_on_in_the_next_turn_where_it_was(scene: Scene) -> None:
    """Handing over does not begin the settle time anew."""
    scene.group()
    started = scene.clock.monotonic()

    body = scene.bind(limit_s=35.0)
    while scene.queue.waiting:
        body = scene.next_turn(limit_s=35.0)

    assert body["state"] == "ready", body["message"]
    assert 60.0 <= scene.clock.monotonic() - started < 120.0


def test_the_settle_time_of_a_call_is_stronger_than_the_setting(scene: Scene) -> None:
    """By hand nobody has to wait."""
    scene.group()
    started = scene.clock.monotonic()

    assert scene.apply(settle_seconds=0)["state"] == "ready"
    assert scene.clock.monotonic() - started < 30.0


def test_without_an_instance_the_eips_are_bound_and_the_eni_waits(scene: Scene) -> None:
    """The instance that is tagged later gets it."""
    eni, eips = scene.group(instance=None, size="3")

    waiting = scene.apply()

    assert waiting["state"] == "waiting"
    assert "tag one" in waiting["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.queue.waiting == []

    scene.hand.tag("instance", [scene.seeds.instance], GROUP)

    assert scene.apply()["state"] == "ready"


def test_a_stopped_instance_is_ready_after_its_start(scene: Scene) -> None:
    """Attached while stopped; the guest is configured by the run after the start."""
    eni, eips = scene.group(size="3")
    _power(scene, "StopInstance")

    waiting = scene.apply()

    assert waiting["state"] == "waiting"
    assert "is Stopped" in waiting["message"]
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)

    _power(scene, "StartInstance")

    assert scene.apply()["state"] == "ready"
    assert scene.answering(eips) == [True] * 3


def test_a_starting_instance_is_waited_for(scene: Scene) -> None:
    """Between two states nothing is tried; the run sees the start through."""
    scene.group(size="3")
    _power(scene, "StopInstance")
    region = {"RegionId": scene.seeds.region, "InstanceId": scene.seeds.instance}
    scene.hand.api.call("Ecs", "StartInstance", region)

    body = scene.apply()

    assert body["state"] == "ready", body["message"]


def _power(scene: Scene, action: str) -> None:
    scene.hand.api.call("Ecs", action, {"RegionId": scene.seeds.region, "InstanceId": scene.seeds.instance})
    scene.clock.sleep(300)


def test_a_new_eip_on_an_attached_eni_takes_consent(scene: Scene) -> None:
    """Without it the set stays as it is and goes on being served; the finding names the tag."""
    scene.group(2, size="2")
    scene.apply()
    scene.hand.eips(1, GROUP)
    scene.forget_events()
    before = scene.picture()

    body = scene.apply()

    assert body["state"] == "blocked"
    assert states(body)["eni-detached-while-binding"] == "fail"
    assert "multi-eip:detach=allow" in body["message"]
    assert scene.changes() == []
    assert len(body["served"]) == 2
    assert scene.picture() == before


def test_with_consent_it_is_detached_bound_attached_and_configured(scene: Scene) -> None:
    """The guest first, then the cloud, and everything is back with the new one."""
    eni, eips = scene.group(2, size="2", detach="allow")
    scene.apply()
    eips += scene.hand.eips(1, GROUP)
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.writes() == [
        "RunCommand",
        "DetachNetworkInterface",
        "AssociateEipAddressBatch",
        "AttachNetworkInterface",
        "RunCommand",
    ]
    assert steps(body)[0] == ("ConfigureGuest", "already"), "what stays is asked for before the detach"
    assert [state for _, state in steps(body)[1:]] == ["done"] * 3
    assert scene.answering(eips) == [True] * 3
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


def test_an_attached_eni_stays_while_the_set_still_grows(scene: Scene) -> None:
    """With consent and without size: the interface goes off once, when the set has settled."""
    eni, eips = scene.group(1, detach="allow")
    scene.apply()
    eips += scene.hand.eips(1, GROUP)
    scene.forget_events()

    body = scene.bind(limit_s=40.0)

    assert body["state"] == "waiting"
    assert scene.changes() == []
    assert scene.attached_to(eni)[0] == "InUse"

    eips += scene.hand.eips(1, GROUP)
    while scene.queue.waiting:
        body = scene.next_turn()

    assert body["state"] == "ready", body["message"]
    assert scene.writes().count("DetachNetworkInterface") == 1
    assert scene.answering(eips) == [True] * 3


def test_a_foreign_eip_stays_without_prune(scene: Scene) -> None:
    """Somebody bound it by hand: it is told and left alone, before and after."""
    eni, eips = scene.group(2, size="2")
    foreign = scene.hand.eips(1)
    scene.hand.bind(eni, foreign)

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert states(body)["foreign-eips-consent"] == "fail"
    assert scene.bound(eni) == dict.fromkeys([*foreign, *eips], "InUse")


def test_a_foreign_eip_goes_with_prune(scene: Scene) -> None:
    """With consent it is unbound; it is not released."""
    eni, eips = scene.group(2, size="2", prune="allow")
    foreign = scene.hand.eips(1)
    scene.hand.bind(eni, foreign)

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.addresses(foreign)
    assert "ReleaseEipAddress" not in scene.writes()


def test_pruning_an_attached_eni_takes_both_consents(scene: Scene) -> None:
    """An EIP that lost its tag stays until detaching is allowed too."""
    eni, eips = scene.group(3, size="2", prune="allow")
    scene.apply()
    scene.hand.untag("EIP", eips[2:])
    scene.forget_events()

    blocked = scene.apply()

    assert blocked["state"] == "blocked"
    assert states(blocked)["eni-detached-while-binding"] == "fail"
    assert scene.changes() == []
    assert scene.answering(eips) == [True] * 3, "what lost its tag stays configured until it may go"

    scene.hand.tag("eni", [eni], detach="allow")
    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips[:2], "InUse")
    assert scene.answering(eips) == [True, True, False]


def test_eleven_with_a_foreign_one_are_refused_unless_it_may_go(scene: Scene) -> None:
    """Ten members and an EIP outside the group are eleven; with prune that one makes room first."""
    eni, eips = scene.group(10, size="10")
    scene.hand.bind(eni, scene.hand.eips(1))

    refused = scene.apply()

    assert refused["state"] == "blocked"
    assert states(refused)["at-most-ten"] == "fail"

    scene.hand.tag("eni", [eni], prune="allow")

    assert scene.apply()["state"] == "ready"
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


@pytest.mark.parametrize("consent", [False, True])
def test_an_eni_on_another_instance_moves_only_with_consent(scene: Scene, consent: bool) -> None:  # noqa: FBT001  parametrized
    """The instance that it is attached to is not in the group; nothing there is touched without `detach`."""
    other = scene.hand.another_instance(scene.seeds)
    tags = {"detach": "allow"} if consent else {}
    eni, eips = scene.group(2, size="2", **tags)
    scene.hand.bind(eni, eips)
    scene.hand.attach(eni, other)
    scene.forget_events()

    body = scene.apply()

    if consent:
        assert body["state"] == "ready", body["message"]
        assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
        assert scene.answering(eips) == [True, True]
    else:
        assert body["state"] == "blocked"
        assert scene.writes() == []
        assert scene.attached_to(eni) == ("InUse", other)


def test_a_released_group_leaves_a_foreign_eip_bound(scene: Scene) -> None:
    """Undoing our work does not undo somebody else's: it takes their leave to go off with the ENI."""
    eni, _ = scene.group(2, size="2")
    foreign = scene.hand.eips(1)
    scene.hand.bind(eni, foreign)
    scene.apply()

    blocked = scene.release()
    assert blocked["state"] == "blocked"
    assert "multi-eip:prune=allow" in blocked["message"]
    assert scene.changes()[-1] == "AttachNetworkInterface", "not even the tag is set"

    scene.hand.tag("eni", [eni], prune="allow")
    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert scene.bound(eni) == dict.fromkeys(foreign, "InUse")
