"""Which groups a sweep starts: those in which a run would change something, and no others."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from multieip.cli.exits import Exit, of_report
from multieip.model.resources import Region
from multieip.runs.rotation import Rotation
from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from tests.functional.scene import Scene

_REPAIR = {"mode": "repair"}


def _due(scene: Scene) -> list[str]:
    scene.queue.forget()
    scene.sweep(_REPAIR)
    return scene.queue.groups


def _want_ready_group_undone(scene: Scene) -> None:
    eni, _ = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    scene.hand.tag("eni", [eni], hold="release")


def test_a_due_prune_is_due(scene: Scene) -> None:
    """Item 16: an EIP lost its tag, both consents are there: a run would unbind it."""
    eni, eips = scene.group(3, size="2", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[2:])

    assert _due(scene) == [GROUP]
    assert scene.next_turn()["state"] == "ready"
    assert set(scene.bound(eni)) == set(eips[:2])
    assert _due(scene) == []


def test_an_eip_that_may_stay_is_not_due(scene: Scene) -> None:
    """Item 16: without `prune` a run would change nothing."""
    _, eips = scene.group(3, size="2")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[2:])

    assert _due(scene) == []


def test_a_guest_that_lost_an_address_is_due(scene: Scene) -> None:
    """Item 16: the cloud is right and the guest is not."""
    _, eips = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    state = scene.cloud.state(scene.cloud.accounts.main.account_id, scene.seeds.region)
    state.instances[scene.seeds.instance].guest.take_away(IPv4Address(scene.addresses(eips)[0]))

    assert _due(scene) == [GROUP]
    assert scene.next_turn()["state"] == "ready"
    assert scene.answering(eips) == [True, True]


def test_groups_that_wait_are_held_or_are_being_bound_are_not_due(scene: Scene) -> None:
    """Item 16: nobody starts again what only waits, what is on hold, and what is under way right now."""
    scene.group(2, name="waits", instance=None, size="3")
    scene.bind({"group": "waits", "action": "apply"})
    scene.group(2, name="held", instance=None, hold="maintenance")
    eni, eips = scene.group(2, name="bound-now", instance=None, size="2")
    scene.cloud.faults.add("AssociateEipAddressBatch:stuck")
    scene.hand.bind(eni, eips)

    assert _due(scene) == []


def test_an_eni_that_a_killed_run_left_off_is_due(scene: Scene) -> None:
    """Item 16: what is bound goes on again, although another member is blocked."""
    eni, eips = scene.group(2, size="2")
    scene.hand.bind(eni, eips)
    state = scene.cloud.state(scene.cloud.accounts.main.account_id, scene.seeds.region)
    (bad,) = scene.hand.eips(1, GROUP)
    state.eips.all[bad].lock_reason = "financial"

    assert _due(scene) == [GROUP]
    body = scene.next_turn()
    assert body["state"] == "blocked", body["message"]
    assert body["served"] == sorted(eips)
    assert _due(scene) == []


def test_a_group_that_is_wanted_undone_is_due_until_it_is(scene: Scene) -> None:
    """Item 5: the sweep finishes a release whose run died."""
    _want_ready_group_undone(scene)

    assert _due(scene) == [GROUP]
    assert scene.next_turn()["state"] == "released"
    assert _due(scene) == []


def test_lists_and_a_guest_without_doubt_do_not_hide_what_is_wanted_undone(scene: Scene) -> None:
    """Item 5: nor does a timer's sweep that leaves the gateways of such a group for another hour."""
    _want_ready_group_undone(scene)
    scene.queue.forget()
    while Rotation(scene.clock.now(), 24).is_due(Region(scene.seeds.region), GROUP):
        # In the hour that is the group's own its gateways are read.
        scene.clock.sleep(3600)

    report = scene.sweep({**_REPAIR, "full": False})

    assert report["totals"]["gateways"] == {"read": 0, "trusted": 1}
    assert scene.queue.groups == [GROUP]
    assert scene.next_turn()["state"] == "released"


def test_a_group_that_was_released_on_purpose_is_no_finding(scene: Scene) -> None:
    """Its EIPs are to answer nobody: none of them is silent, and the exit status is clean."""
    _want_ready_group_undone(scene)
    assert _due(scene) == [GROUP]
    assert scene.next_turn()["state"] == "released"

    report = scene.sweep()

    (group,) = report["regions"][0]["groups"]
    assert (group["status"], group["ok"]) == ("held", True)
    assert report["totals"]["eips"] == {"members": 2, "silent": 0}
    assert [way["links"]["bound"] for way in group["ways"]] == ["fail", "fail"]
    assert of_report(report) is Exit.CLEAN
