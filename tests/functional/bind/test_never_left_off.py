"""A working ENI is never left off: whatever goes wrong after our own detach, what is bound goes on again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from multieip.errors import RefusedError
from tests.functional.between import Between, KilledError
from tests.functional.in_process import InProcess
from tests.functional.scene import GROUP, Scene, steps

if TYPE_CHECKING:
    from multieip.ports import Json


def _three_and_a_fourth(scene: Scene) -> tuple[str, list[str], str]:
    """Make three EIPs serve, and tag a fourth for the same ENI."""
    eni, eips = scene.group(3, size="3", detach="allow")
    assert scene.apply()["state"] == "ready"
    (new,) = scene.hand.eips(1, GROUP)
    scene.hand.tag("eni", [eni], size="4")
    scene.forget_events()
    return eni, eips, new


def _serves(scene: Scene, eni: str, eips: list[str]) -> bool:
    on = scene.attached_to(eni) == ("InUse", scene.seeds.instance)
    return on and scene.answering(eips) == [True] * len(eips)


def _tags(scene: Scene, eip: str) -> Json:
    found = scene.hand.api.call(
        "Vpc", "DescribeEipAddresses", {"RegionId": scene.seeds.region, "AllocationId": eip}
    )
    (row,) = found["EipAddresses"]["EipAddress"]
    return {tag["Key"]: tag["Value"] for tag in row["Tags"]["Tag"]}


@pytest.mark.parametrize(
    "code", ["OperationDenied", "QuotaExceed.MultiBindedEip", "InvalidEIPStatus.BizDisabled"]
)
def test_an_eip_that_the_cloud_refuses_after_the_detach_costs_nobody_else(scene: Scene, code: str) -> None:
    """Item 1: the three are back, the fourth is told and remembered; no later run detaches for it."""
    eni, eips, new = _three_and_a_fourth(scene)
    for action in ("AssociateEipAddressBatch", "AssociateEipAddress"):
        scene.cloud.faults.add(f"{action}:error:code={code}")

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert (body["served"], body["restored"]) == (sorted(eips), True)
    assert _serves(scene, eni, eips)
    assert new in {eip["id"] for eip in body["blocked_eips"]} or code in body["message"]

    scene.cloud.faults.clear()
    scene.forget_events()
    again = scene.apply()
    if _tags(scene, new).get("multi-eip:refused"):
        assert scene.changes() == [], "taking the tag off is: try again"
        assert again["state"] == "blocked"
        scene.hand.untag("EIP", [new], "refused")
        again = scene.apply()
    assert again["state"] == "ready", again["message"]
    assert _serves(scene, eni, [*eips, new])


@pytest.mark.parametrize("action", ["AssociateEipAddressBatch", "DescribeEipGatewayInfo"])
def test_a_permission_that_is_missing_after_the_detach_ends_attached(scene: Scene, action: str) -> None:
    """Item 1: the role may not bind, or may not read gateways any more: failed, and what served serves."""
    eni, eips, _ = _three_and_a_fourth(scene)
    scene.cloud.faults.add(f"{action}:deny:since=DetachNetworkInterface")

    body = scene.apply()

    assert body["state"] == "failed", body["message"]
    assert body["restored"] is True
    assert _serves(scene, eni, eips)


def test_an_eip_that_is_released_meanwhile_blocks_nobody(scene: Scene) -> None:
    """Item 1: gone between the look and the batch; the group of three goes on again."""
    eni, eips, new = _three_and_a_fourth(scene)
    parameters = {"RegionId": scene.seeds.region, "AllocationId": new}
    gone = Between(InProcess(scene.cloud)).before(
        "AssociateEipAddressBatch", lambda: scene.hand.api.call("Vpc", "ReleaseEipAddress", parameters)
    )

    body = scene.bind(api=gone)

    assert body["state"] in {"ready", "waiting"}, body["message"]
    assert _serves(scene, eni, eips)


def test_an_eip_that_hangs_is_not_waited_for_by_the_others(scene: Scene) -> None:
    """Item 1: after two minutes in Associating it is blocked, and the ENI goes on with the three."""
    eni, eips, new = _three_and_a_fourth(scene)
    scene.cloud.faults.add("AssociateEipAddressBatch:stuck")
    started = scene.clock.monotonic()

    body = scene.apply()

    assert _serves(scene, eni, eips), body["message"]
    assert scene.clock.monotonic() - started < 400
    assert [eip["id"] for eip in body["blocked_eips"]] == [new]


def test_an_instance_that_refuses_the_eni_gets_it_not_and_the_old_one_has_it_back(scene: Scene) -> None:
    """Item 1: moved to another instance, refused there for good: back where it was, with its EIPs."""
    old = scene.seeds.instance
    eni, eips = scene.group(2, size="2", detach="allow")
    assert scene.apply()["state"] == "ready"
    other = scene.hand.another_instance(scene.seeds)
    scene.hand.untag("instance", [old])
    scene.hand.tag("instance", [other], GROUP)

    class Refusing(Between):
        """Refuses the ENI on the new instance."""

        def call(self, product, action, params):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if action == "AttachNetworkInterface" and params["InstanceId"] == other:
                raise RefusedError(action, "EniPerInstanceLimitExceeded", "no room", http_status=403)
            return super().call(product, action, params)

    body = scene.bind(api=Refusing(InProcess(scene.cloud)))

    assert body["state"] in {"blocked", "failed"}, body["message"]
    assert "EniPerInstanceLimitExceeded" in body["message"]
    assert scene.attached_to(eni) == ("InUse", old)
    assert scene.answering(eips) == [True, True]
    assert body["restored"] is True


def test_a_run_killed_after_the_detach_is_finished_although_a_bad_eip_was_tagged_meanwhile(
    scene: Scene,
) -> None:
    """Item 1: somebody else's fault does not keep the three off."""
    eni, eips, new = _three_and_a_fourth(scene)
    with pytest.raises(KilledError):
        scene.bind(api=Between(InProcess(scene.cloud)).killed_after("DetachNetworkInterface"))
    scene.clock.sleep(60)
    assert scene.attached_to(eni)[0] == "Available"
    state = scene.cloud.state(scene.cloud.accounts.main.account_id, scene.seeds.region)
    state.eips.all[new].lock_reason = "financial"

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert body["served"] == sorted(eips)
    assert _serves(scene, eni, eips)


def test_a_group_that_becomes_invalid_after_the_detach_is_put_back_first(scene: Scene) -> None:
    """Item 1: a second ENI is tagged between detach and batch; the end is blocked, and attached."""
    eni, eips, _ = _three_and_a_fourth(scene)
    wrong = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.tag("eni", [eni], size="many")
    )

    body = scene.bind(api=wrong)

    assert body["state"] == "blocked", body["message"]
    assert body["restored"] is True
    assert _serves(scene, eni, eips)


def test_a_pause_between_detach_and_batch_lets_the_run_put_it_back_once(scene: Scene) -> None:
    """Item 1: nothing new is bound under a pause, and nothing stays off."""
    eni, eips, new = _three_and_a_fourth(scene)
    paused = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.tag("eni", [eni], hold="maintenance")
    )

    body = scene.bind(api=paused)

    assert body["state"] == "held", body["message"]
    assert new not in scene.bound(eni)
    assert _serves(scene, eni, eips)
    assert body["restored"] is True


def test_before_the_first_detach_the_guest_has_answered(scene: Scene) -> None:
    """Item 1: an agent that is silent is found out while everything still serves; nothing is taken off."""
    eni, eips, _ = _three_and_a_fourth(scene)
    scene.cloud.faults.add("RunCommand:offline")

    body = scene.apply()

    assert "DetachNetworkInterface" not in scene.writes()
    assert body["state"] == "failed"
    assert "nothing was taken off" in body["message"]
    assert _serves(scene, eni, eips)


def test_a_run_without_time_to_put_it_back_leaves_the_detach_to_the_next(scene: Scene) -> None:
    """Item 14: a detach begins with at least 300 seconds left, else the next turn does it."""
    _, eips, new = _three_and_a_fourth(scene)

    first = scene.bind(limit_s=200.0)

    assert "DetachNetworkInterface" not in scene.writes()
    assert first["continues_as"]
    body = scene.next_turn()
    assert body["state"] == "ready", body["message"]
    assert scene.answering([*eips, new]) == [True] * 4


def test_what_is_owed_is_handed_over_with_the_turn(scene: Scene) -> None:
    """Item 14: time ends while the ENI is off; the next turn knows, and puts it back."""
    eni, eips, new = _three_and_a_fourth(scene)
    slow = Between(InProcess(scene.cloud)).after("DetachNetworkInterface", lambda: scene.clock.sleep(581))

    first = scene.bind(api=slow)

    assert scene.queue.waiting, first["message"]
    payload = scene.queue.waiting[0]
    assert payload["owes"] == {"instance": scene.seeds.instance, "detaches": 1}
    body = scene.next_turn()
    assert body["state"] == "ready", body["message"]
    assert _serves(scene, eni, [*eips, new])
    assert ("Attach", "done") in steps(body)


@pytest.mark.parametrize(("turns", "ended"), [("2", ("waiting", 1)), ("1", ("failed", 0))])
def test_a_turn_that_cannot_look_leaves_what_is_owed_to_the_next_one_if_there_is_one(
    scene: Scene, turns: str, ended: tuple[str, int]
) -> None:
    """The chain of turns has an end; then the sweep finds the ENI off."""
    scene.ready_group(GROUP, scene.seeds.instance)
    scene.environ["MULTI_EIP_MAX_TURNS"] = turns
    scene.cloud.faults.add("DescribeNetworkInterfaces:error:code=ServiceUnavailable,status=503")

    body = scene.apply(turn=1, owes={"instance": scene.seeds.instance, "detaches": 1})

    assert (body["state"], len(scene.queue.waiting)) == ended, body["message"]
    assert "could not be read" in body["message"]


def test_what_cannot_be_read_after_the_detach_is_waited_for_and_then_what_served_serves(scene: Scene) -> None:
    """Item 1: the new EIP's list stays unread; patience ends, and the three go on."""
    eni, eips, _ = _three_and_a_fourth(scene)
    scene.cloud.faults.add("DescribeInstances:html:since=DetachNetworkInterface")

    body = scene.apply()

    assert body["restored"] is True, body["message"]
    assert _serves(scene, eni, eips)


def test_an_eni_that_another_hand_took_off_is_left_alone_for_fifteen_seconds(scene: Scene) -> None:
    """Somebody may be at work; whoever comes as a run looks once more before it puts the ENI on."""
    eni, eips = scene.ready_group(GROUP, scene.seeds.instance)
    off = {"NetworkInterfaceId": eni, "InstanceId": scene.seeds.instance, "RegionId": scene.seeds.region}
    scene.hand.api.call("Ecs", "DetachNetworkInterface", off)
    scene.clock.sleep(30)
    began = scene.clock.monotonic()
    put_on: list[float] = []
    api = Between(scene.api).before(
        "AttachNetworkInterface", lambda: put_on.append(scene.clock.monotonic() - began)
    )

    assert scene.bind(api=api)["state"] == "ready"

    assert [int(moment) for moment in put_on] == [15]
    assert _serves(scene, eni, eips)


def test_a_run_changes_twice_where_more_comes_while_it_is_at_work(scene: Scene) -> None:
    """A fifth EIP comes as the ENI goes on with the fourth: one more interruption, and no third."""
    eni, eips, fourth = _three_and_a_fourth(scene)
    (fifth,) = scene.hand.eips(1)
    api = Between(InProcess(scene.cloud)).after(
        "AttachNetworkInterface", lambda: scene.hand.tag("EIP", [fifth], GROUP)
    )

    body = scene.bind(api=api)

    assert body["state"] == "ready", body["message"]
    assert scene.changes().count("DetachNetworkInterface") == 2
    assert _serves(scene, eni, [*eips, fourth, fifth])


class _Refusing(Between):
    """Refuses the ENI on every instance once it is off."""

    def call(self, product, action, params):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if action == "AttachNetworkInterface":
            self.sent.append((action, params))
            raise RefusedError(action, "EniPerInstanceLimitExceeded", "no room", http_status=403)
        return super().call(product, action, params)


@pytest.mark.parametrize("moved", [False, True])
def test_an_eni_that_nobody_takes_is_tried_where_it_belongs_and_where_it_was(
    scene: Scene, *, moved: bool
) -> None:
    """Then the run ends and says which ENI is off, and why; a person has to make room."""
    _three_and_a_fourth(scene)
    if moved:
        scene.hand.untag("instance", [scene.seeds.instance])
        scene.hand.tag("instance", [scene.hand.another_instance(scene.seeds)], GROUP)
    api = _Refusing(InProcess(scene.cloud))

    body = scene.bind(api=api)

    assert body["left_detached"] == "it could not be attached again"
    assert "no room" in body["message"]
    tried = Counter(asked["InstanceId"] for action, asked in api.sent if action == "AttachNetworkInterface")
    # Twice on fresh facts where it is wanted, and then once or twice to put back what was taken off.
    assert sorted(tried.values()) == ([2, 2] if moved else [3])
