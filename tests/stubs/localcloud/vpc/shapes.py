"""The form of an EIP on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localcloud.state.eips import Eip
    from localcloud.state.region import RegionState

Json = dict[str, Any]

# Fields that are the same for every EIP of this cloud.
_CONSTANT: Json = {
    "Netmode": "public",
    "BizType": "",
    "ExpiredTime": "",
    "SegmentInstanceId": "",
    "PublicIpAddressPoolId": "",
    "HDMonitorStatus": "OFF",
    "HasReservationData": "false",
    "ReservationActiveTime": "",
    "ReservationBandwidth": "",
    "ReservationInternetChargeType": "",
    "ReservationOrderType": "",
    "Zone": "",
    "SecondLimited": False,
    "SecurityProtectionTypes": {"SecurityProtectionType": []},
    "VpcId": "",
}


def shape(state: RegionState, eip: Eip) -> Json:
    """One element of DescribeEipAddresses."""
    locks = [{"LockReason": eip.lock_reason}] if eip.lock_reason else []
    tags = state.tags.of(eip.allocation_id)
    return {
        "AllocationId": eip.allocation_id,
        "IpAddress": str(eip.public.address),
        "Status": eip.status,
        "InstanceId": eip.instance_id,
        "InstanceType": eip.instance_type,
        "InstanceRegionId": state.region_id if eip.instance_id else "",
        "Mode": eip.mode,
        "PrivateIpAddress": str(eip.private_ip or ""),
        "RegionId": state.region_id,
        "Name": eip.name,
        "Description": eip.description,
        "Bandwidth": eip.bandwidth,
        "InternetChargeType": eip.internet_charge_type,
        "ChargeType": eip.charge_type,
        "ISP": eip.isp,
        "BusinessStatus": "FinancialLocked" if eip.lock_reason == "financial" else "Normal",
        "AllocationTime": eip.created,
        "ResourceGroupId": eip.resource_group_id,
        "DeletionProtection": eip.deletion_protection,
        "OperationLocks": {"LockReason": locks},
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in tags.items()]},
        **_CONSTANT,
        "ServiceManaged": 1 if eip.service_id else 0,
        "ServiceID": eip.service_id,
        **_bandwidth(eip),
    }


def _bandwidth(eip: Eip) -> Json:
    """`EipBandwidth` is told only while the EIP is in a shared bandwidth."""
    if eip.shared is None:
        return {"BandwidthPackageId": "", "BandwidthPackageType": "", "BandwidthPackageBandwidth": ""}
    return {
        "BandwidthPackageId": eip.shared.package_id,
        "BandwidthPackageType": "CommonBandwidthPackage",
        "BandwidthPackageBandwidth": eip.shared.mbit,
        "EipBandwidth": eip.bandwidth,
    }
