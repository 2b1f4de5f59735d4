"""The cloud calls that steps are made of, with their parameters on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.model.resources import AllocationId, BindMode, EniId, InstanceId, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.guest import GuestTarget, Mode
    from multieip.ports import Product

GUEST_TIMEOUT_S: Final = 120
"""How long Cloud Assistant lets the guest script run."""

ELIDED: Final = "<guest script, {mode}>"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the cloud. What is known only when it is sent stands in angle brackets."""

    product: Product
    action: str
    params: dict[str, str]


def run_script(target: GuestTarget, mode: Mode) -> Call:
    """Return the call that runs the guest script in one mode; the sender puts the script itself in."""
    params = {
        "RegionId": target.instance.region,
        "Type": "RunPowerShellScript" if target.instance.windows else "RunShellScript",
        "Name": f"multi-eip-{mode.value}",
        "Timeout": str(GUEST_TIMEOUT_S),
        "InstanceId.1": target.instance.id,
        "ContentEncoding": "Base64",
        "CommandContent": ELIDED.format(mode=mode.value),
    }
    return Call("Ecs", "RunCommand", params)


def read_result(target: GuestTarget) -> Call:
    """Return the call that reads what the guest said."""
    params = {"RegionId": target.instance.region, "InvokeId": "<of RunCommand>"}
    return Call("Ecs", "DescribeInvocationResults", params)


def attach_params(region: Region, eni: EniId, instance: InstanceId) -> dict[str, str]:
    """Return the parameters of AttachNetworkInterface and DetachNetworkInterface alike."""
    return {"RegionId": region, "NetworkInterfaceId": eni, "InstanceId": instance}


def associate(region: Region, eni: EniId, eips: Sequence[AllocationId]) -> Call:
    """Return the call that binds all of these EIPs in multi-EIP mode (without ClientToken)."""
    numbered = {f"InstanceIds.{n}": eip for n, eip in enumerate(eips, 1)}
    params = {
        "RegionId": region,
        "BindedInstanceId": eni,
        "BindedInstanceType": "NetworkInterface",
        "Mode": BindMode.MULTI.value,
        **numbered,
    }
    return Call("Vpc", "AssociateEipAddressBatch", params)


def associate_one(region: Region, eni: EniId, eip: AllocationId) -> Call:
    """Return the call that binds one EIP in multi-EIP mode (without ClientToken)."""
    params = {
        "RegionId": region,
        "AllocationId": eip,
        "InstanceId": eni,
        "InstanceType": "NetworkInterface",
        "Mode": BindMode.MULTI.value,
    }
    return Call("Vpc", "AssociateEipAddress", params)


def unassociate_params(region: Region, eni: EniId, eip: AllocationId) -> dict[str, str]:
    """Return the parameters of UnassociateEipAddress (without ClientToken)."""
    return {
        "RegionId": region,
        "AllocationId": eip,
        "InstanceId": eni,
        "InstanceType": "NetworkInterface",
    }


def tag_eni(region: Region, eni: EniId, key: str, value: str) -> Call:
    """Return the call that sets one tag of an ENI."""
    return Call("Ecs", "TagResources", _tagged(region, "eni", eni, key, value))


def tag_eip(region: Region, eip: AllocationId, key: str, value: str) -> Call:
    """Return the call that sets one tag of an EIP."""
    return Call("Vpc", "TagResources", _tagged(region, "EIP", eip, key, value))


def untag_eni(region: Region, eni: EniId, key: str) -> Call:
    """Return the call that takes one tag off an ENI."""
    params = {"RegionId": region, "ResourceType": "eni", "ResourceId.1": eni, "TagKey.1": key}
    return Call("Ecs", "UntagResources", params)


def _tagged(region: Region, kind: str, resource: str, key: str, value: str) -> dict[str, str]:
    return {
        "RegionId": region,
        "ResourceType": kind,
        "ResourceId.1": resource,
        "Tag.1.Key": key,
        "Tag.1.Value": value,
    }
