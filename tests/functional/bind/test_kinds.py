"""What looks like a member and is not ours to touch: refused by a rule, whoever asks, and left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.scene import GROUP, states

if TYPE_CHECKING:
    from tests.functional.scene import Scene

TAGS = {"multi-eip_group": GROUP, "multi-eip_detach": "allow", "multi-eip_prune": "allow"}


def an_eni(scene: Scene, kind: str) -> str:
    """Make an ENI of this kind in the group, with every consent."""
    if kind == "managed":
        return scene.cloud.others.managed_eni("eci-uf6example", **TAGS)
    if kind == "on a NAT gateway":
        return scene.cloud.others.eni_on("ngw-uf6example", **TAGS)
    how = {
        "trunk": {"InstanceType": "Trunk"},
        "RDMA": {"NetworkInterfaceTrafficMode": "HighPerformance"},
        "member": {},
    }[kind]
    place = {"VSwitchId": scene.seeds.vswitch, "SecurityGroupId": scene.seeds.security_group}
    asked = {"RegionId": scene.seeds.region, **place, **how}
    made = str(scene.hand.api.call("Ecs", "CreateNetworkInterface", asked)["NetworkInterfaceId"])
    scene.clock.sleep(10)
    scene.hand.tag("eni", [made], GROUP, detach="allow", prune="allow")
    if kind == "member":
        hang_on_a_trunk(scene, made)
    return made


def hang_on_a_trunk(scene: Scene, eni: str) -> None:
    """Attach an ENI through a trunk, as a member."""
    instance = scene.hand.another_instance(scene.seeds, kind="ecs.g5.4xlarge")
    place = {"VSwitchId": scene.seeds.vswitch, "SecurityGroupId": scene.seeds.security_group}
    asked = {"RegionId": scene.seeds.region, **place, "InstanceType": "Trunk"}
    trunk = str(scene.hand.api.call("Ecs", "CreateNetworkInterface", asked)["NetworkInterfaceId"])
    scene.clock.sleep(10)
    scene.hand.attach(trunk, instance)
    pair = {"RegionId": scene.seeds.region, "NetworkInterfaceId": eni, "InstanceId": instance}
    scene.hand.api.call("Ecs", "AttachNetworkInterface", {**pair, "TrunkNetworkInstanceId": trunk})
    scene.clock.sleep(60)
    scene.hand.tag("instance", [instance], GROUP)


@pytest.mark.parametrize("action", ["plan", "apply", "release"])
@pytest.mark.parametrize("kind", ["member", "trunk", "RDMA", "managed", "on a NAT gateway"])
def test_an_eni_of_another_kind_is_refused_whoever_asks(scene: Scene, kind: str, action: str) -> None:
    """Case c08: with consent to detach, a member would come back as an ordinary ENI."""
    an_eni(scene, kind)
    scene.hand.eips(2, GROUP)
    before = scene.picture()

    body = scene.bind({"group": GROUP, "action": action})

    assert body["state"] == "blocked"
    assert states(body)["eni-secondary"] == "fail"
    assert scene.picture() == before


def test_an_eip_that_a_service_manages_is_refused(scene: Scene) -> None:
    """Case c13: it is Available, and not ours."""
    scene.group(1)
    managed = scene.cloud.others.managed_eip(**{"multi-eip_group": GROUP})

    body = scene.plan()

    (told,) = [finding for finding in body["findings"] if finding["rule"] == "eip-free"]
    assert told["status"] == "fail"
    assert f"{managed} is managed by a cloud service" in told["message"]


def test_an_eip_on_a_nat_gateway_is_not_taken_away(scene: Scene) -> None:
    """NAT gateways have EIPs in the same mode: what an EIP is bound to decides, not its mode."""
    scene.group(1, instance=None)
    (eip,) = scene.hand.eips(1, GROUP)
    gateway = scene.cloud.others.target("Nat")
    asked = {"AllocationId": eip, "InstanceId": gateway, "InstanceType": "Nat"}
    scene.hand.api.call("Vpc", "AssociateEipAddress", {"RegionId": scene.seeds.region, **asked})
    scene.clock.sleep(60)

    body = scene.plan()

    (told,) = [finding for finding in body["findings"] if finding["rule"] == "eip-free"]
    assert f"{eip} is bound to {gateway}" in told["message"]
    assert scene.bound_to(eip) == gateway


def test_a_locked_eip_is_told(scene: Scene) -> None:
    """An unpaid bill locks it."""
    _, eips = scene.group(2)
    scene.cloud.others.lock(eips[0])

    body = scene.plan()

    (told,) = [finding for finding in body["findings"] if finding["rule"] == "eip-free"]
    assert f"{eips[0]} is locked (financial" in told["message"]


def test_a_release_takes_no_eni_with_an_eip_in_another_mode_off(scene: Scene) -> None:
    """Case c09: the EIP is bound in NAT mode, so nothing on the ENI is ours; it stays where it is."""
    eni, (eip,) = scene.group(1)
    asked = {"AllocationId": eip, "InstanceId": eni, "InstanceType": "NetworkInterface", "Mode": "NAT"}
    scene.hand.api.call("Vpc", "AssociateEipAddress", {"RegionId": scene.seeds.region, **asked})
    scene.clock.sleep(60)
    scene.hand.attach(eni, scene.seeds.instance)
    before = scene.picture()

    body = scene.release()

    assert body["state"] == "blocked"
    assert states(body)["one-mode"] == "fail"
    assert scene.picture() == before
