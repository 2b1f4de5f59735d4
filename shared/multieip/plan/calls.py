"""The cloud calls that steps are made of, with their parameters on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import dataclass
from multieip.model.resources import AllocationId, BindMode, EniId, InstanceId, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.guest import GuestTarget
    from multieip.ports import Product


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the cloud. What a read-back needs to know first stands in angle brackets."""

    product: Product
    action: str
    params: dict[str, str]


def guest_calls(target: GuestTarget, mode: str) -> tuple[Call, ...]:
    """Return the calls that run the guest script in one mode and read its answer; the script is elided."""
    region, instance = target.instance.region, target.instance.id
    kind = "RunPowerShellScript" if target.instance.windows else "RunShellScript"
    return (
        Call(
            "Ecs",
            "RunCommand",
            {
                "RegionId": region,
                "Type": kind,
                "InstanceId.1": instance,
                "CommandContent": f"<guest script, {mode}>",
            },
        ),
        Call("Ecs", "DescribeInvocationResults", {"RegionId": region, "InvokeId": "<of RunCommand>"}),
    )


def attach_params(region: Region, eni: EniId, instance: InstanceId) -> dict[str, str]:
    """Return the parameters of AttachNetworkInterface and DetachNetworkInterface alike."""
    return {"RegionId": region, "NetworkInterfaceId": eni, "InstanceId": instance}


def associate_params(region: Region, eni: EniId, eips: Sequence[AllocationId]) -> dict[str, str]:
    """Return the parameters of AssociateEipAddressBatch in multi-EIP mode (without ClientToken)."""
    numbered = {f"InstanceIds.{n}": eip for n, eip in enumerate(eips, 1)}
    return {
        "RegionId": region,
        "BindedInstanceId": eni,
        "BindedInstanceType": "NetworkInterface",
        "Mode": BindMode.MULTI.value,
        **numbered,
    }


def unassociate_params(region: Region, eni: EniId, eip: AllocationId) -> dict[str, str]:
    """Return the parameters of UnassociateEipAddress (without ClientToken)."""
    return {
        "RegionId": region,
        "AllocationId": eip,
        "InstanceId": eni,
        "InstanceType": "NetworkInterface",
    }
