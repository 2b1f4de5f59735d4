"""What other services of the vendor do in an account: no API of those served here makes these things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from localcloud.calls.operations import ECS, VPC, Call
from localcloud.calls.params import Arguments
from localcloud.ecs.interfaces import new_eni
from localcloud.state.others import OtherTarget, SharedBandwidth
from localcloud.vpc.responses import allocate_eip, find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.front.context import Behind
    from localcloud.state.ecs import Eni, Instance
    from localcloud.state.region import RegionState
    from localcloud.state.seeds import Seeds

# The id of the service that manages things, as the cloud shows it beside them.
SERVICE_ID = 26842


class OtherServices:
    """The first account's home region as other services see it; ids come back, changes are there at once."""

    def __init__(self, cloud: Behind, seeds: Seeds) -> None:
        """Work in the network of the seeds."""
        self._cloud = cloud
        self._seeds = seeds

    def managed_eni(self, on: str = "", **tags: str) -> str:
        """Make an interface that a service manages, hanging on `on` (`eci-…`, `ngw-…`) or on nothing."""
        eni = self._eni(on, tags)
        eni.service_id = SERVICE_ID
        return eni.eni_id

    def eni_on(self, attached_to: str, **tags: str) -> str:
        """Make an ordinary interface that hangs on what is no ECS instance."""
        return self._eni(attached_to, tags).eni_id

    def managed_eip(self, **tags: str) -> str:
        """Allocate an EIP that a service manages."""
        with self._cloud.lock:
            eip = allocate_eip(self._call("Vpc", "AllocateEipAddress", _tagged(tags)))
            eip.service_id = SERVICE_ID
            self._cloud.writes += 1
        return eip.allocation_id

    def target(self, kind: Literal["Nat", "SlbInstance"]) -> str:
        """Make a NAT gateway or a load balancer that EIPs can be bound to."""
        with self._cloud.lock:
            prefix = "ngw" if kind == "Nat" else "lb"
            target_id = self._cloud.ids.resource(prefix, self._seeds.region)
            self._state.others[target_id] = OtherTarget(target_id, kind, self._seeds.vpc)
            self._cloud.writes += 1
        return target_id

    def share(self, allocation_id: str, mbit: int = 100) -> str:
        """Put an EIP into a shared bandwidth of its own."""
        with self._cloud.lock:
            package_id = self._cloud.ids.resource("cbwp", self._seeds.region)
            find(self._state, allocation_id).shared = SharedBandwidth(package_id, str(mbit))
            self._cloud.writes += 1
        return package_id

    def lock(self, resource_id: str, reason: Literal["financial", "security", ""] = "financial") -> None:
        """Lock an EIP or an instance, as unpaid bills and security do; an empty reason unlocks it."""
        with self._cloud.lock:
            locked: Instance | None = self._state.instances.get(resource_id)
            (locked or find(self._state, resource_id)).lock_reason = reason
            self._cloud.writes += 1

    @property
    def _state(self) -> RegionState:
        return self._cloud.state(self._cloud.accounts.main.account_id, self._seeds.region)

    def _eni(self, attached_to: str, tags: Mapping[str, str]) -> Eni:
        place = {"VSwitchId": self._seeds.vswitch, "SecurityGroupId": self._seeds.security_group}
        with self._cloud.lock:
            eni = new_eni(self._call("Ecs", "CreateNetworkInterface", {**place, **_tagged(tags)}))
            eni.status = "Available"
            if attached_to:
                self._state.enis.link(eni, attached_to)
                eni.status, eni.device_index = "InUse", 1
            self._cloud.writes += 1
        return eni

    def _call(self, product: Literal["Ecs", "Vpc"], action: str, params: Mapping[str, str]) -> Call:
        operation = (ECS if product == "Ecs" else VPC).actions[action]
        identity = self._cloud.accounts.root_key.identity
        return Call(
            self._cloud, operation, identity, self._seeds.region, Arguments(params), self._cloud.ids.guid()
        )


def _tagged(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags by key (`_` stands for `:`) as parameters of the wire."""
    params: dict[str, str] = {}
    for number, (key, value) in enumerate(tags.items(), start=1):
        params |= {f"Tag.{number}.Key": key.replace("_", ":"), f"Tag.{number}.Value": value}
    return params
