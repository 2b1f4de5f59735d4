"""Binding EIPs: the life cycle, and every refusal that the documents name and this cloud can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_the_life_of_an_eip(local: MockCloud) -> None:
    """Available, Associating, InUse, Unassociating, Available, Releasing, gone; each at its time."""
    hand = Hand(local)
    eni, eip = hand.eni(), hand.eip(Name="first", Bandwidth="10")
    row = hand.eip_row(eip)
    assert (row["Status"], row["Name"], row["Bandwidth"], row["InstanceId"]) == (
        "Available",
        "first",
        "10",
        "",
    )
    hand.bind(eni, [eip])
    assert hand.eip_row(eip)["Status"] == "Associating"
    local.clock.sleep(6)
    row = hand.eip_row(eip)
    assert (row["Status"], row["Mode"], row["InstanceType"]) == ("InUse", "MULTI_BINDED", "NetworkInterface")
    assert row["PrivateIpAddress"] == hand.eni_rows(NetworkInterfaceId__1=eni)[0]["PrivateIpAddress"]
    hand.vpc("UnassociateEipAddress", AllocationId=eip)
    assert hand.eip_row(eip)["Status"] == "Unassociating"
    local.clock.sleep(6)
    row = hand.eip_row(eip)
    assert (row["Status"], row["Mode"], row["InstanceId"]) == ("Available", "", "")
    hand.vpc("ReleaseEipAddress", AllocationId=eip)
    assert hand.eip_row(eip)["Status"] == "Releasing"
    local.clock.sleep(1)
    assert hand.eip_rows() == []


def test_neighbouring_eips_have_different_gateways(instant: MockCloud) -> None:
    """EIPs come from the gateways' subnets in turn, and the gateway is the subnet's first address."""
    hand = Hand(instant)
    eni, eips = hand.eni(), hand.eips(4)
    hand.bind(eni, eips)
    rows = hand.vpc("DescribeEipGatewayInfo", InstanceId=eni)
    assert (rows["Code"], rows["Message"]) == ("200", "successful")
    found = {(row["IpGw"], row["IpMask"]) for row in rows["EipInfos"]["EipInfo"]}

    assert found == {("198.51.100.1", "255.255.255.0"), ("203.0.113.129", "255.255.255.128")}


def test_gateway_info_is_for_this_mode_and_for_interfaces(instant: MockCloud) -> None:
    """EIPs in NAT mode are not listed, and what is no interface is refused."""
    hand = Hand(instant)
    eni = hand.eni()
    hand.vpc("AssociateEipAddress", **hand.single(eni, hand.eip(), "NAT"))

    assert hand.vpc("DescribeEipGatewayInfo", InstanceId=eni)["EipInfos"]["EipInfo"] == []
    assert hand.code("Vpc", "DescribeEipGatewayInfo", InstanceId="i-1") == "Instance.NotExist"
    assert (
        hand.code("Vpc", "DescribeEipGatewayInfo", InstanceId="eni-1") == "InvalidNetworkInterface.NotFound"
    )


def test_ten_fit_and_eleven_do_not(instant: MockCloud) -> None:
    """The eleventh EIP is refused, alone and in a batch."""
    hand = Hand(instant)
    eni, eips = hand.eni(), hand.eips(11)
    assert (
        hand.code("Vpc", "AssociateEipAddressBatch", **hand.batch(eni, eips)) == "QuotaExceed.MultiBindedEip"
    )
    hand.bind(eni, eips[:10])

    code = hand.code("Vpc", "AssociateEipAddress", **hand.single(eni, eips[10]))
    assert code == "QuotaExceed.MultiBindedEip"


def test_one_mode_per_interface(instant: MockCloud) -> None:
    """NAT and MULTI_BINDED exclude each other, and so do the others, with their own codes."""
    hand = Hand(instant)
    natted, multi, direct = hand.eni(), hand.eni(), hand.eni()
    hand.vpc("AssociateEipAddress", **hand.single(natted, hand.eip(), "NAT"))
    hand.vpc("AssociateEipAddress", **hand.single(multi, hand.eip()))
    hand.vpc("AssociateEipAddress", **hand.single(direct, hand.eip(), "BINDED"))
    eip = hand.eip()

    def code(eni: str, mode: str) -> str:
        return hand.code("Vpc", "AssociateEipAddress", **hand.single(eni, eip, mode))

    assert code(natted, "MULTI_BINDED") == "OperationFailed.EipBindModeConflict"
    assert code(multi, "NAT") == "OperationFailed.EipBindModeConflict"
    assert code(direct, "MULTI_BINDED") == "Mode.Conflict"
    assert code(natted, "NAT") == "InvalidEip.EipQuotaExceeded"
    assert code(direct, "BINDED") == "InvalidEip.EipQuotaExceeded"
    assert code(multi, "SIDEWAYS") == "IllegalParam.Mode"


def test_only_secondary_interfaces_take_the_mode(instant: MockCloud) -> None:
    """A primary interface and an instance are refused."""
    hand = Hand(instant)
    (primary,) = hand.eni_rows(Type="Primary", InstanceId=instant.seeds.instance)
    eip = hand.eip()

    code = hand.code("Vpc", "AssociateEipAddress", **hand.single(primary["NetworkInterfaceId"], eip))
    assert code == "InvalidParameter.EniInstanceId"
    direct = {"AllocationId": eip, "InstanceId": instant.seeds.instance, "Mode": "MULTI_BINDED"}
    assert hand.code("Vpc", "AssociateEipAddress", **direct) == "Invalid.DirectEip.BindType"


def test_an_instance_takes_one_eip_by_nat(instant: MockCloud) -> None:
    """The default type binds to the instance, and it shows there."""
    hand = Hand(instant)
    eip = hand.eip()
    hand.vpc("AssociateEipAddress", AllocationId=eip, InstanceId=instant.seeds.instance)
    row = hand.eip_row(eip)
    assert (row["InstanceType"], row["Mode"], row["Status"]) == ("EcsInstance", "NAT", "InUse")
    ids = f'["{instant.seeds.instance}"]'
    (shown,) = hand.ecs("DescribeInstances", InstanceIds=ids)["Instances"]["Instance"]
    assert shown["EipAddress"]["AllocationId"] == eip
    found = hand.ecs("DescribeInstances", EipAddresses=f'["{row["IpAddress"]}"]')["Instances"]["Instance"]
    assert [each["InstanceId"] for each in found] == [instant.seeds.instance]
    second = {"AllocationId": hand.eip(), "InstanceId": instant.seeds.instance}
    assert hand.code("Vpc", "AssociateEipAddress", **second) == "InvalidAssociation.Duplicated"


def test_an_eip_has_to_be_free(instant: MockCloud) -> None:
    """Bound here, bound elsewhere, locked and unknown EIPs have their own refusals."""
    hand = Hand(instant)
    eni, other, eip, locked = hand.eni(), hand.eni(), hand.eip(), hand.eip()
    hand.bind(eni, [eip])
    state = instant.cloud.state(instant.cloud.accounts.main.account_id, instant.seeds.region)
    state.eips.all[locked].lock_reason = "financial"

    def code(target: str, allocation_id: str) -> str:
        return hand.code("Vpc", "AssociateEipAddress", **hand.single(target, allocation_id))

    assert code(eni, eip) == "InvalidAssociation.Duplicated"
    assert code(other, eip) == "IncorrectEipStatus"
    assert code(other, locked) == "Forbidden.FinancialLocked"
    assert code(other, "eip-nobody") == "InvalidAllocationId.NotFound"
    assert code("eni-nobody", hand.eip()) == "InvalidInstance.NotExist"


def test_an_account_without_the_mode_is_refused(instant: MockCloud) -> None:
    """The second account may do everything but this; which code it gets is a switch."""
    hand = Hand(instant, instant.cloud.accounts.other_key)
    vpc = hand.vpc("CreateVpc", CidrBlock="10.0.0.0/16")["VpcId"]
    vswitch = hand.vswitch("cn-shanghai-b", "10.0.0.0/24", vpc)
    group = hand.ecs("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    eni, eip = hand.eni(VSwitchId=vswitch, SecurityGroupId=group), hand.eip()

    for code in ("Mode.NotSupport", "OperationDenied.Unauthorized", "OperationUnsupported.MultiIp"):
        instant.cloud.switches.set("unauthorised-code", code)
        assert hand.code("Vpc", "AssociateEipAddressBatch", **hand.batch(eni, [eip])) == code
    hand.vpc("AssociateEipAddress", **hand.single(eni, eip, "NAT"))


def test_a_region_without_the_mode_is_refused(instant: MockCloud) -> None:
    """Hangzhou was never among the regions of the mode."""
    hand = Hand(instant, region="cn-hangzhou")
    vpc = hand.vpc("CreateVpc", CidrBlock="10.0.0.0/16")["VpcId"]
    vswitch = hand.vswitch("cn-hangzhou-b", "10.0.0.0/24", vpc)
    group = hand.ecs("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    eni = hand.eni(VSwitchId=vswitch, SecurityGroupId=group)

    code = hand.code("Vpc", "AssociateEipAddress", **hand.single(eni, hand.eip()))
    assert code == "Invalid.Function.NotSupported"
    assert Hand(instant).code("Vpc", "ReleaseEipAddress", AllocationId=hand.eip()) == (
        "InvalidAllocationId.NotFound"
    )


def test_an_attached_interface_is_refused_unless_a_switch_allows_it(instant: MockCloud) -> None:
    """Binding and unbinding while attached are two switches; cut-through is refused in any case."""
    hand, switches = Hand(instant), instant.cloud.switches
    eni, eips = hand.eni(), hand.eips(2)
    hand.bind(eni, eips[:1])
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    one = hand.single(eni, eips[1])
    assert hand.code("Vpc", "AssociateEipAddress", **one) == "Eni.Attached"
    assert hand.code("Vpc", "UnassociateEipAddress", AllocationId=eips[0]) == "Eni.Attached"
    assert hand.code("Vpc", "AssociateEipAddress", **{**one, "Mode": "BINDED"}) == "Eni.Attached"

    switches.set("bind-while-attached", "allow")
    switches.set("unbind-while-attached", "allow")
    hand.vpc("AssociateEipAddress", **one)
    hand.vpc("UnassociateEipAddress", AllocationId=eips[0])
    assert [row["Status"] for row in hand.eip_rows()] == ["Available", "InUse"]


def test_moving_interfaces_and_neighbours_make_it_wait(local: MockCloud) -> None:
    """A moving interface and a neighbour's change are transient refusals; later the same call passes."""
    hand = Hand(local)
    eni, eips = hand.eni(), hand.eips(2)
    hand.vpc("AssociateEipAddress", **hand.single(eni, eips[0]))
    second = hand.single(eni, eips[1])
    assert hand.code("Vpc", "AssociateEipAddress", **second) == "TaskConflict"
    assert hand.code("Vpc", "AssociateEipAddress", **hand.single(eni, eips[0])) == "IncorrectEipStatus"
    local.clock.sleep(6)
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    assert hand.code("Vpc", "AssociateEipAddress", **second) == "InvalidStatus.EniStatusNotSupport"
    assert (
        hand.code("Vpc", "UnassociateEipAddress", AllocationId=eips[0]) == "InvalidStatus.EniStatusNotSupport"
    )
    local.clock.sleep(5)
    hand.ecs("DetachNetworkInterface", **hand.pair(eni))
    local.clock.sleep(5)
    hand.vpc("AssociateEipAddress", **second)
    assert hand.code("Vpc", "UnassociateEipAddress", AllocationId=eips[0]) == "TaskConflict"
    assert hand.code("Vpc", "UnassociateEipAddress", AllocationId=eips[1]) == "IncorrectEipStatus"


def test_a_batch_is_all_or_nothing_unless_a_switch_says_otherwise(instant: MockCloud) -> None:
    """One bad EIP fails the call and nothing is bound; in mode `partial` the good ones are."""
    hand = Hand(instant)
    eni, good = hand.eni(), hand.eip()
    mixed = hand.batch(eni, ["eip-nobody", good])
    assert hand.code("Vpc", "AssociateEipAddressBatch", **mixed) == "InvalidAllocationId.NotFound"
    assert hand.eip_row(good)["Status"] == "Available"

    instant.cloud.switches.set("batch", "partial")
    hand.vpc("AssociateEipAddressBatch", **mixed)
    assert hand.eip_row(good)["Status"] == "InUse"
    assert hand.code("Vpc", "AssociateEipAddressBatch", **mixed) == "InvalidAllocationId.NotFound"
    many = hand.batch(eni, [f"eip-{index}" for index in range(51)])
    assert hand.code("Vpc", "AssociateEipAddressBatch", **many) == "InvalidParameter"


def test_the_private_address_has_to_be_the_interfaces(instant: MockCloud) -> None:
    """NAT takes the address named, or the first free one; a foreign one is refused."""
    hand = Hand(instant)
    eni = hand.eni(SecondaryPrivateIpAddressCount="1")
    first, second = (
        row["PrivateIpAddress"]
        for row in hand.eni_rows(NetworkInterfaceId__1=eni)[0]["PrivateIpSets"]["PrivateIpSet"]
    )
    eips = hand.eips(3)
    hand.vpc("AssociateEipAddress", **hand.single(eni, eips[0], "NAT", PrivateIpAddress=second))
    hand.vpc("AssociateEipAddress", **hand.single(eni, eips[1], "NAT"))
    assert [hand.eip_row(each)["PrivateIpAddress"] for each in eips[:2]] == [second, first]
    foreign = hand.single(hand.eni(), eips[2], "NAT", PrivateIpAddress="10.0.0.250")
    assert hand.code("Vpc", "AssociateEipAddress", **foreign) == "InvalidParameter.Mismatch"


def test_unbinding_and_releasing_in_the_wrong_state(instant: MockCloud) -> None:
    """Unbound, wrongly named and bound EIPs are refused; the first is a switch."""
    hand = Hand(instant)
    eni, eip = hand.eni(), hand.eip()
    assert hand.code("Vpc", "UnassociateEipAddress", AllocationId=eip) == "IncorrectEipStatus"
    instant.cloud.switches.set("unbind-unbound", "accept")
    hand.vpc("UnassociateEipAddress", AllocationId=eip)
    hand.bind(eni, [eip])
    assert hand.code("Vpc", "UnassociateEipAddress", AllocationId=eip, InstanceId="eni-x") == (
        "InvalidBindInstance.NotFound"
    )
    assert hand.code("Vpc", "ReleaseEipAddress", AllocationId=eip) == "IncorrectEipStatus"
    prepaid = hand.eip(InstanceChargeType="PrePaid")
    assert hand.code("Vpc", "ReleaseEipAddress", AllocationId=prepaid) == "Forbidden.ChargeTypeIsPrepaid"


def test_the_quota_of_eips_is_twenty(instant: MockCloud) -> None:
    """The twenty-first is refused, and a released one makes room."""
    hand = Hand(instant)
    eips = hand.eips(20)
    assert hand.code("Vpc", "AllocateEipAddress") == "QuotaExceeded.Eip"
    hand.vpc("ReleaseEipAddress", AllocationId=eips[0])
    hand.eip()


def test_the_mode_of_a_bound_eip_can_be_changed(instant: MockCloud) -> None:
    """ModifyEipForwardMode moves the only EIP of an interface into the mode, not one of several."""
    hand = Hand(instant)
    eni, eips = hand.eni(), hand.eips(2)
    hand.vpc("AssociateEipAddress", **hand.single(eni, eips[0], "NAT"))
    hand.vpc("ModifyEipForwardMode", InstanceId=eips[0], Mode="MULTI_BINDED")
    assert hand.eip_row(eips[0])["Mode"] == "MULTI_BINDED"
    hand.vpc("AssociateEipAddress", **hand.single(eni, eips[1]))
    assert hand.code("Vpc", "ModifyEipForwardMode", InstanceId=eips[1], Mode="NAT") == (
        "OperationFailed.EipBindModeConflict"
    )
