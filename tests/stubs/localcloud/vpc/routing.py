"""Whether the network brings an EIP's packets to its interface, and lets the interface send from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.base import PublicAddress

if TYPE_CHECKING:
    from localcloud.calls.context import Context
    from localcloud.state.ecs import Eni
    from localcloud.state.eips import Eip
    from localcloud.state.region import RegionState


def route(cloud: Context, state: RegionState, eip: Eip) -> None:
    """Bring the EIP where it is bound; on what is no interface of an instance nobody answers."""
    eni = _interface(state, eip)
    if eni is None or eip.private_ip is None:
        return
    visible = eip.mode != "NAT"
    if visible and eni.source_dest_check and cloud.switches.is_("eips-are-own-addresses", "no"):
        cloud.world.unbind(eip.public.address)
        return
    public = eip.public
    cloud.world.bind(
        PublicAddress(public.address, public.gateway, public.network, eni.eni_id, eip.private_ip, visible)
    )


def _interface(state: RegionState, eip: Eip) -> Eni | None:
    instance = state.instances.get(eip.instance_id)
    return state.enis.all.get(eip.instance_id if instance is None else instance.primary_eni_id)
