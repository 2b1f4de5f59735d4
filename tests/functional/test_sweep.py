"""Whole regions of the local cloud → findings, totals and repairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.functional.sweep_stage import Stage, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator


READS = ("Describe", "List")


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Return an empty stage."""
    made = Stage()
    yield made
    made.close()


def test_an_empty_region_is_read_and_empty(stage: Stage) -> None:
    """Nothing tagged is a complete report of nothing."""
    report = stage.sweep()

    assert report["complete"] is True
    assert (report["totals"]["regions"], report["totals"]["groups"], report["totals"]["loose"]) == (1, 0, 0)


def test_an_unbound_group_is_reported_with_its_failures(stage: Stage) -> None:
    """All rules speak about the group; the result's rules say what is missing."""
    eni, eips = stage.group("web")
    stage.hand.tag("instance", [stage.seeds.instance], "web")

    report = stage.sweep()

    (group,) = report["regions"][0]["groups"]
    assert (group["enis"], sorted(group["eips"]), group["instances"]) == (
        [eni],
        sorted(eips),
        [stage.seeds.instance],
    )
    assert statuses(report, "web")["group-shape"] == "pass"
    assert statuses(report, "web")["eips-bound"] == "fail"
    assert group["ok"] is False
    assert report["totals"]["by_rule"]["eips-bound"] == {"fail": 1}
    assert report["totals"]["by_region"]["cn-shanghai"]["groups"] == 1


def test_totals_are_the_sums_of_what_is_listed(stage: Stage) -> None:
    """Each finding is counted once, by status."""
    stage.group("a")
    stage.group("b", eips=11)

    report = stage.sweep()

    listed = [f for region in report["regions"] for group in region["groups"] for f in group["findings"]]
    counted = Counter(finding["status"] for finding in listed)
    assert report["totals"]["by_status"] == {
        status: counted[status] for status in report["totals"]["by_status"]
    }
    assert sum(report["totals"]["by_status"].values()) == len(listed) > 0
    assert statuses(report, "b")["at-most-ten"] == "fail"


def test_what_forms_no_group_is_loose(stage: Stage) -> None:
    """A tag value that is no name, and a group without an ENI, name their resources."""
    named = stage.hand.eips(1, "not a name!")
    orphans = stage.hand.eips(2, "orphans")

    loose = stage.sweep()["regions"][0]["loose"]

    assert {tuple(sorted(fault["ids"])) for fault in loose} == {tuple(named), tuple(sorted(orphans))}
    assert any("has no ENI; tag one" in fault["text"] for fault in loose)


def test_a_sweep_never_writes(stage: Stage) -> None:
    """It reads, and runs a command that reads; not even a repair calls anything else of the cloud."""
    eni, eips = stage.group("web")
    stage.hand.tag("instance", [stage.seeds.instance], "web")
    stage.hand.bind(eni, eips)
    stage.hand.attach(eni, stage.seeds.instance)

    stage.sweep({"mode": "repair"})

    assert stage.queue.groups == ["web"]
    assert {a for a in stage.actions() if not a.startswith(READS)} == {"RunCommand"}


def test_many_groups_cost_few_calls(stage: Stage) -> None:
    """Lists are read once for the region; only gateways are asked for one ENI at a time."""
    for number in range(8):
        stage.hand.bind(*stage.group(f"g{number}"))

    report = stage.sweep()

    assert report["totals"]["groups"] == 8
    calls = stage.actions()
    assert calls["DescribeEipGatewayInfo"] == 8
    assert calls.total() - 8 <= 6


def test_an_unreadable_region_stops_no_other(stage: Stage) -> None:
    """It is named with the reason, and the report says that it is not complete."""
    stage.group("web")
    key = stage.cloud.accounts.add_user("sweeper", "LTAI5tLocalSweep00000001", "sweep", allow=("*",))
    stage.api = stage.cloud.api(key)

    report = stage.sweep({"regions": ["cn-nowhere", "cn-shanghai"]})

    assert report["complete"] is False
    assert [each["region"] for each in report["unread"]] == ["cn-nowhere"]
    assert [each["region"] for each in report["regions"]] == ["cn-shanghai"]
    assert report["totals"]["groups"] == 1


def test_a_denied_listing_is_unread_not_empty(stage: Stage) -> None:
    """Without DescribeInstances the cloud answers an empty list; the sweep finds out that it is none."""
    stage.group("web")
    key = stage.cloud.accounts.add_user(
        "half",
        "LTAI5tLocalHalf000000001",
        "half",
        allow=("vpc:*", "ecs:DescribeNetworkInterfaces"),
    )
    stage.api = stage.cloud.api(key)

    report = stage.sweep()

    assert report["complete"] is False
    assert "DescribeInstances" in report["unread"][0]["reason"]


def test_no_region_is_begun_after_the_deadline(stage: Stage) -> None:
    """What is left is named, so that nobody takes the report for the whole."""
    stage.budget_s = 0

    report = stage.sweep({"regions": ["cn-shanghai", "cn-beijing"]})

    assert (report["complete"], report["left"], report["regions"]) == (
        False,
        ["cn-shanghai", "cn-beijing"],
        [],
    )


def test_repairs_are_capped_and_what_is_left_over_is_named(stage: Stage) -> None:
    """The cap holds; the next sweep draws the groups anew, so that none waits for ever."""
    for number in range(6):
        stage.group(f"g{number}")

    report = stage.sweep({"mode": "repair", "max_repairs": 2})

    outcomes = Counter(each["outcome"] for each in report["repairs"]["groups"])
    assert outcomes == {"started": 2, "left-over": 4}
    assert report["totals"]["repairs"] == {"left-over": 4, "started": 2}
    assert len(stage.queue.started) == 2
    seen = set(stage.queue.groups)
    for number in range(20):
        stage.terms = replace(stage.terms, cause=f"later {number}")
        stage.sweep({"mode": "repair", "max_repairs": 2})
        seen |= set(stage.queue.groups)
    assert len(seen) == 6


def test_the_same_sweep_delivered_twice_repairs_once(stage: Stage) -> None:
    """The task id comes from the timer's time, not from the moment of delivery."""
    stage.group("web")

    first = stage.sweep({"mode": "repair"})
    second = stage.sweep({"mode": "repair"})

    assert [each["outcome"] for each in first["repairs"]["groups"]] == ["started"]
    assert [each["outcome"] for each in second["repairs"]["groups"]] == ["collapsed"]
    (payload,) = stage.queue.started.values()
    assert payload == {"region": "cn-shanghai", "group": "web", "action": "apply", "cause": {"sweep": "t1"}}


def test_a_repair_that_cannot_be_queued_is_reported(stage: Stage) -> None:
    """One refusal of Function Compute does not end the sweep."""
    stage.group("a")
    stage.group("b")
    stage.queue.failing = frozenset({"a"})

    report = stage.sweep({"mode": "repair"})

    outcomes = {each["group"]: each["outcome"] for each in report["repairs"]["groups"]}
    assert outcomes == {"a": "failed", "b": "started"}


def test_a_group_that_no_bind_can_mend_is_not_queued(stage: Stage) -> None:
    """Two ENIs in a group need a person."""
    stage.group("web")
    stage.hand.eni(stage.seeds, "web")

    report = stage.sweep({"mode": "repair"})

    assert statuses(report, "web")["group-shape"] == "fail"
    assert report["repairs"]["groups"] == []


def test_only_the_groups_asked_for(stage: Stage) -> None:
    """A group that is nowhere is named as missing."""
    stage.group("a")
    stage.group("b")

    report = stage.sweep({"groups": ["b", "c"]})

    assert [group["group"] for group in report["regions"][0]["groups"]] == ["b"]
    assert report["missing_groups"] == ["c"]


def test_progress_is_logged_as_it_happens(stage: Stage) -> None:
    """A long sweep can be followed, and the findings of a call by timer read in its log."""
    stage.group("web")

    stage.sweep()

    assert [line["event"] for line in stage.lines] == [
        "region begun",
        "cloud read",
        "group not ok",
        "region done",
    ]
    assert "eips-bound" in stage.lines[2]["findings"]
