"""What an account can choose from: regions, zones, instance types."""

from __future__ import annotations

from localcloud.calls import paging
from localcloud.calls.listing import where
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import REGION, TOKENS, Param, req, texts
from localcloud.state.instance_types import TYPES, InstanceType

_TYPE_PAGE = paging.Bounds(default=100, most=100)


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
