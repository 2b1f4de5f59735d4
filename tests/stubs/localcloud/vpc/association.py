"""Binding EIPs to interfaces and instances, unbinding them, and what their gateways are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.calls.operations import VPC, Call, Json
from localcloud.calls.params import REGION, Param, flags, req, texts
from localcloud.errors import ApiError
from localcloud.vpc.errors import refusal
from localcloud.vpc.responses import find
from localcloud.vpc.routing import route
from localcloud.vpc.rules import Target, check_target, check_unbind, target_of

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.state.eips import Eip

_TYPES = ("EcsInstance", "NetworkInterface", "Nat", "SlbInstance", "HaVip", "IpAddress")


@VPC.writes(
    "AssociateEipAddress",
    req("AllocationId"),
    req("InstanceId"),
    *texts("RegionId", "InstanceType", "Mode", "PrivateIpAddress", "InstanceRegionId", "VpcId"),
    idempotent=True,
)
def associate(call: Call) -> Json:
    """AssociateEipAddress."""
    args = call.args
    kind = args.text("InstanceType", "EcsInstance")
    if kind not in _TYPES:
        raise refusal("InvalidInstanceType.ValueNotSupported")
    eip = find(call.state, args.text("AllocationId"))
    target = target_of(call, kind, args.text("InstanceId"), args.text("Mode"), args.text("PrivateIpAddress"))
    check_eip(eip, target.instance_id)
    check_target(call, target, count=1)
    _bind(call, eip, target, check_private(call, target))
    return {}


@VPC.writes(
    "AssociateEipAddressBatch",
    REGION,
    req("BindedInstanceId"),
    req("BindedInstanceType", choices=("Nat", "NetworkInterface")),
    req("InstanceIds", "list", most=50),
    Param("Mode"),
    idempotent=True,
)
def associate_batch(call: Call) -> Json:
    """AssociateEipAddressBatch: all or nothing, unless the switch `batch` says otherwise."""
    args = call.args
    if args.text("Mode") == "BINDED":  # documented with one value only, MULTI_BINDED
        raise refusal("IllegalParam.Mode")
    target = target_of(
        call, args.text("BindedInstanceType"), args.text("BindedInstanceId"), args.text("Mode"), ""
    )
    good, refusals = _sort_out(call, target, list(dict.fromkeys(args.many("InstanceIds"))))
    if refusals and (call.cloud.switches.is_("batch", "atomic") or not good):
        raise refusals[0]
    check_target(call, target, count=len(good))
    for eip in good:
        _bind(call, eip, target, _free_address(call, target))
    return {}


def _sort_out(call: Call, target: Target, ids: list[str]) -> tuple[list[Eip], list[ApiError]]:
    good: list[Eip] = []
    refusals: list[ApiError] = []
    for allocation_id in ids:
        eip = _bindable(call, target, allocation_id)
        if isinstance(eip, ApiError):
            refusals.append(eip)
        else:
            good.append(eip)
    return good, refusals


def _bindable(call: Call, target: Target, allocation_id: str) -> Eip | ApiError:
    try:
        eip = find(call.state, allocation_id)
        check_eip(eip, target.instance_id)
    except ApiError as error:
        return error
    return eip


def check_eip(eip: Eip, instance_id: str) -> None:
    """Refuse an EIP that cannot be bound now."""
    if eip.service_id:
        raise refusal("Forbidden")
    if eip.status == "InUse" and eip.instance_id == instance_id:
        raise refusal("InvalidAssociation.Duplicated")
    if eip.status != "Available":
        raise refusal("IncorrectEipStatus")
    if eip.lock_reason:
        raise refusal("Forbidden.FinancialLocked")


def check_private(call: Call, target: Target) -> IPv4Address | None:
    """Return the private address that the EIP goes to; refuse one that is not the interface's."""
    wanted = target.private
    if not target.addresses:
        return None
    if target.mode == "MULTI_BINDED" and not wanted and call.cloud.switches.is_("private-ip", "required"):
        raise refusal("MissingPrivateIpAddress")
    if wanted:
        chosen = next((each for each in target.addresses if str(each) == wanted), None)
        if chosen is None:
            raise refusal("InvalidParameter.Mismatch")
        return chosen
    return _free_address(call, target)


def _free_address(call: Call, target: Target) -> IPv4Address | None:
    if not target.addresses:
        return None
    if target.mode != "NAT":
        return target.addresses[0]
    taken = {eip.private_ip for eip in call.state.eips.bound_to(target.instance_id)}
    return next((each for each in target.addresses if each not in taken), target.addresses[0])


def _bind(call: Call, eip: Eip, target: Target, private: IPv4Address | None) -> None:
    cloud, state = call.cloud, call.state
    state.eips.link(eip, target.instance_id, target.kind, target.mode, private)
    eip.status = "Associating"

    def bound() -> None:
        eip.status = "InUse"

    def failed() -> None:
        eip.status = "Available"
        state.eips.unlink(eip)

    back = call.falls_back()
    cloud.transitions.begin(
        eip.allocation_id,
        failed if back else bound,
        effect=(lambda: None) if back else (lambda: route(cloud, state, eip)),
        fail=failed,
        stay=call.stay("associate"),
    )


@VPC.writes(
    "UnassociateEipAddress",
    req("AllocationId"),
    *texts("RegionId", "InstanceId", "InstanceType", "PrivateIpAddress"),
    *flags("Force"),
    idempotent=True,
)
def unassociate(call: Call) -> Json:
    """UnassociateEipAddress."""
    cloud, state = call.cloud, call.state
    eip = find(state, call.args.text("AllocationId"))
    seconds = cloud.profile.duration("unassociate")
    if eip.status == "Unassociating" and cloud.transitions.restart(eip.allocation_id, seconds):
        return {}
    if eip.status == "Available" and cloud.switches.is_("unbind-unbound", "accept"):
        return {}
    check_unbind(call, eip)
    eip.status = "Unassociating"

    def unbound() -> None:
        eip.status = "Available"
        state.eips.unlink(eip)

    def failed() -> None:
        eip.status = "InUse"

    cloud.transitions.begin(
        eip.allocation_id,
        unbound,
        effect=lambda: cloud.world.unbind(eip.public.address),
        fail=failed,
        stay=call.stay("unassociate"),
    )
    return {}


@VPC.reads("DescribeEipGatewayInfo", REGION, req("InstanceId"))
def gateway_info(call: Call) -> Json:
    """DescribeEipGatewayInfo: gateway and mask of the EIPs bound in MULTI_BINDED mode."""
    instance_id = call.args.text("InstanceId")
    if not instance_id.startswith("eni-"):
        raise refusal("Instance.NotExist")
    eni = call.state.enis.all.get(instance_id)
    if eni is None:
        raise refusal("InvalidNetworkInterface.NotFound")
    switches = call.cloud.switches
    silent = switches.is_("gateway-info", "attached") and eni.status != "InUse"
    spelling = switches.value("gateway-ip-key")
    rows = [
        {
            spelling: str(eip.public.address),
            "IpGw": str(eip.public.gateway),
            "IpMask": str(eip.public.network.netmask),
        }
        for eip in call.state.eips.bound_to(instance_id)
        if eip.mode == "MULTI_BINDED" and eip.status == "InUse" and not silent
    ]
    code: str | int = "200" if switches.is_("gateway-code", "text") else 200
    return {"Code": code, "Message": "successful", "EipInfos": {"EipInfo": rows}}


@VPC.writes("ModifyEipForwardMode", REGION, req("InstanceId"), req("Mode"), idempotent=True)
def modify_forward_mode(call: Call) -> Json:
    """ModifyEipForwardMode: only for an EIP that is bound to nothing else in another mode."""
    eip = find(call.state, call.args.text("InstanceId"))
    mode = call.args.text("Mode")
    if mode not in {"NAT", "MULTI_BINDED", "BINDED"}:
        raise refusal("IllegalParam.Mode")
    if eip.status != "InUse" or eip.instance_type != "NetworkInterface":
        raise refusal("IncorrectEipStatus")
    target = target_of(call, "NetworkInterface", eip.instance_id, mode, str(eip.private_ip))
    check_target(call, target, count=1, leave_out=eip)
    eip.status = "Associating"
    eip.mode = target.mode

    def done() -> None:
        eip.status = "InUse"

    cloud, state = call.cloud, call.state
    stay = call.stay("associate")
    cloud.transitions.begin(
        eip.allocation_id, done, effect=lambda: route(cloud, state, eip), fail=done, stay=stay
    )
    return {}
