"""Attaching an interface to an instance and detaching it: asynchronous, and they may fail without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import REGION, flags, integers, req, texts
from localcloud.ecs.errors import refusal, wrong_eni_state
from localcloud.ecs.interfaces import find
from localcloud.guests.base import Nic
from localcloud.vpc.mode import FAMILIES

if TYPE_CHECKING:
    from localcloud.state.ecs import Eni, Instance
    from localcloud.state.region import RegionState


def nic_of(state: RegionState, eni: Eni) -> Nic:
    """Return the interface as the guest's fabric needs it."""
    vswitch = state.vswitches[eni.vswitch_id]
    private = vswitch.interface(eni.primary_address)
    return Nic(eni.eni_id, eni.mac, private, vswitch.gateway, primary=eni.kind == "Primary")


def _instance(call: Call) -> Instance:
    instance = call.state.instances.get(call.args.text("InstanceId"))
    if instance is None:
        raise refusal("InvalidEcsId.NotFound")
    return instance


@ECS.writes(
    "AttachNetworkInterface",
    REGION,
    req("NetworkInterfaceId"),
    req("InstanceId"),
    *integers("NetworkCardIndex"),
    *texts("TrunkNetworkInstanceId"),
    *flags("WaitForNetworkConfigurationReady"),
)
def attach(call: Call) -> Json:
    """AttachNetworkInterface."""
    state = call.state
    eni = find(state, call.args.text("NetworkInterfaceId"))
    instance = _instance(call)
    _check_attach(call, eni, instance)
    mine = state.enis.of_instance(instance.instance_id)
    index = next(each for each in range(1, 64) if each not in {eni.device_index for eni in mine})
    state.enis.link(eni, instance.instance_id)
    eni.status, eni.device_index = "Attaching", index
    if call.args.has("TrunkNetworkInstanceId"):
        eni.kind, eni.trunk_id = "Member", call.args.text("TrunkNetworkInstanceId")
    _start_attach(call, eni, instance)
    return {}


def _check_attach(call: Call, eni: Eni, instance: Instance) -> None:
    if eni.managed:
        raise refusal("InvalidOperation.EniServiceManaged")
    if eni.kind == "Primary":
        raise refusal("InvalidOperation.InvalidEniType")
    _check_trunk(call, eni, instance)
    if eni.status != "Available":
        raise wrong_eni_state(eni.status, "Available")
    if instance.status not in {"Running", "Stopped"} or instance.lock_reason:
        raise refusal("InvalidOperation.InvalidEcsState")
    if instance.status == "Running" and not instance.type.hot_plug:
        raise refusal("InvalidOperation.HotPlugNotSupport")
    if eni.vpc_id != instance.vpc_id:
        raise refusal("InvalidOperation.VpcMismatch")
    if eni.zone_id != instance.zone_id:
        raise refusal("InvalidOperation.AvailabilityZoneMismatch")
    if len(call.state.enis.of_instance(instance.instance_id)) >= instance.type.enis:
        raise refusal("EniPerInstanceLimitExceeded")
    direct = any(eip.mode == "MULTI_BINDED" for eip in call.state.eips.bound_to(eni.eni_id))
    checked = call.cloud.switches.is_("family-check", "attach")
    if direct and checked and instance.type.family not in FAMILIES:
        raise refusal("OperationUnsupported.EipBindModel")


def _check_trunk(call: Call, eni: Eni, instance: Instance) -> None:
    trunk_id = call.args.text("TrunkNetworkInstanceId")
    if not trunk_id:
        return
    trunk = call.state.enis.all.get(trunk_id)
    fits = trunk is not None and trunk.kind == "Trunk" and trunk.instance_id == instance.instance_id
    if not fits or eni.kind != "Secondary":
        raise refusal("InvalidOperation.InvalidEniType")


def _start_attach(call: Call, eni: Eni, instance: Instance) -> None:
    cloud, state, account = call.cloud, call.state, call.account.account_id
    nic = nic_of(state, eni)
    back = call.falls_back()

    def attached() -> None:
        eni.status = "InUse"
        cloud.trail.eni_done(account, call.region_id, eni, "AttachNetworkInterface", good=True)

    def failed() -> None:
        eni.status = "Available"
        _free(state, eni)
        cloud.trail.eni_done(account, call.region_id, eni, "AttachNetworkInterface", good=False)

    cloud.transitions.begin(
        eni.eni_id,
        failed if back else attached,
        # A member is a VLAN on its trunk; the guest gets no interface for it.
        effect=(lambda: None) if back or eni.kind == "Member" else (lambda: instance.guest.plug(nic)),
        fail=failed,
        stay=call.stay("attach"),
    )


@ECS.writes(
    "DetachNetworkInterface",
    REGION,
    req("NetworkInterfaceId"),
    req("InstanceId"),
    *texts("TrunkNetworkInstanceId"),
)
def detach(call: Call) -> Json:
    """DetachNetworkInterface; EIPs stay bound. It may be called again: that frees one stuck in Detaching."""
    cloud, state = call.cloud, call.state
    eni = find(state, call.args.text("NetworkInterfaceId"))
    if eni.managed:
        raise refusal("InvalidOperation.EniServiceManaged")
    instance = _instance(call)
    if eni.kind == "Primary":
        raise refusal("InvalidOperation.DetachPrimaryEniNotAllowed")
    if eni.status != "Available" and eni.instance_id != instance.instance_id:
        raise refusal("InvalidParameter.EniNotBelongEcs")
    if eni.status == "Detaching":
        cloud.transitions.restart(eni.eni_id, cloud.profile.duration("detach"))
        return {}
    if eni.status != "InUse":
        raise wrong_eni_state(eni.status, "InUse")
    _check_detach(call, eni, instance)
    eni.status = "Detaching"
    _start_detach(call, eni, instance)
    return {}


def _check_detach(call: Call, eni: Eni, instance: Instance) -> None:
    if call.state.enis.members_of(eni):
        raise refusal("HasMemberEniAttached")
    if eni.trunk_id and call.args.text("TrunkNetworkInstanceId") != eni.trunk_id:
        raise refusal("InvalidParameter.TrunkNetworkInstanceId")
    stopped_only = call.cloud.switches.is_("rdma-detach", "stopped")
    if eni.traffic_mode == "HighPerformance" and stopped_only and instance.status != "Stopped":
        raise refusal("InvalidOperation.InvalidEcsState")
    if instance.status not in {"Running", "Stopped"}:
        raise refusal("InvalidOperation.InvalidEcsState")
    if instance.status == "Running" and not instance.type.hot_plug:
        raise refusal("InvalidOperation.EniHotPlugNotSupported")


def _free(state: RegionState, eni: Eni) -> None:
    """Take the interface from its instance; a member is an ordinary one again."""
    state.enis.unlink(eni)
    if eni.kind == "Member":
        eni.kind, eni.trunk_id = "Secondary", ""


def _start_detach(call: Call, eni: Eni, instance: Instance) -> None:
    cloud, state, account = call.cloud, call.state, call.account.account_id

    def detached() -> None:
        eni.status = "Available"
        _free(state, eni)
        cloud.trail.eni_done(account, call.region_id, eni, "DetachNetworkInterface", good=True)

    def failed() -> None:
        eni.status = "InUse"
        cloud.trail.eni_done(account, call.region_id, eni, "DetachNetworkInterface", good=False)

    cloud.transitions.begin(
        eni.eni_id,
        detached,
        effect=lambda: instance.guest.unplug(eni.eni_id),
        fail=failed,
        stay=call.stay("detach"),
    )
