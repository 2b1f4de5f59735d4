"""The steps that a plan is made of. Each knows its title and the cloud calls that it makes.

The executor performs these calls and the printer shows them, so a dry run cannot differ from a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from multieip.dataclass import dataclass
from multieip.plan.calls import Call, associate_params, attach_params, guest_calls, unassociate_params

if TYPE_CHECKING:
    from multieip.model.guest import GuestTarget
    from multieip.model.resources import (
        AllocationId,
        EipStatus,
        EniId,
        EniStatus,
        Gateway,
        InstanceId,
        Region,
    )


@dataclass(frozen=True, slots=True)
class ReleaseGuest:
    """Take our addresses, routes and rules out of the guest."""

    target: GuestTarget

    @property
    def title(self) -> str:
        """One line for people."""
        return f"release the addresses of {self.target.eni} in the guest of {self.target.instance.id}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return guest_calls(self.target, "release")


@dataclass(frozen=True, slots=True)
class Detach:
    """Detach the ENI from an instance."""

    region: Region
    eni: EniId
    instance: InstanceId

    @property
    def title(self) -> str:
        """One line for people."""
        return f"detach {self.eni} from {self.instance}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (Call("Ecs", "DetachNetworkInterface", attach_params(self.region, self.eni, self.instance)),)


@dataclass(frozen=True, slots=True)
class Attach:
    """Attach the ENI to an instance."""

    region: Region
    eni: EniId
    instance: InstanceId

    @property
    def title(self) -> str:
        """One line for people."""
        return f"attach {self.eni} to {self.instance}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (Call("Ecs", "AttachNetworkInterface", attach_params(self.region, self.eni, self.instance)),)


@dataclass(frozen=True, slots=True)
class Unassociate:
    """Take one EIP off the ENI."""

    region: Region
    eni: EniId
    eip: AllocationId

    @property
    def title(self) -> str:
        """One line for people."""
        return f"unbind {self.eip} from {self.eni}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (Call("Vpc", "UnassociateEipAddress", unassociate_params(self.region, self.eni, self.eip)),)


@dataclass(frozen=True, slots=True)
class Associate:
    """Bind EIPs to the ENI in multi-EIP mode, all in one call."""

    region: Region
    eni: EniId
    eips: tuple[AllocationId, ...]

    @property
    def title(self) -> str:
        """One line for people."""
        return f"bind {', '.join(self.eips)} to {self.eni} in multi-EIP mode"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (Call("Vpc", "AssociateEipAddressBatch", associate_params(self.region, self.eni, self.eips)),)


@dataclass(frozen=True, slots=True)
class AwaitEips:
    """Read the EIPs until all are in one state."""

    region: Region
    eips: tuple[AllocationId, ...]
    status: EipStatus

    @property
    def title(self) -> str:
        """One line for people."""
        return f"wait until {', '.join(self.eips)} {_are(self.eips)} {self.status.value}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        params = {"RegionId": self.region, "AllocationId": ",".join(self.eips)}
        return (Call("Vpc", "DescribeEipAddresses", params),)


@dataclass(frozen=True, slots=True)
class AwaitEni:
    """Read the ENI until it is in one state.

    `nudge` is sent once more where a detach gets stuck, as the API's page advises.
    """

    region: Region
    eni: EniId
    status: EniStatus
    nudge: Detach | None = None

    @property
    def title(self) -> str:
        """One line for people."""
        return f"wait until {self.eni} is {self.status.value}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        params = {"RegionId": self.region, "NetworkInterfaceId.1": self.eni}
        return (Call("Ecs", "DescribeNetworkInterfaces", params),)


@dataclass(frozen=True, slots=True)
class ReadGateways:
    """Read gateway and mask of each bound EIP."""

    region: Region
    eni: EniId

    @property
    def title(self) -> str:
        """One line for people."""
        return f"read the gateways of the EIPs on {self.eni}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (Call("Vpc", "DescribeEipGatewayInfo", {"RegionId": self.region, "InstanceId": self.eni}),)


@dataclass(frozen=True, slots=True)
class ConfigureGuest:
    """Put the whole wanted set on the guest's interface and read back what is there.

    `known` is what is known of the gateways while planning; the run reads them again before it sends.
    """

    target: GuestTarget
    addresses: tuple[str, ...]
    known: tuple[Gateway, ...] = ()

    @property
    def title(self) -> str:
        """One line for people."""
        return (
            f"configure {', '.join(self.addresses)} in the guest of {self.target.instance.id} and read back"
        )

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return guest_calls(self.target, "apply")

    def wanted(self) -> list[dict[str, str]]:
        """Return the guest's wanted set: address, mask and gateway, where not yet known as such."""
        known = {gateway.address: gateway for gateway in self.known}
        unknown = "(read after binding)"
        return [
            {
                "address": address,
                "mask": known[address].mask if address in known else unknown,
                "gateway": known[address].gateway if address in known else unknown,
            }
            for address in self.addresses
        ]


Step: TypeAlias = (
    ReleaseGuest
    | Detach
    | Attach
    | Unassociate
    | Associate
    | AwaitEips
    | AwaitEni
    | ReadGateways
    | ConfigureGuest
)


def _are(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"
