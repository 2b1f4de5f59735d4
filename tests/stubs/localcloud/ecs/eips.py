"""The EIP actions of the ECS API, which clients older than the EIP's own API still call."""

from __future__ import annotations

from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import PAGES, REGION, Param, req, texts
from localcloud.vpc import association, responses

_NOT_HERE = frozenset(
    (
        "BandwidthPackageBandwidth", "BandwidthPackageId", "BandwidthPackageType", "BizType",
        "BusinessStatus", "DeletionProtection", "Description", "HDMonitorStatus", "HasReservationData", "ISP",
        "InstanceRegionId", "Mode", "Name", "Netmode", "PrivateIpAddress", "PublicIpAddressPoolId",
        "ReservationActiveTime", "ReservationBandwidth", "ReservationInternetChargeType",
        "ReservationOrderType", "ResourceGroupId", "SecondLimited", "SecurityProtectionTypes",
        "SegmentInstanceId", "ServiceID", "ServiceManaged", "Tags", "VpcId", "Zone",
    )
)  # fmt: skip


@ECS.writes(
    "AllocateEipAddress",
    REGION,
    *texts("Bandwidth", "ISP"),
    Param("InternetChargeType", choices=responses.CHARGES),
    idempotent=True,
)
def allocate(call: Call) -> Json:
    """AllocateEipAddress."""
    eip = responses.allocate_eip(call)
    return {"AllocationId": eip.allocation_id, "EipAddress": str(eip.public.address)}


@ECS.reads(
    "DescribeEipAddresses",
    REGION,
    Param("AllocationId", "commas", most=50),
    Param("EipAddress", "commas", most=50),
    *texts("Status", "AssociatedInstanceId", "AssociatedInstanceType", "ChargeType", "ISP", "LockReason"),
    *PAGES,
)
def describe(call: Call) -> Json:
    """DescribeEipAddresses: neither mode nor tags."""
    body = responses.describe(call)
    rows = body["EipAddresses"]["EipAddress"]
    shown = [{name: value for name, value in row.items() if name not in _NOT_HERE} for row in rows]
    return {**body, "EipAddresses": {"EipAddress": shown}}


@ECS.writes("AssociateEipAddress", req("AllocationId"), req("InstanceId"), *texts("RegionId", "InstanceType"))
def associate(call: Call) -> Json:
    """AssociateEipAddress: in NAT mode, for it knows no other."""
    return association.associate(call)


@ECS.writes(
    "UnassociateEipAddress", req("AllocationId"), req("InstanceId"), *texts("RegionId", "InstanceType")
)
def unassociate(call: Call) -> Json:
    """UnassociateEipAddress."""
    return association.unassociate(call)


@ECS.writes("ReleaseEipAddress", req("AllocationId"), *texts("RegionId"))
def release(call: Call) -> Json:
    """ReleaseEipAddress."""
    return responses.release(call)
