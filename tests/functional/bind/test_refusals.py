"""What a rule refuses before the first write, and what the cloud refuses: nothing changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import SWITCHES, CloudOptions, mock_cloud
from multieip.model.resources import MAX_EIPS
from tests.functional.scene import GROUP, Scene, states, tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.ports import Json

_UNAUTHORISED = next(switch.values for switch in SWITCHES if switch.name == "unauthorised-code")


def _state(scene: Scene) -> Any:  # noqa: ANN401  the local cloud's own state
    return scene.cloud.state(scene.cloud.accounts.main.account_id, scene.seeds.region)


def _primary_eni(scene: Scene) -> None:
    enis = _state(scene).enis.of_instance(scene.seeds.instance)
    scene.hand.tag("eni", [eni.eni_id for eni in enis if eni.kind == "Primary"], GROUP)
    scene.hand.eips(1, GROUP)


def _two_enis(scene: Scene) -> None:
    scene.group()
    scene.hand.eni(scene.seeds, GROUP)


def _two_instances(scene: Scene) -> None:
    scene.group()
    scene.hand.tag("instance", [scene.seeds.instance_windows], GROUP)


def _eleven(scene: Scene) -> None:
    scene.group(MAX_EIPS + 1)


def _other_zone(scene: Scene) -> None:
    region, vpc = scene.seeds.region, scene.seeds.vpc
    zone = next(z for z in scene.cloud.regions[region].zone_ids if z != scene.seeds.zone)
    answer = scene.hand.api.call(
        "Vpc",
        "CreateVSwitch",
        {"RegionId": region, "VpcId": vpc, "ZoneId": zone, "CidrBlock": "10.0.9.0/24"},
    )
    scene.clock.sleep(30)
    parameters = {
        "RegionId": region,
        "VSwitchId": str(answer["VSwitchId"]),
        "SecurityGroupId": scene.seeds.security_group,
        "Tag.1.Key": "multi-eip:group",
        "Tag.1.Value": GROUP,
    }
    scene.hand.api.call("Ecs", "CreateNetworkInterface", parameters)
    scene.hand.eips(2, GROUP)
    scene.hand.tag("instance", [scene.seeds.instance], GROUP)


def _newer_family(scene: Scene) -> None:
    scene.group(instance=_instance(scene, "ecs.g6.large"))


def _instance(scene: Scene, kind: str) -> str:
    parameters = {
        "RegionId": scene.seeds.region,
        "ImageId": "debian_12_0_x64_20G_alibase_20240101.vhd",
        "InstanceType": kind,
        "VSwitchId": scene.seeds.vswitch,
        "SecurityGroupId": scene.seeds.security_group,
    }
    (made,) = scene.hand.api.call("Ecs", "RunInstances", parameters)["InstanceIdSets"]["InstanceIdSet"]
    scene.clock.sleep(300)
    return str(made)


def _associate(scene: Scene, eip: str, kind: str, target: str, mode: str = "NAT") -> None:
    parameters = {
        "RegionId": scene.seeds.region,
        "AllocationId": eip,
        "InstanceType": kind,
        "InstanceId": target,
        "Mode": mode,
    }
    scene.hand.api.call("Vpc", "AssociateEipAddress", parameters)
    scene.clock.sleep(60)


def _nat_on_the_eni(scene: Scene) -> None:
    eni, _ = scene.group()
    _associate(scene, scene.hand.eips(1)[0], "NetworkInterface", eni)


def _bound_elsewhere(scene: Scene) -> None:
    _, eips = scene.group()
    _associate(scene, eips[0], "EcsInstance", scene.seeds.instance_windows)


def _locked_eip(scene: Scene) -> None:
    _, eips = scene.group()
    _state(scene).eips.all[eips[1]].lock_reason = "financial"


def _locked_instance(scene: Scene) -> None:
    scene.group()
    _state(scene).instances[scene.seeds.instance].lock_reason = "security"


def _no_room(scene: Scene) -> None:
    scene.group()
    scene.hand.attach(scene.hand.eni(scene.seeds), scene.seeds.instance)


def _attached(scene: Scene) -> None:
    eni, _ = scene.group()
    scene.hand.attach(eni, scene.seeds.instance)


def _size_that_is_none(scene: Scene) -> None:
    scene.group(size="many")


def _consent_that_is_none(scene: Scene) -> None:
    scene.group(detach="yes")


_CASES: dict[str, tuple[Callable[[Scene], None], str]] = {
    "primary ENI": (_primary_eni, "eni-secondary"),
    "two ENIs": (_two_enis, "group-shape"),
    "two instances": (_two_instances, "group-shape"),
    "eleven EIPs": (_eleven, "at-most-ten"),
    "other zone": (_other_zone, "same-vpc-zone"),
    "sixth generation": (_newer_family, "instance-family"),
    "NAT mode on the ENI": (_nat_on_the_eni, "one-mode"),
    "locked instance": (_locked_instance, "instance-state"),
    "no room": (_no_room, "eni-room"),
    "attached without consent": (_attached, "eni-detached-while-binding"),
    "size that is none": (_size_that_is_none, "group-shape"),
    "consent that is none": (_consent_that_is_none, "group-shape"),
}


@pytest.mark.parametrize("action", ["apply", "plan"])
@pytest.mark.parametrize("case", _CASES)
def test_a_rule_refuses_before_anything_is_written(scene: Scene, case: str, action: str) -> None:
    """The finding names the rule, the ids and the way out; the cloud saw no write, not even a refused one."""
    arrange, rule = _CASES[case]
    arrange(scene)
    scene.forget_events()
    before = scene.picture()

    body = scene.bind({"group": GROUP, "action": action})

    assert body["state"] == "blocked", body["message"]
    assert not body["changed"]
    found = next(finding for finding in body["findings"] if finding["rule"] == rule)
    assert found["status"] == "fail"
    assert found["ids"]
    assert found["remedy"]
    assert rule in body["message"]
    assert _written(body) == {}
    assert scene.writes() == []
    assert scene.picture() == before


@pytest.mark.parametrize("arrange", [_bound_elsewhere, _locked_eip], ids=["bound elsewhere", "locked"])
def test_a_bad_eip_blocks_itself_and_nobody_else(scene: Scene, arrange: Callable[[Scene], None]) -> None:
    """Issue 8, item 1: the other two are bound, attached and served; the result names the bad one."""
    arrange(scene)

    body = scene.apply(settle_seconds=0)

    assert body["state"] == "blocked", body["message"]
    assert states(body)["eip-free"] == "fail"
    assert [eip["rule"] for eip in body["blocked_eips"]] == ["eip-free"]
    assert len(body["served"]) == 2
    assert body["blocked_eips"][0]["id"] not in body["served"]
    assert scene.answering(body["served"]) == [True, True]


def _written(body: Json) -> dict[str, int]:
    return {action: n for action, n in tried(body).items() if not action.startswith("Describe")}


def test_a_region_without_the_mode_is_refused() -> None:
    """By our data, before anything is written."""
    with mock_cloud(CloudOptions(home_region="cn-hangzhou")) as local:
        scene = Scene(local)
        scene.group()
        scene.forget_events()

        body = scene.apply()

    assert body["state"] == "blocked"
    assert states(body)["region-offers-mode"] == "fail"
    assert "cn-hangzhou is not among the regions" in body["message"]
    assert _written(body) == {}


@pytest.mark.parametrize("code", _UNAUTHORISED)
def test_an_account_without_the_mode_is_told_once(scene: Scene, code: str) -> None:
    """No API tells beforehand: one batch is tried, refused, never repeated; that is the finding."""
    scene.cloud.switches.set("unauthorised-code", code)
    scene.cloud.accounts.main.multi_bound = False
    scene.group(size="3")
    scene.forget_events()
    before = scene.picture()

    body = scene.apply()

    assert body["state"] == "blocked"
    assert states(body)["mode-authorised"] == "fail"
    assert code in body["message"]
    assert _written(body) == {"AssociateEipAddressBatch": 1}
    assert scene.writes() == []
    assert scene.picture() == before
    assert scene.queue.waiting == []


@pytest.mark.parametrize(
    ("switch", "value", "rule"),
    [("ipv4-gateway", "present", "vpc-routing"), ("secondary-ips", "refuse", "eni-private-ips")],
)
def test_what_only_the_cloud_knows_becomes_a_rules_finding(
    scene: Scene, switch: str, value: str, rule: str
) -> None:
    """The code that the rule predicts makes it fail, with the cloud's own words."""
    scene.cloud.switches.set(switch, value)
    eni, _ = scene.group(size="3")
    parameters = {"RegionId": scene.seeds.region, "NetworkInterfaceId": eni}
    scene.hand.api.call(
        "Ecs", "AssignPrivateIpAddresses", {**parameters, "SecondaryPrivateIpAddressCount": "1"}
    )
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert states(body)[rule] == "fail"
    assert scene.writes() == []


def test_the_cloud_overrides_our_list_of_families(scene: Scene) -> None:
    """An operator added a family that the cloud does not take: its refusal is that rule's finding."""
    scene.environ["MULTI_EIP_EXTRA_FAMILIES"] = "ecs.g6"
    scene.group(size="3", instance=_instance(scene, "ecs.g6.large"))

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert states(body)["instance-family"] == "fail"
    assert "OperationUnsupported.EipBindModel" in body["message"]
    assert tried(body)["AttachNetworkInterface"] == 1


def test_a_family_that_the_cloud_takes_works_where_the_operator_says_so(scene: Scene) -> None:
    """Our list is data; the setting widens it."""
    scene.cloud.switches.set("family-check", "never")
    scene.environ["MULTI_EIP_EXTRA_FAMILIES"] = "g6"
    scene.group(size="3", instance=_instance(scene, "ecs.g6.large"))

    assert scene.apply()["state"] == "ready"


def test_a_type_that_cannot_be_plugged_while_running_is_told(scene: Scene) -> None:
    """The cloud says so when it is tried; the finding says to stop the instance."""
    scene.group(1, size="1", instance=_instance(scene, "ecs.t5-lc1m2.large"))

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    assert states(body)["instance-state"] == "fail"
    assert "HotPlugNotSupport" in body["message"]


def test_a_silent_assistant_is_waited_for_with_an_end_and_nothing_is_written(scene: Scene) -> None:
    """Issue 8, item 12: some patience, then one chain with growing pauses, at most 60 calls and an end."""
    scene.group(size="3")
    scene.cloud.faults.add("DescribeCloudAssistantStatus:offline")
    scene.forget_events()
    before = scene.picture()

    body = scene.apply()
    total = body["api_calls"]["total"]
    while scene.queue.waiting:
        body = scene.next_turn()
        total += body["api_calls"]["total"]

    assert body["state"] == "blocked", "silent for so long that somebody has to look at it"
    assert "Cloud Assistant" in body["message"]
    assert scene.writes() == []
    assert scene.picture() == before
    assert total <= 120, "60 in the chain, and what the patience of the first run took"


def test_an_assistant_that_comes_online_is_used(scene: Scene) -> None:
    """A guest that boots is waited for, and then the run goes on by itself."""
    scene.group(size="3")
    scene.cloud.faults.add("DescribeCloudAssistantStatus:offline:times=4")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]


def test_an_exempt_rule_does_not_block(scene: Scene) -> None:
    """The operator takes it upon himself; the result shows the finding as exempt."""
    scene.cloud.switches.set("family-check", "never")
    scene.group(size="3", instance=_instance(scene, "ecs.g6.large"), ignore="instance-family")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert states(body)["instance-family"] == "exempt"


@pytest.mark.parametrize(
    ("action", "rule"),
    [
        ("DescribeNetworkInterfaces", "group-shape"),
        ("DescribeEipAddresses", "group-shape"),
        ("DescribeInstances", "group-shape"),
        ("DescribeCloudAssistantStatus", "assistant-online"),
    ],
)
def test_a_missing_permission_is_never_an_empty_list(scene: Scene, action: str, rule: str) -> None:
    """The finding is *unknown*, the message names the RAM action to grant once, and nothing is written."""
    scene.group(size="3")
    scene.cloud.faults.add(f"{action}:deny")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "blocked", body["message"]
    found = next(finding for finding in body["findings"] if finding["rule"] == rule)
    assert found["status"] == "unknown"
    product = "vpc" if "Eip" in action else "ecs"
    assert "denied" in found["message"]
    assert f"grant {product}:{action} to the role of bind, which DEPLOY_BIND_ROLE names" in body["message"]
    assert json.dumps(body).count(f"{product}:{action}") == 1
    assert json.dumps(body).count("Forbidden.RAM") == 1
    assert scene.writes() == []


def test_a_role_that_may_not_read_gateways_is_told_which_right_it_lacks(scene: Scene) -> None:
    """The run stops there and fails with the action; it does not configure a guest with nothing."""
    scene.group(size="3")
    scene.cloud.faults.add("DescribeEipGatewayInfo:deny")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] in {"failed", "blocked"}
    assert "grant vpc:DescribeEipGatewayInfo to the role of bind" in body["message"]
    assert json.dumps(body).count("vpc:DescribeEipGatewayInfo") == 1
    assert "RunCommand" not in scene.writes()


@pytest.mark.parametrize("action", ["AssociateEipAddressBatch", "AttachNetworkInterface", "RunCommand"])
def test_a_write_that_ram_denies_is_tried_once(scene: Scene, action: str) -> None:
    """The run ends at once, with the action and the code; nothing after it is tried."""
    scene.group(size="3")
    scene.cloud.faults.add(f"{action}:deny")

    body = scene.apply()

    assert body["state"] == "failed"
    assert f"{action}: Forbidden.RAM" in body["message"]
    granted = f"{'vpc' if 'Eip' in action else 'ecs'}:{action}"
    assert f"grant {granted} to the role of bind, which DEPLOY_BIND_ROLE names" in body["message"]
    assert json.dumps(body).count(granted) == 1
    assert tried(body)[action] == 1
    assert scene.queue.waiting == []


def test_a_policy_without_any_right_blocks_with_every_reading_named(scene: Scene) -> None:
    """A role that may do nothing gets a finding, not an empty picture."""
    scene.group(size="3")
    scene.key = scene.cloud.accounts.add_user("bob", "LTAI5tLocalUserBob00001", "bob-secret", allow=())
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "blocked"
    for action in ("ecs:DescribeNetworkInterfaces", "vpc:DescribeEipAddresses", "ecs:DescribeInstances"):
        assert action in body["message"]
    assert scene.writes() == []


def test_a_region_that_is_gone_says_why_itself(scene: Scene) -> None:
    """Nothing can be read where no host answers; the rule about regions speaks all the same."""
    body = scene.bind({"region": "ap-south-1", "group": GROUP, "action": "apply"})

    assert body["state"] == "blocked", body["message"]
    assert "region-offers-mode" in body["message"]
    assert body["eips"] == []
