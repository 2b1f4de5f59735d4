"""EIPs: allocate, describe, rename, release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.calls import paging
from localcloud.calls.listing import kept, limited, tagged, unlisted, visible, where
from localcloud.calls.operations import VPC, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, Param, flags, integers, req, texts
from localcloud.errors import ApiError, dry_run, invalid_parameter
from localcloud.physics.clock import stamp
from localcloud.state.eips import Eip
from localcloud.vpc.errors import refusal
from localcloud.vpc.shapes import shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localcloud.state.addresses import PublicIp
    from localcloud.state.region import RegionState

_PAGE = paging.Bounds(default=10, most=100)
# The widest that any charge type is sold with.
_MOST_MBIT = 1000
CHARGES = ("PayByBandwidth", "PayByTraffic")


def find(state: RegionState, allocation_id: str) -> Eip:
    """Return the EIP of this id; refuse as VPC does."""
    eip = state.eips.all.get(allocation_id)
    if eip is None:
        raise refusal("InvalidAllocationId.NotFound")
    return eip


@VPC.writes(
    "AllocateEipAddress",
    REGION,
    Param("Bandwidth"),
    Param("InternetChargeType", choices=CHARGES),
    Param("InstanceChargeType", choices=("PostPaid", "PrePaid")),
    Param("Netmode", choices=("public",)),
    *texts("ISP", "Name", "Description", "ResourceGroupId", "PricingCycle", "Zone", "PublicIpAddressPoolId"),
    *texts("IpAddress", "InstanceId"),
    *flags("AutoPay"),
    *integers("Period"),
    TAGS,
    idempotent=True,
)
def allocate(call: Call) -> Json:
    """AllocateEipAddress."""
    return _allocated(allocate_eip(call))


@VPC.writes(
    "AllocateEipAddressPro",
    REGION,
    Param("Bandwidth"),
    Param("InternetChargeType", choices=CHARGES),
    Param("InstanceChargeType", choices=("PostPaid", "PrePaid")),
    *texts("ISP", "Netmode", "ResourceGroupId", "PricingCycle", "IpAddress", "InstanceId"),
    TAGS,
    idempotent=True,
)
def allocate_pro(call: Call) -> Json:
    """AllocateEipAddressPro."""
    return _allocated(allocate_eip(call))


def _allocated(eip: Eip) -> Json:
    return {
        "OrderId": 0,
        "AllocationId": eip.allocation_id,
        "EipAddress": str(eip.public.address),
        "ResourceGroupId": eip.resource_group_id,
    }


def _check_bandwidth(call: Call) -> None:
    if not 1 <= call.args.integer("Bandwidth", 1) <= _MOST_MBIT:
        raise invalid_parameter("Bandwidth", f"it is between 1 and {_MOST_MBIT}")


def _address(call: Call) -> PublicIp:
    # Old clients send an InstanceId without an IpAddress; the cloud takes it, and it means nothing.
    wanted = call.args.text("IpAddress")
    if not wanted:
        return call.cloud.addresses.take()
    public = call.cloud.addresses.take_back(wanted)
    if public is None:
        raise invalid_parameter("IpAddress", "it is no address that was released and is free")
    return public


def allocate_eip(call: Call) -> Eip:
    """Make a new EIP of the caller's account, from the next gateway in turn."""
    state, args = call.state, call.args
    _check_bandwidth(call)
    if len(state.eips.all) >= call.account.eip_quota:
        raise refusal("QuotaExceeded.Eip")
    eip = Eip(
        call.cloud.ids.resource("eip", call.region_id),
        _address(call),
        stamp(call.cloud.clock.now()),
        name=args.text("Name"),
        description=args.text("Description"),
        bandwidth=args.text("Bandwidth", "5"),
        internet_charge_type=args.text("InternetChargeType", "PayByBandwidth"),
        charge_type=args.text("InstanceChargeType", "PostPaid"),
        isp=args.text("ISP", "BGP"),
        resource_group_id=args.text("ResourceGroupId", "rg-acfmdefault0001"),
        unlisted_reads=unlisted(call),
    )
    state.tags.put(eip.allocation_id, args.tags())
    return state.eips.add(eip)


@VPC.reads(
    "DescribeEipAddresses",
    REGION,
    Param("AllocationId", "commas", most=50),
    Param("EipAddress", "commas", most=50),
    Param("AssociatedInstanceType"),
    *texts(
        "Status", "AssociatedInstanceId", "EipName", "ChargeType", "ISP", "ResourceGroupId",
        "LockReason", "SegmentInstanceId", "PublicIpAddressPoolId",
    ),
    *flags("DryRun", "ServiceManaged", "SecurityProtectionEnabled"),
    TAGS,
    *PAGES,
)  # fmt: skip
def describe(call: Call) -> Json:
    """DescribeEipAddresses."""
    if call.args.records("Filter"):
        # Better refused than a list that looks filtered.
        raise invalid_parameter("Filter", "this local cloud has no filters of that form")
    if call.args.flag("DryRun"):
        raise dry_run()
    _check_filters(call)
    state = call.state
    found = kept(call, lambda: _chosen(call))
    page, fields = paging.by_number(call, found, _PAGE)
    shaped = [shape(state, eip) for eip in page]
    for eip in page:
        call.cloud.transitions.read(eip.allocation_id)
    return {**fields, "EipAddresses": {"EipAddress": shaped}}


def _chosen(call: Call) -> list[Eip]:
    return where(
        call,
        visible(call, _candidates(call)),
        {
            "Status": lambda eip, value: eip.status == value,
            "AssociatedInstanceId": lambda eip, value: eip.instance_id == value,
            "AssociatedInstanceType": lambda eip, value: eip.instance_type == value,
            "EipName": lambda eip, value: eip.name == value,
            "ChargeType": lambda eip, value: eip.charge_type == value,
            "ISP": lambda eip, value: eip.isp == value,
            "ResourceGroupId": lambda eip, value: eip.resource_group_id == value,
            "LockReason": lambda eip, value: eip.lock_reason == value,
            "SegmentInstanceId": lambda _eip, _value: False,
            "PublicIpAddressPoolId": lambda _eip, _value: False,
            "ServiceManaged": lambda eip, value: (value.lower() == "true") == (eip.service_id != 0),
            "SecurityProtectionEnabled": lambda _eip, value: value.lower() == "false",
        },
    )


def _check_filters(call: Call) -> None:
    kind = call.args.text("AssociatedInstanceType")
    known = {"EcsInstance", "SlbInstance", "Nat", "HaVip", "NetworkInterface", "IpAddress"}
    if kind and kind not in known:
        raise ApiError(
            "InvalidIAssociatedInstanceType.ValueNotSupported",
            "The specified value of AssociatedInstanceType is not supported.",
        )
    charge = call.args.text("ChargeType")
    if charge and charge not in {"PostPaid", "PrePaid"}:
        raise ApiError(
            "InvalidChargeType.ValueNotSupported", "The specified value of ChargeType is not supported."
        )


def _candidates(call: Call) -> Iterable[Eip]:
    eips, args = call.state.eips, call.args
    named: list[list[Eip]] = []
    if args.has("AllocationId"):
        ids = dict.fromkeys(args.commas("AllocationId"))
        named.append([eips.all[each] for each in ids if each in eips.all])
    if args.has("EipAddress"):
        known = (eips.by_address(each) for each in dict.fromkeys(args.commas("EipAddress")))
        named.append([eip for eip in known if eip is not None])
    if args.tags():
        found = [eips.all[each] for each in tagged(call) if each in eips.all]
        named.append(limited(call, found))
    if args.has("AssociatedInstanceId"):
        named.append(eips.bound_to(args.text("AssociatedInstanceId")))
    if not named:
        return eips.all.listed()
    if len(named) == 1:
        return named[0]
    others = [{eip.allocation_id for eip in each} for each in named[1:]]
    return [eip for eip in named[0] if all(eip.allocation_id in other for other in others)]


@VPC.writes(
    "ModifyEipAddressAttribute",
    req("AllocationId"),
    *texts("RegionId", "Name", "Description"),
    Param("Bandwidth"),
)
def modify(call: Call) -> Json:
    """ModifyEipAddressAttribute."""
    eip = find(call.state, call.args.text("AllocationId"))
    _check_bandwidth(call)
    if eip.moving:
        raise refusal("IncorrectEipStatus")
    eip.name = call.args.text("Name", eip.name)
    eip.description = call.args.text("Description", eip.description)
    eip.bandwidth = call.args.text("Bandwidth", eip.bandwidth)
    return {}


@VPC.writes("ReleaseEipAddress", req("AllocationId"), *texts("RegionId"))
def release(call: Call) -> Json:
    """ReleaseEipAddress."""
    cloud, state = call.cloud, call.state
    eip = find(state, call.args.text("AllocationId"))
    if eip.service_id:
        raise refusal("Forbidden")
    if eip.charge_type == "PrePaid":
        raise refusal("Forbidden.ChargeTypeIsPrepaid")
    if eip.deletion_protection:
        raise refusal("InvalidOperation.DeletionProtection")
    seconds = cloud.profile.duration("release")
    if eip.status == "Releasing" and cloud.transitions.restart(eip.allocation_id, seconds):
        return {}
    if eip.status != "Available":
        raise refusal("IncorrectEipStatus")
    eip.status = "Releasing"

    def gone() -> None:
        state.eips.remove(eip)
        state.tags.forget(eip.allocation_id)
        cloud.addresses.give_back(eip.public)

    cloud.transitions.begin(eip.allocation_id, gone, stay=call.stay("release"))
    return {}
