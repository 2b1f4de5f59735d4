"""A group that `bind` made ready is ready in the eyes of the sweep, and drift is seen by it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.functional.sweep_stage import Stage, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Return an empty stage."""
    made = Stage()
    yield made
    made.close()


def test_a_ready_group_is_ok_and_not_repaired(stage: Stage) -> None:
    """Every rule that speaks says pass, from one generic command instead of a check of its own."""
    stage.ready_group("web", stage.seeds.instance)

    report = stage.sweep({"mode": "repair"})

    said = statuses(report, "web")
    assert {rule for rule, status in said.items() if status in {"fail", "unknown"}} <= {"mode-closed"}
    for rule in ("eips-bound", "eni-attached", "eips-on-interface", "replies-by-own-gateway", "dhcp-on"):
        assert said[rule] == "pass", rule
    assert report["totals"]["ok"] == 1
    assert report["repairs"]["groups"] == []
    assert stage.actions()["RunCommand"] == 1


def test_an_eip_that_lost_its_tag_is_a_foreign_one(stage: Stage) -> None:
    """It is still bound and still in the guest; that is told, and not mended without consent."""
    _, eips = stage.ready_group("web", stage.seeds.instance)
    stage.hand.untag("EIP", eips[:1])

    report = stage.sweep({"mode": "repair"})

    assert statuses(report, "web")["no-foreign-eip"] == "fail"


def test_an_eip_that_joined_is_missing_and_repaired(stage: Stage) -> None:
    """A fourth EIP carries the tag but is not bound: the group is queued for `bind`."""
    eni, _ = stage.ready_group("web", stage.seeds.instance)
    stage.hand.tag("eni", [eni], detach="allow")
    stage.hand.eips(1, "web")

    report = stage.sweep({"mode": "repair"})

    assert statuses(report, "web")["eips-bound"] == "fail"
    assert [each["outcome"] for each in report["repairs"]["groups"]] == ["started"]


def test_a_group_that_waits_for_people_takes_no_repair(stage: Stage) -> None:
    """Two of three EIPs are bound and the ENI is not attached yet: told, but there is nothing to do."""
    eni, eips = stage.group("web", eips=2)
    stage.hand.tag("eni", [eni], size="3")
    stage.hand.tag("instance", [stage.seeds.instance], "web")
    stage.hand.bind(eni, eips)

    waiting = stage.sweep({"mode": "repair"})
    stage.hand.eips(1, "web")
    complete = stage.sweep({"mode": "repair"})

    assert statuses(waiting, "web")["eni-attached"] == "fail"
    assert waiting["repairs"]["groups"] == []
    assert [each["outcome"] for each in complete["repairs"]["groups"]] == ["started"]


def test_the_report_is_json_that_survives_a_round_trip(stage: Stage) -> None:
    """The function's answer is text."""
    stage.ready_group("web", stage.seeds.instance)

    report = stage.sweep()

    assert json.loads(json.dumps(report)) == report
