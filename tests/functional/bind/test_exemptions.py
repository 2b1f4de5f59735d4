"""What the `ignore` tag may waive, and what it never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.scene import states

if TYPE_CHECKING:
    from tests.functional.scene import Scene


@pytest.mark.parametrize(
    "rule", ["eni-state", "at-most-ten", "one-mode", "eip-free", "eni-detached-while-binding"]
)
def test_what_protects_somebody_is_never_waived(scene: Scene, rule: str) -> None:
    """Item 8: an EIP that is bound elsewhere stays there, whatever the tag names; the name is a finding."""
    eni, eips = scene.group(11, ignore=rule)
    scene.forget_events()

    body = scene.apply(settle_seconds=0)

    assert body["state"] == "blocked", body["message"]
    assert states(body)["at-most-ten"] == "fail"
    assert states(body)["known-exemptions"] == "fail"
    assert scene.bound(eni) == {}
    assert scene.writes() == []
    assert len(eips) == 11


def test_the_clouds_refusal_is_never_waived(scene: Scene) -> None:
    """Item 8: our list of families may be out of date; what the cloud says about it is not our opinion."""
    instance = scene.hand.another_instance(scene.seeds, kind="ecs.g6.large")
    scene.group(2, size="2", instance=instance, ignore="instance-family")

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert states(body)["instance-family"] == "fail"
    assert "OperationUnsupported.EipBindModel" in body["message"]


def test_what_could_not_be_read_is_never_waived(scene: Scene) -> None:
    """Item 8: the role may not ask for the agent; waiving the rule does not answer for it."""
    scene.group(2, size="2", ignore="assistant-online")
    scene.cloud.faults.add("DescribeCloudAssistantStatus:deny")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert states(body)["assistant-online"] == "unknown"
    assert scene.writes() == []


def test_only_the_enis_own_tag_waives(scene: Scene) -> None:
    """Item 8: the tag of an EIP or an instance has no effect."""
    instance = scene.hand.another_instance(scene.seeds, kind="ecs.g6.large")
    _, eips = scene.group(2, size="2", instance=instance)
    scene.hand.tag("EIP", eips, ignore="instance-family")
    scene.hand.tag("instance", [instance], ignore="instance-family")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert states(body)["instance-family"] == "fail"
    assert scene.writes() == []
