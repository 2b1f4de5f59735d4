"""The steps that a plan is made of. Each knows its title and the cloud calls that it makes.

The executor sends these calls and the printer shows them, so a dry run cannot differ from a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from multieip.dataclass import dataclass
from multieip.model.facts import WANTED_UNDONE
from multieip.model.guest import Mode
from multieip.plan import calls
from multieip.plan.calls import Call, attach_params, unassociate_params
from multieip.plan.course import GuestSet

if TYPE_CHECKING:
    from multieip.model.guest import GuestTarget
    from multieip.model.resources import AllocationId, Eip, EniId, Gateway, InstanceId, Region


@dataclass(frozen=True, slots=True)
class ReleaseGuest:
    """Take our addresses, routes and rules out of the guest."""

    target: GuestTarget

    @property
    def title(self) -> str:
        """One line for people."""
        return f"release the addresses of {self.target.eni} in the guest of {self.target.instance.id}"

    @property
    def wants(self) -> GuestSet:
        """What the guest is to have."""
        return GuestSet(self.target.instance.id)

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (calls.run_script(self.target, Mode.RELEASE), calls.read_result(self.target))


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
    """Take one EIP off the ENI. `claimed_by` is the other group that its own tag names, if it does."""

    region: Region
    eni: EniId
    eip: AllocationId
    claimed_by: str = ""

    @property
    def title(self) -> str:
        """One line for people."""
        whose = f", which group {self.claimed_by} claims," if self.claimed_by else ""
        return f"unbind {self.eip}{whose} from {self.eni}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (Call("Vpc", "UnassociateEipAddress", unassociate_params(self.region, self.eni, self.eip)),)


@dataclass(frozen=True, slots=True)
class Associate:
    """Bind EIPs to the ENI in multi-EIP mode: all in one call, or (`singly`) one by its own call."""

    region: Region
    eni: EniId
    eips: tuple[AllocationId, ...]
    singly: bool = False

    @property
    def title(self) -> str:
        """One line for people."""
        return f"bind {', '.join(self.eips)} to {self.eni} in multi-EIP mode"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        if self.singly and len(self.eips) == 1:
            return (calls.associate_one(self.region, self.eni, self.eips[0]),)
        return (calls.associate(self.region, self.eni, self.eips),)


@dataclass(frozen=True, slots=True)
class ConfigureGuest:
    """Put the whole wanted set on the guest's interface and read back what is there.

    `must` is wanted; of `keep` stays what the guest has. `known` is what is known of the gateways while
    planning. With `narrow` it is what stays while EIPs change: it proves, before the ENI is taken off, that
    the guest answers.
    """

    target: GuestTarget
    must: tuple[Eip, ...]
    keep: tuple[Eip, ...] = ()
    known: tuple[Gateway, ...] = ()
    narrow: bool = False

    @property
    def title(self) -> str:
        """One line for people."""
        addresses = ", ".join(sorted(eip.address for eip in self.must)) or "what is there"
        what = f"keep {addresses}" if self.narrow else f"configure {addresses}"
        return f"{what} in the guest of {self.target.instance.id} and read back"

    @property
    def wants(self) -> GuestSet:
        """What the guest is to have, by ids."""
        return GuestSet(
            self.target.instance.id,
            frozenset(eip.id for eip in self.must),
            frozenset(eip.id for eip in self.keep),
        )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address in the set, wanted ones first."""
        return tuple(eip.address for eip in (*self.must, *self.keep))

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (calls.run_script(self.target, Mode.APPLY), calls.read_result(self.target))

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
            for address in sorted(eip.address for eip in self.must)
        ]


@dataclass(frozen=True, slots=True)
class SetHold:
    """Say on the ENI that the group is wanted undone, so that every run of it wants the same."""

    region: Region
    eni: EniId
    key: str

    @property
    def title(self) -> str:
        """One line for people."""
        return f"set the tag {self.key}={WANTED_UNDONE} on {self.eni}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (calls.tag_eni(self.region, self.eni, self.key, WANTED_UNDONE),)


@dataclass(frozen=True, slots=True)
class LiftHold:
    """Take the hold off again, so that every run of the group wants it served."""

    region: Region
    eni: EniId
    key: str

    @property
    def title(self) -> str:
        """One line for people."""
        return f"take the tag {self.key} off {self.eni}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (calls.untag_eni(self.region, self.eni, self.key),)


@dataclass(frozen=True, slots=True)
class MarkRefused:
    """Remember on an EIP that the cloud refused it for good; taking the tag off is "try again"."""

    region: Region
    eip: AllocationId
    key: str
    code: str

    @property
    def title(self) -> str:
        """One line for people."""
        return f"set the tag {self.key}={self.code} on {self.eip}"

    def calls(self) -> tuple[Call, ...]:
        """Return the calls of this step."""
        return (calls.tag_eip(self.region, self.eip, self.key, self.code),)


GuestStep: TypeAlias = ReleaseGuest | ConfigureGuest
Step: TypeAlias = (
    ReleaseGuest
    | ConfigureGuest
    | Detach
    | Attach
    | Unassociate
    | Associate
    | SetHold
    | LiftHold
    | MarkRefused
)
