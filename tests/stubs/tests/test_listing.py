"""Lists: filters, pages, tags, and the two spellings of everything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_filters_of_describe_eip_addresses(instant: MockCloud) -> None:
    """Comma lists, tags, binding and status choose; wrong kinds are refused in the vendor's spelling."""
    hand = Hand(instant)
    eni = hand.eni()
    first, second, third = hand.eip(Name="a", Tag__1__Key="k", Tag__1__Value="1"), hand.eip(), hand.eip()
    hand.bind(eni, [first, second])

    def found(**params: str) -> set[str]:
        return {row["AllocationId"] for row in hand.eip_rows(**params)}

    address = hand.eip_row(third)["IpAddress"]
    assert found(AllocationId=f"{first}, {third}") == {first, third}
    assert found(EipAddress=f"{address},192.0.2.1") == {third}
    assert found(AssociatedInstanceType="NetworkInterface", AssociatedInstanceId=eni) == {first, second}
    assert found(Status="Available") == {third}
    assert found(EipName="a") == {first}
    assert found(Tag__1__Key="k") == found(Tag__1__Key="k", Tag__1__Value="1") == {first}
    assert found(Tag__1__Key="k", Tag__1__Value="2") == set()
    assert hand.eip_row(first)["Tags"]["Tag"] == [{"Key": "k", "Value": "1"}]
    page = hand.vpc("DescribeEipAddresses", PageNumber="2", PageSize="2")
    assert (page["TotalCount"], len(page["EipAddresses"]["EipAddress"])) == (3, 1)
    assert hand.code("Vpc", "DescribeEipAddresses", AssociatedInstanceType="Door") == (
        "InvalidIAssociatedInstanceType.ValueNotSupported"
    )
    assert (
        hand.code("Vpc", "DescribeEipAddresses", ChargeType="Free") == "InvalidChargeType.ValueNotSupported"
    )
    assert hand.code("Vpc", "DescribeEipAddresses", DryRun="true") == "DryRunOperation"


def test_filters_of_describe_network_interfaces(instant: MockCloud) -> None:
    """Ids, type, instance, tags, addresses and group choose; unknown ids give an empty list."""
    hand, seeds = Hand(instant), instant.seeds
    one = hand.eni(
        NetworkInterfaceName="one", Tag__1__Key="k", Tag__1__Value="v", PrimaryIpAddress="10.0.0.77"
    )
    two = hand.eni()
    hand.ecs("AttachNetworkInterface", **hand.pair(one))

    def found(**params: str) -> set[str]:
        return {row["NetworkInterfaceId"] for row in hand.eni_rows(**params)}

    assert found(NetworkInterfaceId__1=one, NetworkInterfaceId__2="eni-no") == {one}
    assert found(NetworkInterfaceId__1="eni-no") == set()
    assert found(Type="Secondary") == {one, two}
    assert found(InstanceId=seeds.instance, Type="Secondary") == {one}
    assert found(Status="Available") == {two}
    assert found(Tag__1__Key="k", Tag__1__Value="v") == {one}
    assert found(Tag__1__Key="k", NetworkInterfaceId__1=two) == set()
    assert found(NetworkInterfaceName="one") == found(PrimaryIpAddress="10.0.0.77") == {one}
    assert found(PrivateIpAddress__1="10.0.0.77", PrivateIpAddress__2="10.0.0.78") == {one}
    # The security group finds secondary interfaces only.
    assert found(SecurityGroupId=seeds.security_group) == {one, two}
    assert len(found(VSwitchId=seeds.vswitch, VpcId=seeds.vpc)) == 4
    assert hand.eni_rows(NetworkInterfaceId__1=one)[0]["Attachment"]["InstanceId"] == seeds.instance
    assert hand.eni_rows(NetworkInterfaceId__1=two)[0]["InstanceId"] == ""


def test_both_styles_of_paging_reach_everything(instant: MockCloud) -> None:
    """Tokens and page numbers give each interface once; sizes are bent into their bounds or refused."""
    hand = Hand(instant)
    everything = {hand.eni() for _ in range(23)}
    seen: list[str] = []
    token = ""
    while True:
        more = {"NextToken": token} if token else {}
        body = hand.ecs("DescribeNetworkInterfaces", Type="Secondary", MaxResults="3", **more)
        rows = body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
        assert len(rows) <= 10
        seen += [row["NetworkInterfaceId"] for row in rows]
        token = body["NextToken"]
        if not token:
            break
    assert sorted(seen) == sorted(everything)
    pages = [
        hand.eni_rows(Type="Secondary", PageNumber=str(number), PageSize="10") for number in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [10, 10, 3, 0]
    assert hand.code("Ecs", "DescribeNetworkInterfaces", NextToken="junk") == "InvalidParameter.NextToken"
    assert hand.code("Ecs", "DescribeInstances", PageSize="101") == "InvalidParameter"
    assert hand.code("Vpc", "DescribeEipAddresses", PageNumber="0") == "InvalidParameter"


def test_filters_of_describe_instances(instant: MockCloud) -> None:
    """Lists of ids and addresses are JSON arrays in one string; names have wildcards."""
    hand, seeds = Hand(instant), instant.seeds

    def found(**params: str) -> set[str]:
        rows = hand.ecs("DescribeInstances", **params)["Instances"]["Instance"]
        return {row["InstanceId"] for row in rows}

    both = {seeds.instance, seeds.instance_windows}
    assert found() == found(InstanceTypeFamily="ecs.g5") == found(VpcId=seeds.vpc, Status="Running") == both
    assert found(InstanceIds=json.dumps([seeds.instance, "i-no"])) == {seeds.instance}
    assert found(InstanceIds="[]") == set()
    assert found(InstanceName="wind*") == {seeds.instance_windows}
    assert found(PrivateIpAddresses='["10.0.0.10"]') == {seeds.instance}
    assert hand.code("Ecs", "DescribeInstances", InstanceIds="i-1,i-2") == "InvalidParameter"
    row = hand.ecs("DescribeInstances", InstanceName="linux")["Instances"]["Instance"][0]
    assert (row["OSType"], row["InstanceNetworkType"], row["ZoneId"]) == ("linux", "vpc", "cn-shanghai-b")
    assert row["VpcAttributes"]["PrivateIpAddress"]["IpAddress"] == ["10.0.0.10"]
    flat = hand.ecs("DescribeInstanceAttribute", InstanceId=seeds.instance)
    assert "InstanceTypeFamily" not in flat
    assert "OSType" not in flat


def test_tags_of_both_products(instant: MockCloud) -> None:
    """TagResources, its two spellings of undo, both lists, and the older calls."""
    hand = Hand(instant)
    eni, eip = hand.eni(), hand.eip()
    tag = {"Tag__1__Key": "multi-eip:group", "Tag__1__Value": "g", "Tag__2__Key": "x"}
    hand.ecs("TagResources", ResourceType="eni", ResourceId__1=eni, **tag)
    hand.vpc("TagResources", ResourceType="EIP", ResourceId__1=eip, **tag)
    rows = hand.ecs("ListTagResources", ResourceType="eni", ResourceId__1=eni)["TagResources"]["TagResource"]
    assert [(row["TagKey"], row["TagValue"]) for row in rows] == [("multi-eip:group", "g"), ("x", "")]
    listed = hand.vpc("ListTagResources", ResourceType="EIP", Tag__1__Key="x")["TagResources"]["TagResource"]
    assert {row["ResourceId"] for row in listed} == {eip}

    hand.ecs("UntagResources", ResourceType="eni", ResourceId__1=eni, TagKey__1="x")
    hand.vpc("UnTagResources", ResourceType="EIP", ResourceId__1=eip, All="true")
    assert hand.eni_rows(NetworkInterfaceId__1=eni)[0]["Tags"]["Tag"] == [
        {"TagKey": "multi-eip:group", "TagValue": "g"}
    ]
    assert hand.eip_row(eip)["Tags"]["Tag"] == []
    hand.ecs("AddTags", ResourceType="eni", ResourceId=eni, Tag__1__Key="old", Tag__1__Value="1")
    hand.ecs("RemoveTags", ResourceType="eni", ResourceId=eni, Tag__1__Key="multi-eip:group")
    described = hand.ecs("DescribeTags", ResourceType="eni", ResourceId=eni)["Tags"]["Tag"]
    assert [row["TagKey"] for row in described] == ["old"]


def test_refused_tags(instant: MockCloud) -> None:
    """Reserved keys, too many, unknown resources and types; one bad resource changes none."""
    hand = Hand(instant)
    eni = hand.eni()
    known = {"ResourceType": "eni", "ResourceId__1": eni}
    good = {"Tag__1__Key": "k", "Tag__1__Value": "v"}

    def code(**params: str) -> str:
        return hand.code("Ecs", "TagResources", **params)

    assert code(**known, Tag__1__Key="acs:mine", Tag__1__Value="v") == "InvalidTagKey.Malformed"
    assert code(**known, Tag__1__Key="k", Tag__1__Value="http://x") == "InvalidTagValue.Malformed"
    assert code(**known, Tag__1__Key="k" * 129) == "InvalidTagKey.Malformed"
    assert code(**known) == "MissingParameter.TagKeys"
    assert code(ResourceType="eni", **good) == "MissingParameter.ResourceIds"
    assert code(**{**known, "ResourceType": "door"}, **good) == "InvalidResourceType.NotFound"
    assert code(**known, ResourceId__2="eni-no", **good) == "InvalidResourceId.NotFound"
    assert hand.eni_rows(NetworkInterfaceId__1=eni)[0]["Tags"]["Tag"] == []
    assert (
        code(**known, **{f"Tag__{index}__Key": f"k{index}" for index in range(1, 22)}) == "InvalidParameter"
    )
    hand.ecs("TagResources", **known, **{f"Tag__{index}__Key": f"k{index}" for index in range(1, 21)})
    assert code(**known, **good) == "QuotaExceed.TagsPerResource"
    assert hand.code("Ecs", "ListTagResources", ResourceType="eni") == "MissingParameter.ResourceIds"


def test_what_infrastructure_tools_look_up_on_the_way(instant: MockCloud) -> None:
    """Networks, groups, zones and types can be made, listed and taken away again."""
    hand, seeds = Hand(instant), instant.seeds
    assert [row["VpcId"] for row in hand.vpc("DescribeVpcs")["Vpcs"]["Vpc"]] == [seeds.vpc]
    assert hand.vpc("DescribeVpcAttribute", VpcId=seeds.vpc)["CidrBlock"] == "10.0.0.0/16"
    (vswitch,) = hand.vpc("DescribeVSwitches", VpcId=seeds.vpc)["VSwitches"]["VSwitch"]
    assert (vswitch["VSwitchId"], vswitch["AvailableIpAddressCount"]) == (seeds.vswitch, 250)
    assert hand.vpc("DescribeVSwitchAttributes", VSwitchId=seeds.vswitch)["ZoneId"] == seeds.zone
    groups = hand.ecs("DescribeSecurityGroups", VpcId=seeds.vpc)["SecurityGroups"]["SecurityGroup"]
    assert [row["SecurityGroupId"] for row in groups] == [seeds.security_group]
    group = {"SecurityGroupId": seeds.security_group}
    assert hand.ecs("DescribeSecurityGroupAttribute", **group)["VpcId"] == seeds.vpc
    assert seeds.zone in {row["ZoneId"] for row in hand.ecs("DescribeZones")["Zones"]["Zone"]}
    assert hand.ecs("DescribeAvailableResource", DestinationResource="InstanceType")["AvailableZones"]
    (kind,) = hand.ecs("DescribeInstanceTypes", InstanceTypes__1="ecs.g5.large")["InstanceTypes"][
        "InstanceType"
    ]
    assert (kind["EniQuantity"], kind["InstanceTypeFamily"]) == (2, "ecs.g5")

    assert hand.code("Vpc", "DeleteVpc", VpcId=seeds.vpc) == "DependencyViolation.VSwitch"
    assert (
        hand.code("Vpc", "DeleteVSwitch", VSwitchId=seeds.vswitch) == "DependencyViolation.NetworkInterface"
    )
    assert hand.code("Ecs", "DeleteSecurityGroup", **group) == "DependencyViolation"
    overlapping = {"VpcId": seeds.vpc, "ZoneId": seeds.zone, "CidrBlock": "10.0.0.0/25"}
    assert hand.code("Vpc", "CreateVSwitch", **overlapping) == "InvalidCidrBlock.Overlapped"
    vpc = hand.vpc("CreateVpc", CidrBlock="192.168.0.0/16", VpcName="mine")["VpcId"]
    made = hand.vswitch(seeds.zone, "192.168.1.0/24", vpc)
    hand.vpc("DeleteVSwitch", VSwitchId=made)
    hand.vpc("DeleteVpc", VpcId=vpc)
    assert hand.code("Vpc", "DescribeVpcAttribute", VpcId=vpc) == "InvalidVpcId.NotFound"


def test_rules_of_a_security_group_are_kept_shown_and_taken_away(instant: MockCloud) -> None:
    """A group that is made lets nothing in; a rule says who may, once however often it is added."""
    hand = Hand(instant)
    group = {"SecurityGroupId": hand.ecs("CreateSecurityGroup", VpcId=instant.seeds.vpc)["SecurityGroupId"]}
    web = {
        "Permissions__1__IpProtocol": "tcp",
        "Permissions__1__PortRange": "80/80",
        "Permissions__1__SourceCidrIp": "0.0.0.0/0",
    }

    def rules(**more: str) -> list[dict[str, str]]:
        shown = hand.ecs("DescribeSecurityGroupAttribute", **group, **more)
        return list(shown["Permissions"]["Permission"])

    assert rules() == []
    hand.ecs("AuthorizeSecurityGroup", **group, **web)
    hand.ecs("AuthorizeSecurityGroup", **group, **web)
    old_form = {"IpProtocol": "ICMP", "PortRange": "-1/-1", "SourceGroupId": "sg-other", "Policy": "drop"}
    hand.ecs("AuthorizeSecurityGroup", **group, **old_form, Priority="5")

    tcp, icmp = rules(Direction="ingress")
    assert (tcp["IpProtocol"], tcp["SourceCidrIp"], tcp["Policy"]) == ("TCP", "0.0.0.0/0", "Accept")
    assert (icmp["SourceGroupId"], icmp["Policy"], icmp["Priority"]) == ("sg-other", "Drop", "5")
    assert rules(Direction="egress") == []
    assert hand.code("Ecs", "AuthorizeSecurityGroup", **group, IpProtocol="TCP") == "MissingPortRange"

    hand.ecs("RevokeSecurityGroup", **group, **web)
    assert rules() == [icmp]
    hand.ecs("RevokeSecurityGroup", **group, SecurityGroupRuleId__1=icmp["SecurityGroupRuleId"])
    assert rules() == []


def test_later_pages_see_what_has_changed_since(instant: MockCloud) -> None:
    """What was deleted between two pages is not on the second one."""
    hand = Hand(instant)
    enis = [hand.eni() for _ in range(25)]

    def page(number: int) -> list[str]:
        rows = hand.eni_rows(Type="Secondary", PageNumber=str(number), PageSize="10")
        return [row["NetworkInterfaceId"] for row in rows]

    assert page(1) == enis[:10]
    hand.ecs("DeleteNetworkInterface", NetworkInterfaceId=enis[12])
    assert page(2) == [*enis[10:12], *enis[13:21]]
    hand.ecs("DeleteNetworkInterface", NetworkInterfaceId=enis[0])
    assert page(3) == enis[22:]


def test_a_refused_tag_leaves_nothing_behind(instant: MockCloud) -> None:
    """Creating with a reserved key makes no object and takes no address."""
    hand, seeds = Hand(instant), instant.seeds
    bad = {"Tag__1__Key": "acs:mine"}
    place = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group}
    free = hand.vpc("DescribeVSwitchAttributes", VSwitchId=seeds.vswitch)["AvailableIpAddressCount"]

    assert hand.code("Ecs", "CreateNetworkInterface", **place, **bad) == "InvalidTagKey.Malformed"
    assert hand.code("Vpc", "AllocateEipAddress", **bad) == "InvalidTagKey.Malformed"
    run = {**place, "InstanceType": "ecs.g5.large", **bad}
    assert hand.code("Ecs", "RunInstances", **run) == "InvalidTagKey.Malformed"
    assert hand.eip_rows() == hand.eni_rows(Type="Secondary") == []
    left = hand.vpc("DescribeVSwitchAttributes", VSwitchId=seeds.vswitch)["AvailableIpAddressCount"]
    assert left == free
