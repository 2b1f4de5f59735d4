"""What a look has not read as a list is not taken out of a guest: the real handler, with the real SDKs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.scene import GROUP, Scene

if TYPE_CHECKING:
    from tests.functional.handlers import Functions


@pytest.mark.parametrize("stays", [0, 1])
def test_a_short_answer_about_gateways_silences_nobody(functions: Functions, stays: int) -> None:
    """Seed 219986 (item 6): the EIP without a tag stays bound, is in no list that was read, and answers."""
    scene = Scene(functions.local)
    eni, eips = scene.group(2, size="1")
    assert functions("bind", {"action": "apply", "group": GROUP})["state"] == "ready"
    scene.hand.untag("EIP", [eips[stays]])
    functions.local.cloud.faults.add("DescribeEipGatewayInfo:short:times=1")

    body = functions("bind", {"action": "apply", "group": GROUP})

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]
    assert set(scene.bound(eni)) == set(eips)


def test_a_guest_that_has_more_than_is_bound_costs_one_look_and_one_command(scene: Scene) -> None:
    """The EIP has really gone: who applies by hand finds that out, and the guest gives it up."""
    eni, eips = scene.group(2, size="1")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[1:])
    region = {"RegionId": scene.seeds.region}
    asked = {**region, "NetworkInterfaceId": eni, "InstanceId": scene.seeds.instance}
    scene.hand.api.call("Ecs", "DetachNetworkInterface", asked)
    scene.clock.sleep(30)
    unbound = {**region, "AllocationId": eips[1], "InstanceId": eni, "InstanceType": "NetworkInterface"}
    scene.hand.api.call("Vpc", "UnassociateEipAddress", unbound)
    scene.clock.sleep(30)
    scene.hand.attach(eni, scene.seeds.instance)
    scene.clock.sleep(30)

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert [line["calls"] for line in scene.lines if line["event"] == "result"][-1] == 12
    assert scene.sweep({"mode": "repair"})["repairs"]["groups"] == []
