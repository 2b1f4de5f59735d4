"""Interfaces, EIPs and what they hang on in all the kinds that an account may hold, seen through the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException

from localcloud import CloudOptions, mock_cloud
from tests.stubs.tests.hand import Hand
from tests.stubs.tests.sdk import Sdk

if TYPE_CHECKING:
    from localcloud import MockCloud

TAG = {"Tag__1__Key": "group", "Tag__1__Value": "web"}


@pytest.fixture
def sdk(served: MockCloud) -> Sdk:
    """Give the vendor's SDK as the first account's user."""
    return Sdk(served)


@pytest.fixture
def hand(served: MockCloud) -> Hand:
    """Give an operator's hand on the same cloud."""
    return Hand(served)


def _eni(sdk: Sdk, eni: str) -> dict[str, Any]:
    rows = sdk.ecs("DescribeNetworkInterfaces", NetworkInterfaceId__1=eni)["NetworkInterfaceSets"]
    (row,) = rows["NetworkInterfaceSet"]
    return dict(row)


def _eip(sdk: Sdk, eip: str) -> dict[str, Any]:
    (row,) = sdk.vpc("DescribeEipAddresses", AllocationId=eip)["EipAddresses"]["EipAddress"]
    return dict(row)


def _code(send: Any, action: str, **params: str) -> str:  # noqa: ANN401 - a method of the SDK
    with pytest.raises(ServerException) as caught:
        send(action, **params)
    return str(caught.value.get_error_code())


def test_a_member_hangs_on_a_trunk_and_is_detached_with_it_named(sdk: Sdk, hand: Hand) -> None:
    """A member names its trunk; without that it stays, and the trunk stays while it has one."""
    instance = hand.instance(InstanceType="ecs.g5.4xlarge")
    trunk, eni = hand.eni(InstanceType="Trunk"), hand.eni()
    on_trunk = {**hand.pair(eni, instance), "TrunkNetworkInstanceId": trunk}
    assert _code(sdk.ecs, "AttachNetworkInterface", **on_trunk) == "InvalidOperation.InvalidEniType"
    sdk.ecs("AttachNetworkInterface", **hand.pair(trunk, instance))
    sdk.ecs("AttachNetworkInterface", **on_trunk)

    row = _eni(sdk, eni)
    assert (row["Type"], row["Attachment"]["TrunkNetworkInterfaceId"]) == ("Member", trunk)
    shown = sdk.ecs("DescribeNetworkInterfaceAttribute", NetworkInterfaceId=trunk)
    assert shown["Type"] == "Trunk"
    assert shown["Attachment"]["MemberNetworkInterfaceIds"] == {"MemberNetworkInterfaceId": [eni]}
    assert _code(sdk.ecs, "DetachNetworkInterface", **hand.pair(trunk, instance)) == "HasMemberEniAttached"
    plain = _code(sdk.ecs, "DetachNetworkInterface", **hand.pair(eni, instance))
    assert plain == "InvalidParameter.TrunkNetworkInstanceId"
    sdk.ecs("DetachNetworkInterface", **on_trunk)
    assert _eni(sdk, eni)["Type"] == "Secondary"
    sdk.ecs("DetachNetworkInterface", **hand.pair(trunk, instance))


@pytest.mark.parametrize("kind", ["Trunk", "managed"])
def test_only_a_plain_secondary_takes_the_mode(served: MockCloud, sdk: Sdk, hand: Hand, kind: str) -> None:
    """A trunk and a managed interface are refused like a primary one."""
    eni = hand.eni(InstanceType="Trunk") if kind == "Trunk" else served.cloud.others.managed_eni()

    params = hand.batch(eni, [hand.eip()])
    assert _code(sdk.vpc, "AssociateEipAddressBatch", **params) == "InvalidParameter.EniInstanceId"


def test_an_rdma_interface_leaves_a_stopped_instance_only() -> None:
    """HighPerformance is told, and the detach waits for the stop, unless the switch says otherwise."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as served:
        sdk, hand = Sdk(served), Hand(served)
        eni = hand.eni(NetworkInterfaceTrafficMode="HighPerformance")
        hand.ecs("AttachNetworkInterface", **hand.pair(eni))
        assert _eni(sdk, eni)["NetworkInterfaceTrafficMode"] == "HighPerformance"
        assert (
            _code(sdk.ecs, "DetachNetworkInterface", **hand.pair(eni)) == "InvalidOperation.InvalidEcsState"
        )
        served.cloud.switches.set("rdma-detach", "running")
        sdk.ecs("DetachNetworkInterface", **hand.pair(eni))
        assert _eni(sdk, eni)["Status"] == "Available"


def test_managed_things_are_shown_and_not_to_be_touched(served: MockCloud, sdk: Sdk, hand: Hand) -> None:
    """They say who manages them, an interface hides what it is attached to, and every write is refused."""
    eni = served.cloud.others.managed_eni("eci-uf6example", group="web")
    eip = served.cloud.others.managed_eip(group="web")

    row, public = _eni(sdk, eni), _eip(sdk, eip)
    assert (row["ServiceManaged"], row["ServiceID"], row["Status"]) == (True, 26842, "InUse")
    assert "InstanceId" not in row
    assert (public["ServiceManaged"], public["ServiceID"]) == (1, 26842)
    listed = sdk.vpc("DescribeEipAddresses", ServiceManaged="true", **TAG)["EipAddresses"]["EipAddress"]
    assert [each["AllocationId"] for each in listed] == [eip]
    refused = "InvalidOperation.EniServiceManaged"
    assert _code(sdk.ecs, "DetachNetworkInterface", **hand.pair(eni)) == refused
    assert _code(sdk.ecs, "DeleteNetworkInterface", NetworkInterfaceId=eni) == refused
    assert _code(sdk.ecs, "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni) == refused
    assert _code(sdk.vpc, "ReleaseEipAddress", AllocationId=eip) == "Forbidden"
    assert _code(sdk.vpc, "AssociateEipAddressBatch", **hand.batch(hand.eni(), [eip])) == "Forbidden"


def test_an_interface_may_hang_on_what_is_no_instance(served: MockCloud, sdk: Sdk, hand: Hand) -> None:
    """It is InUse on an id that ECS does not know, and cannot be detached from there."""
    eni = served.cloud.others.eni_on("eci-uf6example")

    assert (_eni(sdk, eni)["InstanceId"], _eni(sdk, eni)["Status"]) == ("eci-uf6example", "InUse")
    assert (
        _code(sdk.ecs, "DetachNetworkInterface", **hand.pair(eni, "eci-uf6example"))
        == "InvalidEcsId.NotFound"
    )
    assert _code(sdk.vpc, "AssociateEipAddressBatch", **hand.batch(eni, [hand.eip()])) == "Eni.Attached"


def test_a_nat_gateway_takes_eips_in_the_same_mode(served: MockCloud, sdk: Sdk, hand: Hand) -> None:
    """Its default mode is MULTI_BINDED, by the single API and by the batch; no gateway tells of them."""
    nat = served.cloud.others.target("Nat")
    first, *rest = hand.eips(3)
    sdk.vpc("AssociateEipAddress", AllocationId=first, InstanceId=nat, InstanceType="Nat")
    batch = {f"InstanceIds__{number}": each for number, each in enumerate(rest, start=1)}
    sdk.vpc("AssociateEipAddressBatch", BindedInstanceId=nat, BindedInstanceType="Nat", **batch)

    rows = sdk.vpc("DescribeEipAddresses", AssociatedInstanceId=nat)["EipAddresses"]["EipAddress"]
    assert {(row["InstanceType"], row["Mode"], row["Status"]) for row in rows} == {
        ("Nat", "MULTI_BINDED", "InUse")
    }
    assert len(rows) == 3
    sdk.vpc("UnassociateEipAddress", AllocationId=first)
    assert _eip(sdk, first)["Status"] == "Available"


def test_a_load_balancer_takes_one_eip(served: MockCloud, sdk: Sdk, hand: Hand) -> None:
    """In NAT mode, and no second one."""
    balancer = served.cloud.others.target("SlbInstance")
    first, second = hand.eips(2)
    bind = {"InstanceId": balancer, "InstanceType": "SlbInstance"}
    sdk.vpc("AssociateEipAddress", AllocationId=first, **bind)

    assert (_eip(sdk, first)["InstanceType"], _eip(sdk, first)["Mode"]) == ("SlbInstance", "NAT")
    refused = _code(sdk.vpc, "AssociateEipAddress", AllocationId=second, **bind)
    assert refused == "InvalidAssociation.Duplicated"


def test_the_own_bandwidth_is_told_in_a_shared_one_only(served: MockCloud, sdk: Sdk, hand: Hand) -> None:
    """`EipBandwidth` comes with the shared bandwidth."""
    eip = hand.eip()
    assert "EipBandwidth" not in _eip(sdk, eip)
    package = served.cloud.others.share(eip, mbit=200)

    row = _eip(sdk, eip)
    assert (row["BandwidthPackageId"], row["BandwidthPackageBandwidth"]) == (package, "200")
    assert row["EipBandwidth"] == "5"


def test_locks_are_shown_and_refuse(served: MockCloud, sdk: Sdk, hand: Hand) -> None:
    """An unpaid EIP is not bound; unlocked it is."""
    eip, eni = hand.eip(), hand.eni()
    served.cloud.others.lock(eip)
    assert _eip(sdk, eip)["BusinessStatus"] == "FinancialLocked"
    refused = _code(sdk.vpc, "AssociateEipAddressBatch", **hand.batch(eni, [eip]))
    assert refused == "Forbidden.FinancialLocked"

    served.cloud.others.lock(eip, "")
    sdk.vpc("AssociateEipAddressBatch", **hand.batch(eni, [eip]))


def test_a_stopped_instance_may_be_free_of_charge(sdk: Sdk, served: MockCloud) -> None:
    """StoppedMode says StopCharging, and Not-applicable again when it runs."""
    instance = served.seeds.instance
    sdk.ecs("StopInstance", InstanceId=instance, StoppedMode="StopCharging")

    def mode() -> str:
        (row,) = sdk.ecs("DescribeInstances", InstanceIds=f'["{instance}"]')["Instances"]["Instance"]
        return str(row["StoppedMode"])

    assert mode() == "StopCharging"
    sdk.ecs("StartInstance", InstanceId=instance)
    assert mode() == "Not-applicable"


@pytest.mark.parametrize(("own", "reached"), [("yes", True), ("no", False)])
def test_the_source_check_may_keep_eips_out(own: str, *, reached: bool) -> None:
    """New interfaces have the check; whether it lets visible EIPs pass is open; without it they pass."""
    switches = {"source-dest-check": "on", "eips-are-own-addresses": own}
    with mock_cloud(CloudOptions(transitions="immediate", switches=switches), http=True) as served:
        sdk, hand = Sdk(served), Hand(served)
        eni, eip = hand.eni(), hand.eip()
        hand.bind(eni, [eip])
        assert _eni(sdk, eni)["SourceDestCheck"] is True

        def routed() -> bool:
            return bool(served.cloud.world.counts())

        assert routed() is reached
        sdk.ecs("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, SourceDestCheck="false")
        assert _eni(sdk, eni)["SourceDestCheck"] is False
        assert routed()
