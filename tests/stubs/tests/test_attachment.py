"""Interfaces and instances: creating, attaching, detaching, power; with every refusal in reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_the_life_of_an_interface(local: MockCloud) -> None:
    """Available, Attaching, InUse, Detaching, Available, Deleting, gone; each at its time."""
    hand = Hand(local)
    eni = hand.eni()
    assert hand.eni_status(eni) == "Available"
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    assert hand.eni_status(eni) == "Attaching"
    local.clock.sleep(5)
    flat = hand.ecs("DescribeNetworkInterfaceAttribute", NetworkInterfaceId=eni)
    assert (flat["Status"], flat["Attachment"]["DeviceIndex"]) == ("InUse", 1)
    hand.ecs("DetachNetworkInterface", **hand.pair(eni))
    assert hand.eni_status(eni) == "Detaching"
    local.clock.sleep(5)
    assert hand.eni_status(eni) == "Available"
    hand.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)
    assert hand.eni_status(eni) == "Deleting"
    local.clock.sleep(2)
    assert hand.eni_status(eni) == "gone"
    assert hand.code("Ecs", "DescribeNetworkInterfaceAttribute", NetworkInterfaceId=eni) == (
        "InvalidEniId.NotFound"
    )


@pytest.mark.parametrize("reads", [1, 3])
def test_changes_may_be_driven_by_reading(reads: int) -> None:
    """In mode `reads` the n-th look is the last that sees the old state, whatever the time."""
    with mock_cloud(CloudOptions(transitions="reads", reads=reads)) as local:
        hand = Hand(local)
        eni = hand.eni()
        hand.ecs("AttachNetworkInterface", **hand.pair(eni))
        local.clock.sleep(3600)

        assert [hand.eni_status(eni) for _ in range(reads + 1)] == ["Attaching"] * reads + ["InUse"]


def test_the_guest_sees_the_interface_come_and_go(instant: MockCloud) -> None:
    """The guest's own tools list the interface's address only while it is attached."""
    hand = Hand(instant)
    eni = hand.eni(PrimaryIpAddress="10.0.0.99")
    mac = hand.eni_rows(NetworkInterfaceId__1=eni)[0]["MacAddress"]

    def shown() -> bool:
        return mac in str(hand.result(hand.run("ip addr"))["Output"])

    assert not shown()
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    assert shown()
    hand.ecs("DetachNetworkInterface", **hand.pair(eni))
    assert not shown()


def test_creating_is_refused_for_wrong_places(instant: MockCloud) -> None:
    """Unknown vSwitch and group, taken and foreign addresses, too many of them, a foreign VPC."""
    hand, seeds = Hand(instant), instant.seeds
    vpc = hand.vpc("CreateVpc", CidrBlock="192.168.0.0/16")["VpcId"]
    foreign = hand.vswitch(seeds.zone, "192.168.1.0/29", vpc)
    group = hand.ecs("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    base = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group}

    def code(**changes: str) -> str:
        given = {name: value for name, value in {**base, **changes}.items() if value}
        return hand.code("Ecs", "CreateNetworkInterface", **given)

    assert code(VSwitchId="vsw-no") == "InvalidVSwitchId.NotFound"
    assert code(SecurityGroupId="sg-no") == "InvalidSecurityGroupId.NotFound"
    assert code(SecurityGroupId="") == "MissingParameter"
    assert code(VSwitchId="") == "MissingVSwitchId"
    assert code(VSwitchId=foreign) == "InvalidOperation.VpcMismatch"
    assert code(PrimaryIpAddress="10.0.0.10") == "InvalidPrivateIpAddress.Duplicated"
    assert code(PrimaryIpAddress="10.9.9.9") == "InvalidVSwitchId.IpInvalid"
    assert code(PrimaryIpAddress="10.0.0.255") == "InvalidVSwitchId.IpInvalid"
    assert code(SecondaryPrivateIpAddressCount="11") == "QuotaExceeded.PrivateIpAddress"
    for _ in range(4):
        hand.eni(VSwitchId=foreign, SecurityGroupId=group)
    assert code(VSwitchId=foreign, SecurityGroupId=group) == "InvalidVSwitchId.IpNotEnough"
    instant.cloud.accounts.main.eni_quota = 4
    assert code() == "MaxEniCountExceeded"


def test_attaching_is_refused_for_wrong_partners(instant: MockCloud) -> None:
    """Zone, VPC, kind, state and number of interfaces are checked."""
    hand, seeds = Hand(instant), instant.seeds
    eni, second = hand.eni(), hand.eni()
    elsewhere = hand.eni(VSwitchId=hand.vswitch("cn-shanghai-c", "10.0.7.0/24"))
    vpc = hand.vpc("CreateVpc", CidrBlock="192.168.0.0/16")["VpcId"]
    group = hand.ecs("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    foreign = hand.eni(VSwitchId=hand.vswitch(seeds.zone, "192.168.1.0/24", vpc), SecurityGroupId=group)
    (primary,) = hand.eni_rows(Type="Primary", InstanceId=seeds.instance)

    def code(eni_id: str, instance: str = "") -> str:
        return hand.code("Ecs", "AttachNetworkInterface", **hand.pair(eni_id, instance))

    assert code("eni-no") == "InvalidEniId.NotFound"
    assert code(eni, "i-no") == "InvalidEcsId.NotFound"
    assert code(primary["NetworkInterfaceId"]) == "InvalidOperation.InvalidEniType"
    assert code(elsewhere) == "InvalidOperation.AvailabilityZoneMismatch"
    assert code(foreign) == "InvalidOperation.VpcMismatch"
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    assert code(eni) == "InvalidOperation.InvalidEniState"
    assert code(second) == "EniPerInstanceLimitExceeded"


def test_types_without_hot_plug_have_to_be_stopped(instant: MockCloud) -> None:
    """A burstable instance takes and gives an interface only while it is stopped."""
    hand = Hand(instant)
    eni, small = hand.eni(), hand.instance(InstanceType="ecs.t6-c1m1.large")
    pair = hand.pair(eni, small)
    assert hand.code("Ecs", "AttachNetworkInterface", **pair) == "InvalidOperation.HotPlugNotSupport"
    hand.ecs("StopInstance", InstanceId=small)
    hand.ecs("AttachNetworkInterface", **pair)
    hand.ecs("StartInstance", InstanceId=small)
    assert hand.code("Ecs", "DetachNetworkInterface", **pair) == "InvalidOperation.EniHotPlugNotSupported"


def test_newer_families_do_not_take_multi_bound_eips(instant: MockCloud) -> None:
    """An interface with such EIPs is refused by a g6 when it is attached; the check is a switch."""
    hand = Hand(instant)
    eni, newer = hand.eni(), hand.instance(InstanceType="ecs.g6.large")
    hand.bind(eni, hand.eips(1))
    pair = hand.pair(eni, newer)
    assert hand.code("Ecs", "AttachNetworkInterface", **pair) == "OperationUnsupported.EipBindModel"
    instant.cloud.switches.set("family-check", "never")
    hand.ecs("AttachNetworkInterface", **pair)


def test_detaching_and_deleting_in_the_wrong_state(instant: MockCloud) -> None:
    """Primary, foreign, free and used interfaces have their own refusals; a detach keeps EIPs."""
    hand, seeds = Hand(instant), instant.seeds
    eni, eip = hand.eni(), hand.eip()
    (primary,) = hand.eni_rows(Type="Primary", InstanceId=seeds.instance)
    hand.bind(eni, [eip])

    def code(action: str, **params: str) -> str:
        return hand.code("Ecs", action, **params)

    assert code("DetachNetworkInterface", **hand.pair(eni)) == "InvalidOperation.InvalidEniState"
    assert code("DetachNetworkInterface", **hand.pair(primary["NetworkInterfaceId"])) == (
        "InvalidOperation.DetachPrimaryEniNotAllowed"
    )
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    wrong = hand.pair(eni, seeds.instance_windows)
    assert code("DetachNetworkInterface", **wrong) == "InvalidParameter.EniNotBelongEcs"
    assert code("DeleteNetworkInterface", NetworkInterfaceId=eni) == "InvalidOperation.InvalidEniState"
    hand.ecs("DetachNetworkInterface", **hand.pair(eni))
    assert hand.eip_row(eip)["InstanceId"] == eni
    assert code("DeleteNetworkInterface", NetworkInterfaceId=eni) == "InvalidOperation.Conflict"
    assert code("DeleteNetworkInterface", NetworkInterfaceId="eni-no") == "InvalidEniId.NotFound"


def test_private_addresses_come_and_go(instant: MockCloud) -> None:
    """AssignPrivateIpAddresses names what it gave; the primary address cannot be taken away."""
    hand = Hand(instant)
    eni = hand.eni()
    body = hand.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress__1="10.0.0.200")
    assert body["AssignedPrivateIpAddressesSet"]["PrivateIpSet"] == {"PrivateIpAddress": ["10.0.0.200"]}
    row = hand.eni_rows(NetworkInterfaceId__1=eni)[0]
    assert [each["Primary"] for each in row["PrivateIpSets"]["PrivateIpSet"]] == [True, False]
    many = {"NetworkInterfaceId": eni, "SecondaryPrivateIpAddressCount": "10"}
    assert hand.code("Ecs", "AssignPrivateIpAddresses", **many) == "QuotaExceeded.PrivateIpAddress"
    assert hand.code("Ecs", "AssignPrivateIpAddresses", NetworkInterfaceId=eni) == "MissingParameter"
    primary = {"NetworkInterfaceId": eni, "PrivateIpAddress__1": row["PrivateIpAddress"]}
    assert hand.code("Ecs", "UnassignPrivateIpAddresses", **primary) == "InvalidIp.Primary"
    hand.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress__1="10.0.0.200")
    hand.eni(PrimaryIpAddress="10.0.0.200")


def test_power_and_what_it_does_to_operations(local: MockCloud) -> None:
    """Stop, start and reboot take their time, refuse the wrong state, and block attaching meanwhile."""
    hand, seeds = Hand(local), local.seeds

    def status() -> str:
        rows = hand.ecs("DescribeInstanceStatus", InstanceId__1=seeds.instance)["InstanceStatuses"]
        return str(rows["InstanceStatus"][0]["Status"])

    eni = hand.eni()
    assert hand.code("Ecs", "StartInstance", InstanceId=seeds.instance) == "IncorrectInstanceStatus"
    hand.ecs("StopInstance", InstanceId=seeds.instance)
    assert status() == "Stopping"
    assert hand.code("Ecs", "AttachNetworkInterface", **hand.pair(eni)) == "InvalidOperation.InvalidEcsState"
    bind = {"AllocationId": hand.eip(), "InstanceId": seeds.instance}
    assert hand.code("Vpc", "AssociateEipAddress", **bind) == "InvalidStatus.EcsStatusNotSupport"
    local.clock.sleep(2)
    assert status() == "Stopped"
    started = hand.ecs("StartInstances", InstanceId__1=seeds.instance)
    assert started["InstanceResponses"]["InstanceResponse"][0]["CurrentStatus"] == "Starting"
    local.clock.sleep(2)
    hand.ecs("RebootInstance", InstanceId=seeds.instance)
    assert status() == "Starting"
    local.clock.sleep(2)
    assert status() == "Running"
    assert hand.code("Ecs", "RebootInstance", InstanceId="i-no") == "InvalidInstanceId.NotFound"


def test_deleting_an_instance_deletes_or_frees_its_interfaces(instant: MockCloud) -> None:
    """Interfaces with DeleteOnRelease go with it; others, and those with EIPs, stay."""
    hand = Hand(instant)
    instance = hand.instance(InstanceType="ecs.g5.2xlarge")
    goes, stays, bound = hand.eni(), hand.eni(DeleteOnRelease="false"), hand.eni()
    hand.bind(bound, hand.eips(1))
    for eni in (goes, stays, bound):
        hand.ecs("AttachNetworkInterface", **hand.pair(eni, instance))
    assert hand.code("Ecs", "DeleteInstance", InstanceId=instance) == "IncorrectInstanceStatus"
    hand.ecs("StopInstance", InstanceId=instance)
    hand.ecs("DeleteInstance", InstanceId=instance)

    assert [hand.eni_status(eni) for eni in (goes, stays, bound)] == ["gone", "Available", "Available"]
    assert hand.ecs("DescribeInstances", InstanceIds=f'["{instance}"]')["TotalCount"] == 0
