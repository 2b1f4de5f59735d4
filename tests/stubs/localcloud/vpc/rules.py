"""Which bindings VPC refuses, in the order in which it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.state.eips import MAX_MULTI_BOUND, Eip, Mode
from localcloud.vpc import mode as multi_eip
from localcloud.vpc.errors import refusal

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.calls.operations import Call
    from localcloud.state.ecs import Eni

_OTHERS = ("Nat", "SlbInstance")
_SETTLED = {"Available", "InUse"}


@dataclass(frozen=True, slots=True)
class Target:
    """What an EIP is to be bound to; an instance stands for its primary interface."""

    kind: str
    instance_id: str
    eni_id: str
    mode: Mode
    private: str
    addresses: tuple[IPv4Address, ...]


def target_of(call: Call, kind: str, instance_id: str, mode: str, private: str) -> Target:
    """Find the interface or instance; refuses what does not exist here."""
    if kind == "NetworkInterface":
        eni = call.state.enis.all.get(instance_id)
        if eni is None:
            raise refusal("InvalidInstance.NotExist")
        return Target(kind, instance_id, instance_id, _mode(mode), private, tuple(eni.addresses))
    if kind in _OTHERS:
        return _other(call, kind, instance_id, mode)
    instance = call.state.instances.get(instance_id) if kind == "EcsInstance" else None
    if instance is None:
        raise refusal("InvalidInstance.NotExist")
    if mode in {"BINDED", "MULTI_BINDED"}:
        raise refusal("Invalid.DirectEip.BindType")
    if instance.status not in {"Running", "Stopped"}:
        raise refusal("InvalidStatus.EcsStatusNotSupport")
    primary = call.state.enis.all[instance.primary_eni_id]
    return Target(kind, instance_id, primary.eni_id, "NAT", private, tuple(primary.addresses))


def _other(call: Call, kind: str, target_id: str, mode: str) -> Target:
    other = call.state.others.get(target_id)
    if other is None or other.kind != kind:
        raise refusal("InvalidInstance.NotExist")
    if kind == "Nat":
        return Target(kind, target_id, "", "MULTI_BINDED" if mode == "" else _mode(mode), "", ())
    if mode in {"BINDED", "MULTI_BINDED"}:
        raise refusal("Invalid.DirectEip.BindType")
    return Target(kind, target_id, "", "NAT", "", ())


def _mode(text: str) -> Mode:
    if text in {"", "NAT"}:
        return "NAT"
    if text == "MULTI_BINDED":
        return "MULTI_BINDED"
    if text == "BINDED":
        return "BINDED"
    raise refusal("IllegalParam.Mode")


def check_target(call: Call, target: Target, *, count: int, leave_out: Eip | None = None) -> None:
    """Refuse what may not be bound to this target, `leave_out` not counted among what is bound."""
    bound = [eip for eip in call.state.eips.bound_to(target.instance_id) if eip is not leave_out]
    if target.kind == "Nat":
        return
    if target.kind in {"EcsInstance", "SlbInstance"}:
        if bound:
            raise refusal("InvalidAssociation.Duplicated")
        return
    eni = call.state.enis.all[target.instance_id]
    if target.mode == "MULTI_BINDED":
        _check_mode_allowed(call, eni)
    if eni.status not in _SETTLED:
        raise refusal("InvalidStatus.EniStatusNotSupport")
    _check_attached(call, eni, target.mode)
    if any(eip.moving for eip in bound):
        raise refusal("TaskConflict")
    _check_one_mode(bound, target.mode)
    _check_count(call, eni, bound, target.mode, count)


def _check_mode_allowed(call: Call, eni: Eni) -> None:
    if call.region_id not in multi_eip.REGIONS:
        raise refusal("Invalid.Function.NotSupported")
    if not call.account.multi_bound:
        raise refusal(call.cloud.switches.value("unauthorised-code"))
    if eni.kind != "Secondary" or eni.managed:
        raise refusal("InvalidParameter.EniInstanceId")
    vpc = call.state.vpcs.get(eni.vpc_id)
    gateway = call.cloud.switches.is_("ipv4-gateway", "present") or (vpc is not None and vpc.ipv4_gateway_id)
    if gateway:
        raise refusal("OperationDenied.Ipv4GatewayExist")


def _check_attached(call: Call, eni: Eni, mode: Mode) -> None:
    if eni.status != "InUse" or mode == "NAT":
        return
    switches = call.cloud.switches
    if mode == "BINDED" or switches.is_("bind-while-attached", "refuse"):
        raise refusal("Eni.Attached")
    instance = call.state.instances.get(eni.instance_id)
    unfit = instance is not None and instance.type.family not in multi_eip.FAMILIES
    if unfit and switches.is_("family-check", "attach"):
        raise refusal("OperationUnsupported.EipBindModel")


def _check_one_mode(bound: list[Eip], mode: Mode) -> None:
    others = {eip.mode for eip in bound} - {mode}
    if {mode, *others} == {"NAT", "MULTI_BINDED"}:
        raise refusal("OperationFailed.EipBindModeConflict")
    if others:
        raise refusal("Mode.Conflict")


def _check_count(call: Call, eni: Eni, bound: list[Eip], mode: Mode, count: int) -> None:
    if mode == "MULTI_BINDED":
        if len(bound) + count > MAX_MULTI_BOUND:
            raise refusal("QuotaExceed.MultiBindedEip")
        if len(eni.addresses) > 1 and call.cloud.switches.is_("secondary-ips", "refuse"):
            raise refusal("Eni.HasSubIp")
    elif mode == "BINDED":
        if len(eni.addresses) > 1:
            raise refusal("Eni.HasSubIp")
        if bound and count:
            raise refusal("InvalidEip.EipQuotaExceeded")
    elif len(bound) + count > len(eni.addresses):
        raise refusal("InvalidEip.EipQuotaExceeded")


def check_unbind(call: Call, eip: Eip) -> None:
    """Refuse an unbinding that cannot be done now."""
    if eip.service_id:
        raise refusal("Forbidden")
    if eip.status != "InUse":
        raise refusal("IncorrectEipStatus")
    named = call.args.text("InstanceId")
    if named and named != eip.instance_id:
        raise refusal("InvalidBindInstance.NotFound")
    eni = call.state.enis.all.get(eip.instance_id)
    if eni is not None:
        if eni.status not in _SETTLED:
            raise refusal("InvalidStatus.EniStatusNotSupport")
        direct = eip.mode == "BINDED"
        multi = eip.mode == "MULTI_BINDED" and call.cloud.switches.is_("unbind-while-attached", "refuse")
        if eni.status == "InUse" and (direct or multi):
            raise refusal("Eni.Attached")
    if call.cloud.switches.is_("concurrent-unbind", "allow"):
        return
    others = call.state.eips.bound_to(eip.instance_id)
    if any(each.moving for each in others if each is not eip):
        raise refusal("TaskConflict")
