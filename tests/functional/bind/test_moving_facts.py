"""Refusals that rest on facts that move, and answers that have another form, in the middle of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.between import Between
from tests.functional.in_process import InProcess
from tests.functional.scene import steps, tried

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene


@pytest.mark.parametrize(
    "fault",
    [
        "AssociateEipAddressBatch:error:code=Eni.Attached",
        "AssociateEipAddressBatch:error:code=InvalidAllocationId.NotFound",
        "AssociateEipAddressBatch:error:code=Mode.Conflict",
        "AssociateEipAddressBatch:error:code=QuotaExceed.MultiBindedEip",
        "AttachNetworkInterface:error:code=EniPerInstanceLimitExceeded",
        "AttachNetworkInterface:error:code=InvalidEniId.NotFound",
    ],
)
def test_a_refusal_by_facts_is_looked_at_once_more(scene: Scene, fault: str) -> None:
    """Item 11: refused once, and the facts do not bear it out: the run goes on to ready."""
    _, eips = scene.group(2, size="2")
    scene.cloud.faults.add(f"{fault},times=1")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]


def test_the_same_refusal_on_fresh_facts_is_final(scene: Scene) -> None:
    """Item 11: twice, and no more."""
    scene.group(1, size="1")
    scene.cloud.faults.add("AttachNetworkInterface:error:code=EniPerInstanceLimitExceeded")

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert "eni-room" in body["message"]
    assert tried(body)["AttachNetworkInterface"] == 2
    assert scene.queue.waiting == []


@pytest.mark.parametrize("action", ["DescribeEipGatewayInfo", "DescribeInvocationResults", "RunCommand"])
def test_an_answer_in_another_form_ends_with_a_result(scene: Scene, action: str) -> None:
    """Item 13 (cases/cloud/c04): what was done before is told, the state is failed, the reason is there."""
    scene.group(2, size="2")
    odd: Json = {"RequestId": "x", "Code": "200", "Message": "successful"}
    api = Between(InProcess(scene.cloud)).answer(action, lambda _: odd)

    body = scene.bind(api=api)

    assert body["state"] == "failed", body["message"]
    assert body["changed"] is True
    assert ("Associate", "done") in steps(body)
    assert body["message"]


def test_a_list_in_another_form_in_the_middle_of_a_run_ends_with_a_result(scene: Scene) -> None:
    """Item 13: the ENI's list loses its form after the batch; nothing is guessed, the batch is told."""
    scene.group(2, size="2")
    api = Between(InProcess(scene.cloud)).after(
        "AssociateEipAddressBatch",
        lambda: api.answer("DescribeNetworkInterfaces", lambda _: {"RequestId": "x"}),
    )

    body = scene.bind(api=api)

    assert body["state"] in {"blocked", "failed"}, body["message"]
    assert body["changed"] is True
    assert "AttachNetworkInterface" not in api.actions()
    assert body["steps"][0]["step"] == "Associate"
    assert "DescribeNetworkInterfaces" in body["message"]


def test_two_changes_of_another_hand_are_waited_for_one_after_the_other(scene: Scene) -> None:
    """The ENI comes to rest, and then an EIP is what moves: each is read while it is waited for."""
    eni, (eip,) = scene.group(1, size="1")
    hand = scene.hand
    bound = {"AllocationId": eip, "InstanceId": eni, "InstanceType": "NetworkInterface"}
    hand.api.call("Vpc", "AssociateEipAddress", {"RegionId": hand.region, "Mode": "MULTI_BINDED", **bound})
    attached = {"NetworkInterfaceId": eni, "InstanceId": scene.seeds.instance}
    hand.api.call("Ecs", "AttachNetworkInterface", {"RegionId": hand.region, **attached})
    began = scene.clock.monotonic()

    body = scene.apply()

    assert (body["state"], body["changed"]) == ("ready", True), body["message"]
    assert scene.clock.monotonic() - began < 15.0
    assert scene.answering([eip]) == [True]
