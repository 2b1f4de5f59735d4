"""ECS objects in the nesting that the API gives them; tags are TagKey and TagValue here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.calls.operations import Call, Json
    from localcloud.state.ecs import Eni, Instance
    from localcloud.state.region import RegionState


def tag_rows(state: RegionState, resource_id: str) -> Json:
    """`Tags` of an ECS object."""
    tags = state.tags.of(resource_id).items()
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags]}


def created(state: RegionState, eni: Eni) -> Json:
    """Return the answer of CreateNetworkInterface, flat; part of every other shape of an interface."""
    sets = [
        {"PrivateIpAddress": str(address), "Primary": index == 0}
        for index, address in enumerate(eni.addresses)
    ]
    return {
        "NetworkInterfaceId": eni.eni_id,
        "Status": eni.status,
        "Type": eni.kind,
        "MacAddress": eni.mac,
        "PrivateIpAddress": str(eni.primary_address),
        "PrivateIpSets": {"PrivateIpSet": sets},
        "SecurityGroupIds": {"SecurityGroupId": list(eni.security_groups)},
        "VpcId": eni.vpc_id,
        "VSwitchId": eni.vswitch_id,
        "ZoneId": eni.zone_id,
        "NetworkInterfaceName": eni.name,
        "Description": eni.description,
        "OwnerId": state.account_id,
        "ResourceGroupId": eni.resource_group_id,
        "ServiceID": eni.service_id,
        "ServiceManaged": eni.managed,
        "SourceDestCheck": eni.source_dest_check,
        "Tags": tag_rows(state, eni.eni_id),
        "Ipv6Sets": {"Ipv6Set": []},
        "Ipv4PrefixSets": {"Ipv4PrefixSet": []},
        "Ipv6PrefixSets": {"Ipv6PrefixSet": []},
    }


def eni_set(call: Call, eni: Eni) -> Json:
    """One element of DescribeNetworkInterfaces."""
    shaped = created(call.state, eni)
    public = _public_of(call, eni)
    for row, address in zip(shaped["PrivateIpSets"]["PrivateIpSet"], eni.addresses, strict=True):
        row["PrivateDnsName"] = ""
        if address in public:
            row["AssociatedPublicIp"] = public[address]
    return {
        **shaped,
        # A managed interface does not tell what it hangs on.
        **({} if eni.managed else {"InstanceId": eni.instance_id}),
        "CreationTime": eni.created,
        "DeleteOnRelease": eni.delete_on_release,
        "QueueNumber": eni.queue_number,
        "NetworkInterfaceTrafficMode": eni.traffic_mode,
        **({"QueuePairNumber": eni.queue_pairs} if eni.queue_pairs else {}),
        "AssociatedPublicIp": public.get(eni.primary_address, {}),
        "Attachment": _attachment(eni),
    }


def attribute(call: Call, eni: Eni) -> Json:
    """Return the answer of DescribeNetworkInterfaceAttribute: the same, flat, and a little more."""
    shaped = eni_set(call, eni)
    for row in shaped["PrivateIpSets"]["PrivateIpSet"]:
        del row["PrivateDnsName"]  # only lists have it
    members = [each.eni_id for each in call.state.enis.members_of(eni)]
    shaped["Attachment"]["MemberNetworkInterfaceIds"] = {"MemberNetworkInterfaceId": members}
    return {
        **shaped,
        "ConnectionTrackingConfiguration": {},
        "EnhancedNetwork": {"EnableSriov": False},
        "QoSConfig": {},
        "BondInterfaceSpecification": {},
    }


def _attachment(eni: Eni) -> Json:
    if not eni.instance_id or eni.status == "Available":
        return {}
    return {
        "InstanceId": eni.instance_id,
        "DeviceIndex": eni.device_index,
        "NetworkCardIndex": 0,
        "TrunkNetworkInterfaceId": eni.trunk_id,
    }


def _public_of(call: Call, eni: Eni) -> dict[IPv4Address, Json]:
    found: dict[IPv4Address, Json] = {}
    for eip in call.state.eips.bound_to(eni.eni_id):
        hidden = eip.mode != "NAT" and call.cloud.switches.is_("associated-public-ip", "none")
        if eip.status == "InUse" and eip.private_ip is not None and not hidden:
            row = {"PublicIpAddress": str(eip.public.address), "AllocationId": eip.allocation_id}
            found.setdefault(eip.private_ip, row)
    return found


def instance_row(state: RegionState, instance: Instance) -> Json:
    """Return one element of DescribeInstances."""
    locks = [{"LockReason": instance.lock_reason, "LockMsg": ""}] if instance.lock_reason else []
    os_name = "Windows Server 2022" if instance.os_type == "windows" else "Alibaba Cloud Linux 3"
    return {
        "InstanceId": instance.instance_id,
        "InstanceName": instance.name,
        "HostName": instance.hostname,
        "Description": instance.description,
        "RegionId": state.region_id,
        "ZoneId": instance.zone_id,
        "InstanceType": instance.type.type_id,
        "InstanceTypeFamily": instance.type.family,
        "OSType": instance.os_type,
        "OSName": os_name,
        "OSNameEn": os_name,
        "ImageId": instance.image_id,
        "Status": instance.status,
        "StoppedMode": instance.stopped_mode if instance.status == "Stopped" else "Not-applicable",
        **_network(state, instance),
        "SecurityGroupIds": {"SecurityGroupId": list(instance.security_groups)},
        "Tags": tag_rows(state, instance.instance_id),
        "OperationLocks": {"LockReason": locks},
        "Cpu": instance.type.cpu,
        "Memory": int(instance.type.memory_gib * 1024),
        "CreationTime": instance.created,
        "StartTime": instance.started,
        "ResourceGroupId": instance.resource_group_id,
        "DeletionProtection": instance.deletion_protection,
        "InstanceChargeType": "PostPaid",
        "DeviceAvailable": True,
        "IoOptimized": True,
    }


def _network(state: RegionState, instance: Instance) -> Json:
    primary = state.enis.all[instance.primary_eni_id]
    attached = [eni for eni in state.enis.of_instance(instance.instance_id) if eni.status == "InUse"]
    return {
        "InstanceNetworkType": "vpc",
        "InternetChargeType": "",
        "VpcAttributes": {
            "VpcId": instance.vpc_id,
            "VSwitchId": instance.vswitch_id,
            "NatIpAddress": "",
            "PrivateIpAddress": {"IpAddress": [str(primary.primary_address)]},
        },
        "EipAddress": _eip_of(state, instance),
        "PublicIpAddress": {"IpAddress": []},
        "InnerIpAddress": {"IpAddress": []},
        "NetworkInterfaces": {"NetworkInterface": [_brief(eni) for eni in attached]},
    }


def _eip_of(state: RegionState, instance: Instance) -> Json:
    bound = state.eips.bound_to(instance.instance_id)
    return {
        "AllocationId": bound[0].allocation_id if bound else "",
        "IpAddress": str(bound[0].public.address) if bound else "",
        "Bandwidth": int(bound[0].bandwidth) if bound else 0,
        "InternetChargeType": bound[0].internet_charge_type if bound else "",
        "IsSupportUnassociate": bool(bound),
    }


def _brief(eni: Eni) -> Json:
    sets = [
        {"PrivateIpAddress": str(address), "Primary": index == 0, "PrivateDnsName": ""}
        for index, address in enumerate(eni.addresses)
    ]
    return {
        "NetworkInterfaceId": eni.eni_id,
        "Type": eni.kind,
        "MacAddress": eni.mac,
        "PrimaryIpAddress": str(eni.primary_address),
        "PrivateIpSets": {"PrivateIpSet": sets},
        "Ipv6Sets": {"Ipv6Set": []},
    }
