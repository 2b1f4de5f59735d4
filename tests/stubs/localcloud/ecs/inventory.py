"""What an account can choose from: regions, zones, instance types, security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.calls import paging
from localcloud.calls.listing import tagged, where
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, TOKENS, Param, req, texts
from localcloud.ecs.errors import refusal
from localcloud.ecs.shapes import tag_rows
from localcloud.errors import ApiError
from localcloud.physics.clock import stamp
from localcloud.state.ecs import SecurityGroup
from localcloud.state.instance_types import TYPES, InstanceType

if TYPE_CHECKING:
    from localcloud.state.region import RegionState

_TYPE_PAGE = paging.Bounds(default=100, most=100)
_GROUP_PAGE = paging.Bounds(default=10, most=100)


@ECS.reads(
    "DescribeRegions",
    *texts("AcceptLanguage", "InstanceChargeType", "ResourceType", "RegionId"),
    denied="free",
)
def describe_regions(call: Call) -> Json:
    """DescribeRegions."""
    rows = [
        {
            "RegionId": each.region_id,
            "LocalName": each.name,
            "RegionEndpoint": f"ecs.{each.region_id}.aliyuncs.com",
            "Status": "available",
        }
        for each in call.cloud.regions.values()
    ]
    return {"Regions": {"Region": rows}}


@ECS.reads("DescribeZones", REGION, *texts("AcceptLanguage", "InstanceChargeType"), denied="free")
def describe_zones(call: Call) -> Json:
    """DescribeZones."""
    rows = [
        {
            "ZoneId": zone,
            "LocalName": zone,
            "ZoneType": "AvailabilityZone",
            "AvailableInstanceTypes": {"InstanceTypes": list(TYPES)},
            "AvailableResourceCreation": {"ResourceTypes": ["VSwitch", "Instance", "Disk"]},
            "AvailableDiskCategories": {"DiskCategories": ["cloud_efficiency", "cloud_ssd", "cloud_essd"]},
        }
        for zone in call.cloud.regions[call.region_id].zone_ids
    ]
    return {"Zones": {"Zone": rows}}


@ECS.reads("DescribeAvailableResource", REGION, req("DestinationResource"), *texts("ZoneId", "InstanceType"))
def describe_available(call: Call) -> Json:
    """DescribeAvailableResource: every type is on sale in every zone."""
    args = call.args
    kinds = [each for each in TYPES if not args.has("InstanceType") or each == args.text("InstanceType")]
    offers = [{"Value": kind, "Status": "Available", "StatusCategory": "WithStock"} for kind in kinds]
    resources = [
        {"Type": args.text("DestinationResource"), "SupportedResources": {"SupportedResource": offers}}
    ]
    zones = [
        {
            "ZoneId": zone,
            "RegionId": call.region_id,
            "Status": "Available",
            "StatusCategory": "WithStock",
            "AvailableResources": {"AvailableResource": resources},
        }
        for zone in call.cloud.regions[call.region_id].zone_ids
        if not args.has("ZoneId") or zone == args.text("ZoneId")
    ]
    return {"AvailableZones": {"AvailableZone": zones}}


@ECS.reads(
    "DescribeInstanceTypes",
    Param("InstanceTypes", "list", most=10),
    *texts("InstanceTypeFamily", "CpuArchitecture", "RegionId"),
    *TOKENS,
    denied="free",
)
def describe_types(call: Call) -> Json:
    """DescribeInstanceTypes."""
    wanted = set(call.args.many("InstanceTypes"))
    found = where(
        call,
        (each for each in TYPES.values() if not wanted or each.type_id in wanted),
        {
            "InstanceTypeFamily": lambda each, value: each.family == value,
            "CpuArchitecture": lambda each, value: (value == "ARM") == each.arm,
        },
    )
    page, token = paging.by_token(call, found, _TYPE_PAGE)
    return {"NextToken": token, "InstanceTypes": {"InstanceType": [_shape_type(each) for each in page]}}


def _shape_type(kind: InstanceType) -> Json:
    return {
        "InstanceTypeId": kind.type_id,
        "InstanceTypeFamily": kind.family,
        "CpuCoreCount": kind.cpu,
        "MemorySize": kind.memory_gib,
        "EniQuantity": kind.enis,
        "EniTotalQuantity": kind.enis,
        "EniPrivateIpAddressQuantity": kind.addresses_per_eni,
        "EniIpv6AddressQuantity": 1,
        "EniTrunkSupported": False,
        "CpuArchitecture": "ARM" if kind.arm else "X86",
        "NetworkCardQuantity": 1,
    }


@ECS.reads("DescribeAccountAttributes", REGION, Param("AttributeName", "list", most=20), *texts("ZoneId"))
def describe_account(call: Call) -> Json:
    """DescribeAccountAttributes: the quotas that this local cloud counts."""
    account = call.account
    values = {
        "max-elastic-network-interfaces": account.eni_quota,
        "max-axt-invocation-daily": account.invocation_quota,
        "max-axt-command-count": account.command_quota,
    }
    wanted = call.args.many("AttributeName") or list(values)
    rows = [
        {"AttributeName": name, "AttributeValues": {"ValueItem": [{"Value": str(values[name])}]}}
        for name in wanted
        if name in values
    ]
    return {"AccountAttributeItems": {"AccountAttributeItem": rows}}


@ECS.writes(
    "CreateSecurityGroup",
    REGION,
    *texts("VpcId", "SecurityGroupName", "Description", "SecurityGroupType", "ResourceGroupId"),
    TAGS,
    idempotent=True,
)
def create_group(call: Call) -> Json:
    """CreateSecurityGroup."""
    args, state = call.args, call.state
    if args.text("VpcId") not in state.vpcs:
        raise ApiError("InvalidVpcId.NotFound", "The specified VpcId does not exist.", 404)
    group_id = call.cloud.ids.resource("sg", call.region_id)
    now = stamp(call.cloud.clock.now())
    group = SecurityGroup(
        group_id, args.text("VpcId"), args.text("SecurityGroupName"), now, args.text("Description")
    )
    state.security_groups[group_id] = group
    state.tags.put(group_id, args.tags())
    return {"SecurityGroupId": group_id}


@ECS.writes("DeleteSecurityGroup", REGION, req("SecurityGroupId"))
def delete_group(call: Call) -> Json:
    """DeleteSecurityGroup."""
    group = _group(call, call.args.text("SecurityGroupId"))
    if any(group.group_id in eni.security_groups for eni in call.state.enis.all.values()):
        raise ApiError(
            "DependencyViolation", "There is still instance(s) in the specified security group.", 403
        )
    del call.state.security_groups[group.group_id]
    call.state.tags.forget(group.group_id)
    return {}


def _group(call: Call, group_id: str) -> SecurityGroup:
    group = call.state.security_groups.get(group_id)
    if group is None:
        raise refusal("InvalidSecurityGroupId.NotFound")
    return group


@ECS.reads(
    "DescribeSecurityGroups",
    REGION,
    *texts("VpcId", "SecurityGroupId", "SecurityGroupName"),
    Param("SecurityGroupIds", "json-list", most=100),
    TAGS,
    *TOKENS,
    *PAGES,
)
def describe_groups(call: Call) -> Json:
    """DescribeSecurityGroups."""
    args, state = call.args, call.state
    wanted = set(args.json_list("SecurityGroupIds")) if args.has("SecurityGroupIds") else None
    carry = set(tagged(call)) if args.tags() else None
    found = where(
        call,
        (
            each
            for each in state.security_groups.values()
            if (wanted is None or each.group_id in wanted) and (carry is None or each.group_id in carry)
        ),
        {
            "VpcId": lambda each, value: each.vpc_id == value,
            "SecurityGroupId": lambda each, value: each.group_id == value,
            "SecurityGroupName": lambda each, value: each.name == value,
        },
    )
    page, fields = paging.either(call, found, _GROUP_PAGE, _GROUP_PAGE)
    rows = [_shape_group(state, each) for each in page]
    return {**fields, "RegionId": call.region_id, "SecurityGroups": {"SecurityGroup": rows}}


def _shape_group(state: RegionState, group: SecurityGroup) -> Json:
    return {
        "SecurityGroupId": group.group_id,
        "SecurityGroupName": group.name,
        "SecurityGroupType": "normal",
        "Description": group.description,
        "VpcId": group.vpc_id,
        "CreationTime": group.created,
        "ResourceGroupId": "",
        "ServiceManaged": False,
        "Tags": tag_rows(state, group.group_id),
    }


@ECS.reads("DescribeSecurityGroupAttribute", REGION, req("SecurityGroupId"), *texts("Direction", "NicType"))
def describe_group_attribute(call: Call) -> Json:
    """DescribeSecurityGroupAttribute; rules are not kept here, so there are none to list."""
    group = _group(call, call.args.text("SecurityGroupId"))
    return {
        "SecurityGroupId": group.group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc_id,
        "RegionId": call.region_id,
        "InnerAccessPolicy": "Accept",
        "Permissions": {"Permission": []},
    }
