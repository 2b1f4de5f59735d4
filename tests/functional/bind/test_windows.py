"""A group on a Windows instance, from its first EIP to its release; the script runs in a played Windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.scene import GROUP, states, statuses, steps

if TYPE_CHECKING:
    from tests.functional.scene import Scene


def eips_of_one_gateway(scene: Scene, count: int) -> list[str]:
    """Buy EIPs until there are enough of one subnet, as an operator has to for Windows, and tag these."""
    bought = scene.hand.eips(4 * count)
    chosen = [eip for eip in bought if scene.addresses([eip])[0].startswith("198.51.100.")][:count]
    scene.hand.tag("EIP", chosen, GROUP)
    return chosen


def windows_group(scene: Scene, eips: int = 3, **tags: str) -> tuple[str, list[str]]:
    """Make a group on the seeded Windows instance."""
    eni, _ = scene.group(0, instance=scene.seeds.instance_windows, size=str(eips), **tags)
    return eni, eips_of_one_gateway(scene, eips)


def test_a_fresh_group_answers(scene: Scene) -> None:
    """Bound, attached, configured, and reached from the internet; again, there is nothing to do."""
    _, eips = windows_group(scene)

    body = scene.apply()
    again = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True] * 3
    assert again["state"] == "ready"
    assert not again["changed"]
    assert statuses(scene.sweep(), GROUP)["survives-reboot"] == "pass"


def test_one_eip_is_exchanged(scene: Scene) -> None:
    """The ENI goes and comes, Windows keeps its addresses meanwhile, and in the end has the wanted ones."""
    _, eips = windows_group(scene, detach="allow", prune="allow")
    scene.apply()
    scene.hand.untag("EIP", eips[:1])
    new = eips_of_one_gateway(scene, 1)

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering([*eips[1:], *new]) == [True] * 3
    assert scene.answering(eips[:1]) == [False]
    assert statuses(scene.sweep(), GROUP)["no-stale-address"] == "pass"


def test_a_reboot_changes_nothing(scene: Scene) -> None:
    """DHCP's default route is back with metric 0; the task at the start puts it behind the EIPs' gateway."""
    _, eips = windows_group(scene)
    scene.apply()

    scene.hand.api.call("Ecs", "RebootInstance", {"InstanceId": scene.seeds.instance_windows})
    scene.clock.sleep(300)
    scene.hand.api.call("Ecs", "DescribeInstances", {"RegionId": scene.seeds.region})

    assert scene.answering(eips) == [True] * 3
    assert scene.apply()["state"] == "ready"


def test_release_leaves_the_interface_as_it_was(scene: Scene) -> None:
    """Nothing answers, nothing is bound, and a new apply begins from the start."""
    eni, eips = windows_group(scene)
    scene.apply()

    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert "failed" not in [state for _, state in steps(body)]
    assert scene.bound(eni) == {}
    assert scene.answering(eips) == [False] * 3


def test_a_stopped_assistant_is_told_before_anything_is_touched(scene: Scene) -> None:
    """The same rules as on Linux stand before the first write."""
    windows_group(scene)
    scene.cloud.faults.add("DescribeCloudAssistantStatus:offline")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] in ("blocked", "waiting")
    assert scene.changes() == []
    assert states(body)["assistant-online"] == "fail"
