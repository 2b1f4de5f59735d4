"""Each word of an operator that a write rests on is in the result and in the log, with who said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene


def _short(body: Json) -> set[tuple[str, str, str, str]]:
    return {(each["tag"], each["value"], each["on"], each["step"]) for each in body["consents"]}


def test_who_allowed_the_detach_is_in_result_and_log(scene: Scene) -> None:
    """The event that set the tag started the run, so it says who; the look is that of the write."""
    eni, _ = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    scene.hand.tag("EIP", scene.hand.eips(1), GROUP)
    scene.take()
    scene.queue.forget()
    scene.hand.tag("eni", [eni], detach="allow")

    (event,) = scene.take()
    scene.react([event])
    body = scene.next_turn()

    assert body["state"] == "ready"
    assert ("multi-eip:detach", "allow", eni, "Detach") in _short(body)
    (told,) = [each for each in body["consents"] if each["step"] == "Detach"]
    who = event["data"]["userIdentity"]
    assert told["set_by"]["by"] == f"{who['type']} {who['userName']}"
    assert told["set_by"]["event"] == event["id"]
    assert told["set_by"]["at"].startswith(event["data"]["eventTime"][:19])
    assert event["data"]["eventTime"][:19] <= told["seen_at"][:19] <= scene.clock.now().isoformat()[:19]
    logged = [{key: line[key] for key in told} for line in scene.said() if line["event"] == "consent"]
    assert logged == body["consents"]
    said = [line["event"] for line in scene.said()]
    assert said.index("consent") < said.index("step", said.index("consent"))


def test_a_prune_names_its_tag_and_nobody_where_nobody_is_known(scene: Scene) -> None:
    """A run by hand has no event; what a tag allows is told all the same."""
    eni, eips = scene.group(3, size="2", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[2:])

    body = scene.apply()

    assert ("multi-eip:prune", "allow", eni, "Unassociate") in _short(body)
    assert ("multi-eip:detach", "allow", eni, "Detach") in _short(body)
    assert {str(each["set_by"]) for each in body["consents"]} == {"None"}


def test_an_eip_outside_that_stays_takes_no_prune(scene: Scene) -> None:
    """It goes off with the ENI and comes back with it; nobody unbinds it, so no word about that is told."""
    eni, eips = scene.group(3, size="3", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("eni", [eni], "prune")
    scene.hand.untag("EIP", eips[2:])
    scene.hand.tag("EIP", scene.hand.eips(1), GROUP)

    body = scene.apply()

    assert {each["step"] for each in body["consents"]} == {"Detach"}
    assert {each["tag"] for each in body["consents"]} == {"multi-eip:detach"}


def test_a_release_rests_on_the_hold(scene: Scene) -> None:
    """Every step back has the tag beside it."""
    eni, _ = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"

    body = scene.release()

    assert body["state"] == "released"
    steps = {"ReleaseGuest", "Detach", "Unassociate"}
    assert _short(body) == {("multi-eip:hold", "release", eni, step) for step in steps}


def test_a_mark_that_left_an_eip_out_is_told(scene: Scene) -> None:
    """What an earlier run was refused is not tried again, by the tag."""
    _, eips = scene.group(3, size="3")
    scene.hand.tag("EIP", eips[2:], refused="Forbidden.FinancialLocked")

    body = scene.apply()

    assert ("multi-eip:refused", "Forbidden.FinancialLocked", eips[2], "Associate") in _short(body)


def test_a_call_by_ids_carries_its_own_consent(scene: Scene) -> None:
    """No tag is read for it, so none is named."""
    eni = scene.hand.eni(scene.seeds)
    eips = scene.hand.eips(2)
    ids = {"eni": eni, "eips": eips[:1], "instance": scene.seeds.instance, "action": "apply"}
    assert scene.bind(ids)["state"] == "ready"

    body = scene.bind({**ids, "eips": eips, "detach": True})

    assert ("detach", "true", "the call", "Detach") in _short(body)


def test_what_needs_nobodys_consent_names_none(scene: Scene) -> None:
    """Binding and attaching what is in the group takes nothing from anybody."""
    scene.group(2, size="2")

    assert scene.apply()["consents"] == []
