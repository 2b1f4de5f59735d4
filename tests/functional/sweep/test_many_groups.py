"""A sweep of any size: what is read in turn, what is a line, and how it goes on where time ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.errors import RequestError
from multieip.reference.good_group import AFTER
from multieip.report.line import whole
from multieip.runs.group_report import report_group

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from tests.functional.scene import Scene

LEAN = {"full": False}


def ready(scene: Scene, *names: str) -> None:
    """Make groups ready, each on its own instance."""
    for name in names:
        scene.ready_group(name, scene.hand.another_instance(scene.seeds), eips=1)


def test_gateways_of_groups_that_leave_no_doubt_are_read_once_a_day_each(scene: Scene) -> None:
    """Over a day of hourly sweeps each is read at least once, and in one sweep nearly none is."""
    ready(scene, "a", "b", "c")
    read = []

    for _ in range(24):
        before = scene.actions()["DescribeEipGatewayInfo"]
        report = scene.sweep(LEAN)
        read.append(scene.actions()["DescribeEipGatewayInfo"] - before)
        assert report["totals"]["gateways"] == {"read": read[-1], "trusted": 3 - read[-1]}
        assert report["totals"]["groups_by_status"]["good"] == 3
        scene.clock.sleep(3600)

    assert 3 <= sum(read) <= 6


def test_a_group_in_doubt_has_its_gateways_read(scene: Scene) -> None:
    """The guest has lost an EIP: what it should have is asked for, and the group is repaired."""
    eni, eips = scene.ready_group("web", scene.seeds.instance)
    scene.hand.tag("eni", [eni], prune="allow")
    (joined,) = scene.hand.eips(1, "web")
    scene.hand.tag("eni", [eni], detach="allow")

    report = scene.sweep({**LEAN, "mode": "repair"})

    assert scene.actions()["DescribeEipGatewayInfo"] == 1
    assert joined in report["regions"][0]["groups"][0]["eips"]
    assert scene.queue.groups == ["web"]
    assert len(eips) == 2


def test_a_good_group_is_a_line_that_can_be_written_out(scene: Scene) -> None:
    """In less than 0.6 KB it says what the form in full says, as far as anything is to be said."""
    ready(scene, "web")

    line = scene.sweep(LEAN)
    full = scene.sweep()

    (told,) = line["regions"][0]["good"]
    assert line["regions"][0]["groups"] == []
    assert len(str(told)) < 600
    (written,), (wanted,) = whole(line)["regions"][0]["groups"], full["regions"][0]["groups"]
    assert written.keys() == wanted.keys()
    for key in ("group", "region", "status", "enis", "eips", "instances", "ok", "tags", "successor"):
        assert written[key] == wanted[key], key
    assert [way["links"] for way in written["ways"]] == [way["links"] for way in wanted["ways"]]


def test_time_that_ends_within_a_region_is_gone_on_with(scene: Scene) -> None:
    """Each part reports at least a piece; together they report every group once, and the last is complete."""
    scene.piece = 2
    names = [f"g{number}" for number in range(5)]
    for name in names:
        scene.group(1, name=name, instance=None)
    scene.budget_s = 30
    asked = {**LEAN, "groups": [*names, "nowhere"]}
    told: list[str] = []

    for part in range(1, 10):
        report = scene.sweep(asked)
        told += [group["group"] for region in report["regions"] for group in region["groups"]]
        assert report["part"] == part
        if report["complete"]:
            break
        assert report["continues_as"] in scene.queue.started
        asked = scene.queue.started[report["continues_as"]]

    assert sorted(told) == names
    assert (part, report["continues_as"], report["missing_groups"]) == (3, None, ["nowhere"])


def test_the_cap_on_repairs_holds_over_all_parts(scene: Scene) -> None:
    """What an earlier part has started counts."""
    scene.piece = 2
    for number in range(4):
        scene.group(1, name=f"g{number}", instance=None, size="1")
    scene.budget_s = 30

    first = scene.sweep({**LEAN, "mode": "repair", "max_repairs": 3})
    second = scene.sweep(scene.queue.started[first["continues_as"]])

    outcomes = [each["outcome"] for report in (first, second) for each in report["repairs"]["groups"]]
    assert sorted(outcomes) == ["left-over", "started", "started", "started"]
    assert second["complete"]


def test_a_part_that_cannot_be_started_is_said(scene: Scene) -> None:
    """The report says what is left, and the log why nothing goes on."""
    scene.piece = 1
    for name in ("a", "b"):
        scene.group(1, name=name, instance=None)
    scene.budget_s = 30
    scene.queue.lost = True

    report = scene.sweep(LEAN)

    assert (report["complete"], report["left"], report["continues_as"]) == (False, ["cn-shanghai"], None)
    assert any(line["event"] == "not continued" for line in scene.said())


@pytest.mark.parametrize("cursor", [{}, "x", {"at": "now"}, {"at": "2026-11-26", "cause": "t", "part": 1}])
def test_a_cursor_that_no_sweep_wrote_is_refused(scene: Scene, cursor: object) -> None:
    """It is named as a fault of the request, and nothing is read."""
    with pytest.raises(RequestError, match="cursor is not one that a sweep has written"):
        scene.sweep({"cursor": cursor})


def test_eips_of_this_mode_on_an_eni_without_a_tag_are_told(scene: Scene) -> None:
    """Nobody keeps them: they are in no group, and the report names ENI and addresses."""
    scene.ready_group("web", scene.seeds.instance)
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(2)
    scene.hand.bind(eni, eips)

    (fault,) = scene.sweep()["regions"][0]["ungrouped"]

    assert set(fault["ids"]) == {eni, *eips}
    assert "carries no group tag" in fault["text"]


def test_a_group_that_the_rules_stumble_over_costs_no_other_its_place() -> None:
    """The fault becomes a sentence that the report tells as unread, whatever the fault is."""

    def stumbling(facts: Facts) -> tuple[Finding, ...]:
        raise ZeroDivisionError(f"a rule with a fault, over {facts.group.label}")

    assert not isinstance(report_group(AFTER), str)
    assert "could not be judged (ZeroDivisionError: a rule with a fault" in str(
        report_group(AFTER, stumbling)
    )
