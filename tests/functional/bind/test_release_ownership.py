"""A release takes back what is the group's and nothing else, and it stays released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.between import Between
from tests.functional.in_process import InProcess
from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from tests.functional.scene import Scene


def test_a_release_by_ids_leaves_an_unrelated_eni_on_its_instance(scene: Scene) -> None:
    """Item 5: a wrong id: none of the call's EIPs is bound there."""
    eni = scene.hand.eni(scene.seeds)
    scene.hand.attach(eni, scene.seeds.instance)
    (eip,) = scene.hand.eips(1)
    scene.forget_events()

    body = scene.bind({"action": "release", "eni": eni, "eips": [eip], "instance": scene.seeds.instance})

    assert body["state"] == "blocked", body["message"]
    assert "not ours to detach" in body["message"]
    assert scene.writes() == []
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)


def test_a_release_leaves_an_eni_with_eips_outside_the_group_on(scene: Scene) -> None:
    """Item 5: they would go off with it; that takes `prune`, and without it not even the tag is set."""
    eni, _ = scene.group(2, size="2")
    scene.hand.bind(eni, scene.hand.eips(1))
    assert scene.apply()["state"] == "ready"
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "blocked"
    assert scene.writes() == []
    assert scene.attached_to(eni)[0] == "InUse"


def test_a_release_of_a_group_in_nat_mode_changes_nothing(scene: Scene) -> None:
    """Item 5 (cases/cloud/c09): nothing on the ENI is ours."""
    eni, eips = scene.group(1)
    parameters = {
        "AllocationId": eips[0],
        "InstanceType": "NetworkInterface",
        "InstanceId": eni,
        "Mode": "NAT",
    }
    scene.hand.api.call("Vpc", "AssociateEipAddress", {"RegionId": scene.seeds.region, **parameters})
    scene.clock.sleep(60)
    scene.hand.attach(eni, scene.seeds.instance)
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "blocked", body["message"]
    assert scene.writes() == []
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)


def test_a_release_leaves_an_instance_outside_the_group_alone_without_consent(scene: Scene) -> None:
    """Item 5: the ENI hangs on an instance that is in no group."""
    eni, eips = scene.group(2, instance=None, size="2")
    scene.hand.bind(eni, eips)
    scene.hand.attach(eni, scene.seeds.instance)
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "blocked"
    assert "multi-eip:detach=allow" in body["message"]
    assert scene.writes() == []


def test_a_release_is_not_undone_by_the_applies_that_its_own_events_start(scene: Scene) -> None:
    """Item 5: an apply comes between any two of its writes; in the end nothing is bound, whoever was last."""
    for number in range(1, 5):
        eni, _ = scene.group(2, name=f"g{number}", instance=None, size="2", detach="allow", prune="allow")
        instance = scene.hand.another_instance(scene.seeds)
        scene.hand.tag("instance", [instance], f"g{number}")
        asked = {"group": f"g{number}", "action": "apply"}
        assert scene.bind(asked)["state"] == "ready"
        between = Between(InProcess(scene.cloud))
        for action in ("RunCommand", "DetachNetworkInterface", "UnassociateEipAddress"):
            between.before(action, lambda asked=asked: scene.bind(asked), number=1)  # type: ignore[misc]

        body = scene.bind({"group": f"g{number}", "action": "release"}, api=between)
        after = scene.bind(asked)

        assert body["state"] == after["state"] == "released", (body["message"], after["message"])
        assert scene.bound(eni) == {}
        assert scene.attached_to(eni) == ("Available", "")


def test_a_release_has_a_dry_run(scene: Scene) -> None:
    """Item 5: `plan` of a release shows every step and writes nothing."""
    scene.group(2, size="2")
    scene.apply()
    scene.forget_events()

    body = scene.plan(of="release")

    assert body["state"] == "planned", body["message"]
    assert [step["step"] for step in body["plan"]["steps"]] == [
        "SetHold", "ReleaseGuest", "Detach", "Unassociate", "Unassociate",
    ]  # fmt: skip
    assert scene.writes() == []


def test_a_release_that_may_not_set_the_tag_says_who_can(scene: Scene) -> None:
    """Item 5: nothing is taken off without the wanted state that other runs can see."""
    eni, _ = scene.group(2, size="2")
    scene.apply()
    scene.cloud.faults.add("TagResources:deny")
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "blocked", body["message"]
    assert "multi-eip:hold=release" in body["message"]
    assert scene.changes() == []
    assert scene.attached_to(eni)[0] == "InUse"


def test_the_tag_alone_releases_and_resume_brings_it_back(scene: Scene) -> None:
    """Set by hand, every run drives to it; resume takes it off and serves again."""
    eni, eips = scene.group(2, size="2")
    scene.apply()
    scene.hand.tag("eni", [eni], hold="release")

    undone = scene.apply()
    assert undone["state"] == "released", undone["message"]
    assert scene.bound(eni) == {}

    back = scene.apply(resume=True)
    assert back["state"] == "ready", back["message"]
    assert scene.answering(eips) == [True, True]


def test_a_pause_is_held_by_apply_and_release_alike(scene: Scene) -> None:
    """Any other text: nothing is written until the tag goes."""
    eni, _ = scene.group(2, size="2", hold="moving house")
    scene.forget_events()

    for body in (scene.apply(), scene.release()):
        assert body["state"] == "held", body["message"]
        assert "moving house" in body["message"]
    assert scene.writes() == []
    scene.hand.untag("eni", [eni], "hold")
    assert scene.apply()["state"] == "ready"
    assert GROUP == "web"
