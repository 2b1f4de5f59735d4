"""Whole regions of the local cloud → findings, totals and repairs."""

from __future__ import annotations

import json
from collections import Counter

from multieip.report.text import render_text
from tests.functional.in_process import InProcess
from tests.functional.scene import Scene, statuses

READS = ("Describe", "List")


def test_an_empty_region_is_read_and_empty(scene: Scene) -> None:
    """Nothing tagged is a complete report of nothing."""
    report = scene.sweep()

    assert report["complete"] is True
    assert (report["totals"]["regions"], report["totals"]["groups"], report["totals"]["ungrouped"]) == (
        1,
        0,
        0,
    )


def test_an_unbound_group_is_reported_with_its_failures(scene: Scene) -> None:
    """All rules speak about the group; the result's rules say what is missing."""
    eni, eips = scene.group(2, name="web", instance=None)
    scene.hand.tag("instance", [scene.seeds.instance], "web")

    report = scene.sweep()

    (group,) = report["regions"][0]["groups"]
    assert (group["enis"], sorted(group["eips"]), group["instances"]) == (
        [eni],
        sorted(eips),
        [scene.seeds.instance],
    )
    assert statuses(report, "web")["group-shape"] == "pass"
    assert statuses(report, "web")["eips-bound"] == "fail"
    assert group["ok"] is False
    assert report["totals"]["by_rule"]["eips-bound"] == {"fail": 1}
    assert report["totals"]["by_region"]["cn-shanghai"]["groups"] == 1


def test_totals_are_the_sums_of_what_is_listed(scene: Scene) -> None:
    """Each finding is counted once, by status."""
    scene.group(2, name="a", instance=None)
    scene.group(11, name="b", instance=None)

    report = scene.sweep()

    listed = [f for region in report["regions"] for group in region["groups"] for f in group["findings"]]
    counted = Counter(finding["status"] for finding in listed)
    assert report["totals"]["by_status"] == {
        status: counted[status] for status in report["totals"]["by_status"]
    }
    assert sum(report["totals"]["by_status"].values()) == len(listed) > 0
    assert statuses(report, "b")["at-most-ten"] == "fail"


def test_what_forms_no_group_is_ungrouped(scene: Scene) -> None:
    """A tag value that is no name, and a group without an ENI, name their resources."""
    named = scene.hand.eips(1, "not a name!")
    orphans = scene.hand.eips(2, "orphans")

    ungrouped = scene.sweep()["regions"][0]["ungrouped"]

    assert {tuple(sorted(fault["ids"])) for fault in ungrouped} == {tuple(named), tuple(sorted(orphans))}
    assert any("has no ENI. Tag one" in fault["text"] for fault in ungrouped)


def test_a_sweep_never_writes(scene: Scene) -> None:
    """It reads, and runs a command that reads; not even a repair calls anything else of the cloud."""
    eni, eips = scene.group(2, name="web", instance=None)
    scene.hand.tag("instance", [scene.seeds.instance], "web")
    scene.hand.bind(eni, eips)
    scene.hand.attach(eni, scene.seeds.instance)

    scene.sweep({"mode": "repair"})

    assert scene.queue.groups == ["web"]
    assert {a for a in scene.actions() if not a.startswith(READS)} == {"RunCommand"}


def test_many_groups_cost_few_calls(scene: Scene) -> None:
    """Lists are read once for the region; only gateways are asked for one ENI at a time."""
    for number in range(8):
        scene.hand.bind(*scene.group(2, name=f"g{number}", instance=None))

    report = scene.sweep()

    assert report["totals"]["groups"] == 8
    calls = scene.actions()
    assert calls["DescribeEipGatewayInfo"] == 8
    assert calls.total() - 8 <= 6


def test_an_unreadable_region_stops_no_other(scene: Scene) -> None:
    """It is named with the reason, and the report says that it is not complete."""
    scene.group(2, name="web", instance=None)
    key = scene.cloud.accounts.add_user("sweeper", "LTAI5tLocalSweep00000001", "sweep", allow=("*",))
    scene.api = InProcess(scene.cloud, key)

    report = scene.sweep({"regions": ["cn-nowhere", "cn-shanghai"]})

    assert report["complete"] is False
    assert [each["region"] for each in report["unread"]] == ["cn-nowhere"]
    assert [each["region"] for each in report["regions"]] == ["cn-shanghai"]
    assert report["totals"]["groups"] == 1


def test_a_missing_permission_is_named_once_with_the_setting_of_the_role(scene: Scene) -> None:
    """Two groups and three readings miss it; the report says the action, and whose role lacks it, once."""
    for name in ("web", "mail"):
        scene.group(1, name=name, instance=None)
    scene.cloud.faults.add("DescribeEipAddresses:deny")

    report = scene.sweep({"regions": [scene.seeds.region]})
    text = render_text(report)

    assert text.count("vpc:DescribeEipAddresses") == 1, text
    assert text.count("DEPLOY_SWEEP_ROLE") == 1
    assert [each["grant"] for each in report["not_read"]] == [["vpc:DescribeEipAddresses"]]
    assert json.dumps(report).count("vpc:DescribeEipAddresses") == 2  # the cause, and the policy to paste


def test_a_denied_listing_is_unread_not_empty(scene: Scene) -> None:
    """Without DescribeInstances the cloud answers an empty list; the sweep finds out that it is none."""
    scene.group(2, name="web", instance=None)
    key = scene.cloud.accounts.add_user(
        "half",
        "LTAI5tLocalHalf000000001",
        "half",
        allow=("vpc:*", "ecs:DescribeNetworkInterfaces"),
    )
    scene.api = InProcess(scene.cloud, key)

    report = scene.sweep()

    assert report["complete"] is False
    assert "DescribeInstances" in report["unread"][0]["reason"]


def test_no_region_is_begun_after_the_deadline(scene: Scene) -> None:
    """What is left is named, so that nobody takes the report for the whole."""
    scene.budget_s = 0

    report = scene.sweep({"regions": ["cn-shanghai", "cn-beijing"]})

    assert (report["complete"], report["left"], report["regions"]) == (
        False,
        ["cn-shanghai", "cn-beijing"],
        [],
    )


def test_repairs_are_capped_and_what_is_left_over_is_named(scene: Scene) -> None:
    """The cap holds; the next sweep draws the groups anew, so that none waits for ever."""
    for number in range(6):
        scene.group(2, name=f"g{number}", instance=None)

    report = scene.sweep({"mode": "repair", "max_repairs": 2})

    outcomes = Counter(each["outcome"] for each in report["repairs"]["groups"])
    assert outcomes == {"started": 2, "left-over": 4}
    assert report["totals"]["repairs"] == {"left-over": 4, "started": 2}
    assert len(scene.queue.started) == 2
    seen = set(scene.queue.groups)
    for number in range(20):
        scene.cause = f"later {number}"
        scene.sweep({"mode": "repair", "max_repairs": 2})
        seen |= set(scene.queue.groups)
    assert len(seen) == 6


def test_the_same_sweep_delivered_twice_repairs_once(scene: Scene) -> None:
    """The task id comes from the timer's time, not from the moment of delivery."""
    scene.group(2, name="web", instance=None)

    first = scene.sweep({"mode": "repair"})
    second = scene.sweep({"mode": "repair"})

    assert [each["outcome"] for each in first["repairs"]["groups"]] == ["started"]
    assert [each["outcome"] for each in second["repairs"]["groups"]] == ["collapsed"]
    (payload,) = scene.queue.started.values()
    assert payload == {"region": "cn-shanghai", "group": "web", "action": "apply", "cause": {"sweep": "t1"}}


def test_a_repair_that_cannot_be_queued_is_reported(scene: Scene) -> None:
    """One refusal of Function Compute does not end the sweep."""
    scene.group(2, name="a", instance=None)
    scene.group(2, name="b", instance=None)
    scene.queue.failing = frozenset({"a"})

    report = scene.sweep({"mode": "repair"})

    outcomes = {each["group"]: each["outcome"] for each in report["repairs"]["groups"]}
    assert outcomes == {"a": "failed", "b": "started"}


def test_a_group_that_no_bind_can_mend_is_not_queued(scene: Scene) -> None:
    """Two ENIs in a group need a person."""
    scene.group(2, name="web", instance=None)
    scene.hand.eni(scene.seeds, "web")

    report = scene.sweep({"mode": "repair"})

    assert statuses(report, "web")["group-shape"] == "fail"
    assert report["repairs"]["groups"] == []


def test_only_the_groups_asked_for(scene: Scene) -> None:
    """A group that is nowhere is named as missing."""
    scene.group(2, name="a", instance=None)
    scene.group(2, name="b", instance=None)

    report = scene.sweep({"groups": ["b", "c"]})

    assert [group["group"] for group in report["regions"][0]["groups"]] == ["b"]
    assert report["missing_groups"] == ["c"]


def test_progress_is_logged_as_it_happens(scene: Scene) -> None:
    """A long sweep can be followed, and the findings of a call by timer read in its log."""
    scene.group(2, name="web", instance=None)

    scene.sweep()

    assert [line["event"] for line in scene.said()] == [
        "region begun",
        "cloud read",
        "group not ok",
        "region done",
        "swept",
    ]
    assert "eips-bound" in scene.said()[2]["findings"]
