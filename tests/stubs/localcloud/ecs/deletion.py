"""What becomes of an instance's interfaces and EIPs when it goes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.calls.operations import Call
    from localcloud.state.ecs import Eni, Instance


def let_go(call: Call, instance: Instance) -> None:
    """Forget the instance; secondary interfaces go with it or are set free, as each of them says."""
    state, cloud = call.state, call.cloud
    _free_eips(call, instance.instance_id)
    for eni in state.enis.of_instance(instance.instance_id):
        cloud.transitions.cancel(eni.eni_id)
        if eni.kind == "Primary":
            _free_eips(call, eni.eni_id)
            _remove(call, eni)
        elif eni.delete_on_release and not state.eips.bound_to(eni.eni_id):
            _remove(call, eni)
        else:
            state.enis.unlink(eni)
            eni.status = "Available"
    cloud.transitions.cancel(instance.instance_id)
    del state.instances[instance.instance_id]
    state.tags.forget(instance.instance_id)
    cloud.transitions.run(instance.guest.close)


def _remove(call: Call, eni: Eni) -> None:
    call.state.enis.remove(eni)
    call.state.tags.forget(eni.eni_id)
    for address in eni.addresses:
        call.state.vswitches[eni.vswitch_id].give_back(address)


def _free_eips(call: Call, instance_id: str) -> None:
    world = call.cloud.world
    for eip in call.state.eips.bound_to(instance_id):
        call.cloud.transitions.cancel(eip.allocation_id)
        call.state.eips.unlink(eip)
        eip.status = "Available"
        call.cloud.transitions.run(partial(world.unbind, eip.public.address))
