"""A group that `bind` made ready is ready in the eyes of the sweep, and drift is seen by it."""

from __future__ import annotations

import json

from tests.functional.scene import Scene, statuses


def test_a_ready_group_is_ok_and_not_repaired(scene: Scene) -> None:
    """Every rule that speaks says pass, from one generic command instead of a check of its own."""
    scene.ready_group("web", scene.seeds.instance)

    report = scene.sweep({"mode": "repair"})

    said = statuses(report, "web")
    assert {rule for rule, status in said.items() if status in {"fail", "unknown"}} <= {"mode-closed"}
    for rule in ("eips-bound", "eni-attached", "eips-on-interface", "replies-by-own-gateway", "dhcp-on"):
        assert said[rule] == "pass", rule
    assert report["totals"]["ok"] == 1
    assert report["repairs"]["groups"] == []
    assert scene.actions()["RunCommand"] == 1


def test_an_eip_that_lost_its_tag_is_a_foreign_one(scene: Scene) -> None:
    """It is still bound and still in the guest; that is told, and not mended without consent."""
    _, eips = scene.ready_group("web", scene.seeds.instance)
    scene.hand.untag("EIP", eips[:1])

    report = scene.sweep({"mode": "repair"})

    assert statuses(report, "web")["no-foreign-eip"] == "fail"


def test_an_eip_that_joined_is_missing_and_repaired(scene: Scene) -> None:
    """A fourth EIP carries the tag but is not bound: the group is queued for `bind`."""
    eni, _ = scene.ready_group("web", scene.seeds.instance)
    scene.hand.tag("eni", [eni], detach="allow")
    scene.hand.eips(1, "web")

    report = scene.sweep({"mode": "repair"})

    assert statuses(report, "web")["eips-bound"] == "fail"
    assert [each["outcome"] for each in report["repairs"]["groups"]] == ["started"]


def test_a_group_that_waits_for_people_takes_no_repair(scene: Scene) -> None:
    """Two of three EIPs are bound and the ENI is not attached yet: told, but there is nothing to do."""
    eni, eips = scene.group(2, name="web", instance=None)
    scene.hand.tag("eni", [eni], size="3")
    scene.hand.tag("instance", [scene.seeds.instance], "web")
    scene.hand.bind(eni, eips)

    waiting = scene.sweep({"mode": "repair"})
    scene.hand.eips(1, "web")
    complete = scene.sweep({"mode": "repair"})

    assert statuses(waiting, "web")["eni-attached"] == "fail"
    assert waiting["repairs"]["groups"] == []
    assert [each["outcome"] for each in complete["repairs"]["groups"]] == ["started"]


def test_the_report_is_json_that_survives_a_round_trip(scene: Scene) -> None:
    """The function's answer is text."""
    scene.ready_group("web", scene.seeds.instance)

    report = scene.sweep()

    assert json.loads(json.dumps(report)) == report
