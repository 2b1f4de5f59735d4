"""VPCs and vSwitches, regions and zones: what clients look up on the way to an interface."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localcloud.calls import paging
from localcloud.calls.listing import tagged, where
from localcloud.calls.operations import VPC, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, Param, flags, req, texts
from localcloud.errors import ApiError, invalid_parameter, missing
from localcloud.physics.clock import stamp
from localcloud.state.networks import Vpc, VSwitch
from localcloud.vpc.errors import refusal

if TYPE_CHECKING:
    from localcloud.state.region import RegionState

_PAGE = paging.Bounds(default=10, most=50)


def _cidr(call: Call, default: str) -> IPv4Network:
    text = call.args.text("CidrBlock", default)
    try:
        return IPv4Network(text)
    except ValueError as wrong:
        raise invalid_parameter("CidrBlock", str(wrong)) from wrong


@VPC.writes("CreateVpc", REGION, *texts("CidrBlock", "VpcName", "Description"), TAGS, idempotent=True)
def create_vpc(call: Call) -> Json:
    """CreateVpc."""
    vpc = add_vpc(call, _cidr(call, "172.16.0.0/12"), call.args.text("VpcName"))
    vpc.description = call.args.text("Description")
    call.state.tags.put(vpc.vpc_id, call.args.tags())
    return {
        "VpcId": vpc.vpc_id,
        "VRouterId": f"vrt-{vpc.vpc_id[4:]}",
        "RouteTableId": f"vtb-{vpc.vpc_id[4:]}",
    }


def add_vpc(call: Call, cidr: IPv4Network, name: str) -> Vpc:
    """Make a new VPC in the call's region."""
    vpc_id = call.cloud.ids.resource("vpc", call.region_id)
    vpc = Vpc(vpc_id, cidr, name, stamp(call.cloud.clock.now()))
    call.state.vpcs[vpc_id] = vpc
    return vpc


@VPC.writes("DeleteVpc", req("VpcId"), *texts("RegionId"))
def delete_vpc(call: Call) -> Json:
    """DeleteVpc."""
    vpc = _vpc(call.state, call.args.text("VpcId"))
    if any(vswitch.vpc_id == vpc.vpc_id for vswitch in call.state.vswitches.values()):
        raise ApiError("DependencyViolation.VSwitch", "Specified VPC still has virtual switches.")
    del call.state.vpcs[vpc.vpc_id]
    call.state.tags.forget(vpc.vpc_id)
    return {}


def _vpc(state: RegionState, vpc_id: str) -> Vpc:
    vpc = state.vpcs.get(vpc_id)
    if vpc is None:
        raise refusal("InvalidVpcId.NotFound")
    return vpc


@VPC.writes(
    "CreateVSwitch",
    req("VpcId"),
    req("ZoneId"),
    *texts("RegionId", "CidrBlock", "VSwitchName", "Description"),
    TAGS,
    idempotent=True,
)
def create_vswitch(call: Call) -> Json:
    """CreateVSwitch."""
    args, state = call.args, call.state
    vpc = _vpc(state, args.text("VpcId"))
    if args.text("ZoneId") not in call.cloud.regions[call.region_id].zone_ids:
        raise ApiError("InvalidZoneId.NotFound", "Specified zone does not exist.", 404)
    if not args.has("CidrBlock"):
        # An IPv6 block or a pool may stand for it on the real cloud; neither is kept here.
        raise missing("CidrBlock")
    cidr = _cidr(call, "")
    mine = [each for each in state.vswitches.values() if each.vpc_id == vpc.vpc_id]
    if not cidr.subnet_of(vpc.cidr) or any(cidr.overlaps(each.cidr) for each in mine):
        raise ApiError("InvalidCidrBlock.Overlapped", "Specified CIDR block overlapped with other subnets.")
    vswitch_id = call.cloud.ids.resource("vsw", call.region_id)
    vswitch = VSwitch(
        vswitch_id,
        vpc.vpc_id,
        args.text("ZoneId"),
        cidr,
        args.text("VSwitchName"),
        stamp(call.cloud.clock.now()),
        args.text("Description"),
    )
    state.vswitches[vswitch_id] = vswitch
    state.tags.put(vswitch_id, args.tags())
    return {"VSwitchId": vswitch_id}


@VPC.writes("DeleteVSwitch", req("VSwitchId"), *texts("RegionId"))
def delete_vswitch(call: Call) -> Json:
    """DeleteVSwitch."""
    vswitch = _vswitch(call.state, call.args.text("VSwitchId"))
    if any(eni.vswitch_id == vswitch.vswitch_id for eni in call.state.enis.all.values()):
        raise ApiError("DependencyViolation.NetworkInterface", "Specified object has dependent resources.")
    del call.state.vswitches[vswitch.vswitch_id]
    call.state.tags.forget(vswitch.vswitch_id)
    return {}


def _vswitch(state: RegionState, vswitch_id: str) -> VSwitch:
    vswitch = state.vswitches.get(vswitch_id)
    if vswitch is None:
        raise refusal("InvalidVSwitchId.NotFound")
    return vswitch


@VPC.reads(
    "DescribeVpcs", REGION, Param("VpcId", "commas"), *texts("VpcName"), *flags("IsDefault"), TAGS, *PAGES
)
def describe_vpcs(call: Call) -> Json:
    """DescribeVpcs."""
    args, state = call.args, call.state
    wanted = set(args.commas("VpcId"))
    vpcs = [vpc for vpc in state.vpcs.values() if not wanted or vpc.vpc_id in wanted]
    if args.tags():
        carry = set(tagged(call))
        vpcs = [vpc for vpc in vpcs if vpc.vpc_id in carry]
    vpcs = where(
        call,
        vpcs,
        {
            "VpcName": lambda vpc, value: vpc.name == value,
            "IsDefault": lambda vpc, value: vpc.is_default == (value.lower() == "true"),
        },
    )
    page, fields = paging.by_number(call, vpcs, _PAGE)
    return {**fields, "Vpcs": {"Vpc": [_shape_vpc(state, vpc) for vpc in page]}}


@VPC.reads("DescribeVpcAttribute", REGION, req("VpcId"))
def describe_vpc_attribute(call: Call) -> Json:
    """DescribeVpcAttribute."""
    shaped = _shape_vpc(call.state, _vpc(call.state, call.args.text("VpcId")))
    del shaped["RouterTableIds"]  # only the list has them
    return shaped


def _shape_vpc(state: RegionState, vpc: Vpc) -> Json:
    vswitches = [each.vswitch_id for each in state.vswitches.values() if each.vpc_id == vpc.vpc_id]
    tags = state.tags.of(vpc.vpc_id).items()
    return {
        "VpcId": vpc.vpc_id,
        "VpcName": vpc.name,
        "Description": vpc.description,
        "CidrBlock": str(vpc.cidr),
        "RegionId": state.region_id,
        "Status": vpc.status,
        "IsDefault": vpc.is_default,
        "CreationTime": vpc.created,
        "VRouterId": f"vrt-{vpc.vpc_id[4:]}",
        "OwnerId": int(state.account_id),
        "ResourceGroupId": "rg-acfmdefault0001",
        "VSwitchIds": {"VSwitchId": vswitches},
        "RouterTableIds": {"RouterTableIds": [f"vtb-{vpc.vpc_id[4:]}"]},
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
        "UserCidrs": {"UserCidr": []},
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in tags]},
    }


@VPC.reads(
    "DescribeVSwitches",
    *texts("RegionId", "VpcId", "VSwitchName", "ZoneId"),
    Param("VSwitchId", "commas"),
    *flags("IsDefault"),
    TAGS,
    *PAGES,
)
def describe_vswitches(call: Call) -> Json:
    """DescribeVSwitches."""
    args, state = call.args, call.state
    wanted = set(args.commas("VSwitchId"))
    found = where(
        call,
        (each for each in state.vswitches.values() if not wanted or each.vswitch_id in wanted),
        {
            "VpcId": lambda vswitch, value: vswitch.vpc_id == value,
            "ZoneId": lambda vswitch, value: vswitch.zone_id == value,
            "VSwitchName": lambda vswitch, value: vswitch.name == value,
            "IsDefault": lambda _vswitch, value: value.lower() == "false",
        },
    )
    if args.tags():
        carry = set(tagged(call))
        found = [each for each in found if each.vswitch_id in carry]
    page, fields = paging.by_number(call, found, _PAGE)
    return {**fields, "VSwitches": {"VSwitch": [_shape_vswitch(state, each) for each in page]}}


@VPC.reads("DescribeVSwitchAttributes", req("VSwitchId"), *texts("RegionId"))
def describe_vswitch_attributes(call: Call) -> Json:
    """DescribeVSwitchAttributes."""
    return _shape_vswitch(call.state, _vswitch(call.state, call.args.text("VSwitchId")))


def _shape_vswitch(state: RegionState, vswitch: VSwitch) -> Json:
    tags = state.tags.of(vswitch.vswitch_id).items()
    return {
        "VSwitchId": vswitch.vswitch_id,
        "VSwitchName": vswitch.name,
        "Description": vswitch.description,
        "VpcId": vswitch.vpc_id,
        "ZoneId": vswitch.zone_id,
        "CidrBlock": str(vswitch.cidr),
        "Status": vswitch.status,
        "IsDefault": False,
        "AvailableIpAddressCount": vswitch.free,
        "CreationTime": vswitch.created,
        "OwnerId": int(state.account_id),
        "ResourceGroupId": "rg-acfmdefault0001",
        "RouteTable": {"RouteTableId": f"vtb-{vswitch.vpc_id[4:]}", "RouteTableType": "System"},
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in tags]},
    }


@VPC.reads("DescribeRegions", *texts("AcceptLanguage", "ProductType"), denied="free")
def describe_regions(call: Call) -> Json:
    """DescribeRegions."""
    rows = [
        {
            "RegionId": each.region_id,
            "LocalName": each.name,
            "RegionEndpoint": f"vpc.{each.region_id}.aliyuncs.com",
        }
        for each in call.cloud.regions.values()
    ]
    return {"Regions": {"Region": rows}}


@VPC.reads("DescribeZones", REGION, *texts("AcceptLanguage", "ZoneType"), denied="free")
def describe_zones(call: Call) -> Json:
    """DescribeZones."""
    zones = call.cloud.regions[call.region_id].zone_ids
    return {"Zones": {"Zone": [{"ZoneId": zone, "LocalName": zone} for zone in zones]}}
