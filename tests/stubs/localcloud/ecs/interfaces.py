"""Network interfaces: create, describe, modify, delete, private addresses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from localcloud.calls import paging
from localcloud.calls.listing import MOST_BY_TAG, kept, limited, tagged, unlisted, visible, where
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, TOKENS, Param, flags, integers, req, texts
from localcloud.ecs.errors import refusal, wrong_eni_state
from localcloud.ecs.shapes import attribute, created, eni_set
from localcloud.errors import ApiError
from localcloud.physics.clock import stamp
from localcloud.state.ecs import Eni
from localcloud.vpc.routing import route

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address

    from localcloud.state.networks import VSwitch
    from localcloud.state.region import RegionState

_TOKEN_PAGE = paging.Bounds(default=10, least=10, most=500, clamp=True)
_NUMBER_PAGE = paging.Bounds(default=10, most=1000)
_NAMES = (Param("NetworkInterfaceName", most=128, least=2), Param("Description", most=256, least=2))
MAX_ADDRESSES = 10


def find(state: RegionState, eni_id: str) -> Eni:
    """Return the interface of this id; refuse as ECS does."""
    eni = state.enis.all.get(eni_id)
    if eni is None:
        raise refusal("InvalidEniId.NotFound")
    return eni


@ECS.writes(
    "CreateNetworkInterface",
    REGION,
    req("VSwitchId"),
    *texts("SecurityGroupId", "PrimaryIpAddress", "ResourceGroupId", "NetworkInterfaceTrafficMode"),
    *_NAMES,
    Param("InstanceType", choices=("Secondary", "Trunk")),
    Param("SecurityGroupIds", "list", most=5),
    Param("PrivateIpAddress", "list", most=MAX_ADDRESSES),
    *integers("SecondaryPrivateIpAddressCount", "QueueNumber", "QueuePairNumber"),
    *flags("DeleteOnRelease"),
    TAGS,
    idempotent=True,
)  # fmt: skip
def create(call: Call) -> Json:
    """CreateNetworkInterface."""
    eni = new_eni(call)
    _settle_new(call, eni)
    return created(call.state, eni)


def new_eni(call: Call) -> Eni:
    """Make an interface as CreateNetworkInterface's parameters say; it is `Creating`."""
    args, state = call.args, call.state
    vswitch = state.vswitches.get(args.text("VSwitchId"))
    if vswitch is None:
        raise refusal("InvalidVSwitchId.NotFound")
    groups = _security_groups(call, vswitch.vpc_id)
    if len(state.enis.all) - len(state.instances) >= call.account.eni_quota:  # primary ones are not counted
        raise refusal("MaxEniCountExceeded")
    high = args.text("NetworkInterfaceTrafficMode") == "HighPerformance"
    eni = Eni(
        call.cloud.ids.resource("eni", call.region_id),
        call.cloud.ids.mac(),
        "Trunk" if args.text("InstanceType") == "Trunk" else "Secondary",
        vswitch.vpc_id,
        vswitch.vswitch_id,
        vswitch.zone_id,
        groups,
        _take_addresses(call, vswitch),
        stamp(call.cloud.clock.now()),
        name=args.text("NetworkInterfaceName"),
        description=args.text("Description"),
        resource_group_id=args.text("ResourceGroupId"),
        status="Creating",
        delete_on_release=args.flag("DeleteOnRelease", default=True),
        queue_number=args.integer("QueueNumber", 1),
        traffic_mode="HighPerformance" if high else "Standard",
        queue_pairs=args.integer("QueuePairNumber") if high else 0,
        source_dest_check=call.cloud.switches.is_("source-dest-check", "on"),
        unlisted_reads=unlisted(call),
    )
    state.tags.put(eni.eni_id, args.tags())
    return state.enis.add(eni)


def _settle_new(call: Call, eni: Eni) -> None:
    # The documents call the creation synchronous; only a fault makes it dawdle in Creating.
    if call.cloud.faults.strike("CreateNetworkInterface", "stuck") is None:
        eni.status = "Available"
        account = call.account.account_id
        call.cloud.trail.eni_done(account, call.region_id, eni, "CreateNetworkInterface", good=True)


def _security_groups(call: Call, vpc_id: str) -> list[str]:
    one, several = call.args.text("SecurityGroupId"), call.args.many("SecurityGroupIds")
    groups = [one] if one else several
    if not groups or (one and several):
        raise ApiError(
            "MissingParameter" if not groups else "InvalidParameter.Conflict",
            'The input parameter "SecurityGroupId" that is mandatory for processing this request is not '
            "supplied, or both SecurityGroupId and SecurityGroupIds are.",
        )
    for group_id in groups:
        group = call.state.security_groups.get(group_id)
        if group is None:
            raise refusal("InvalidSecurityGroupId.NotFound")
        if group.vpc_id != vpc_id:
            raise refusal("InvalidOperation.VpcMismatch")
    return groups


def _take_addresses(call: Call, vswitch: VSwitch) -> list[IPv4Address]:
    args = call.args
    wanted = [args.text("PrimaryIpAddress"), *args.many("PrivateIpAddress")]
    wanted += [""] * args.integer("SecondaryPrivateIpAddressCount")
    if len(wanted) > MAX_ADDRESSES + 1:
        raise refusal("QuotaExceeded.PrivateIpAddress")
    taken: list[IPv4Address] = []
    try:
        for each in wanted:
            taken.append(vswitch.take(each))  # noqa: PERF401 - what was taken is given back on a refusal
    except ApiError:
        for address in taken:
            vswitch.give_back(address)
        raise
    return taken


@ECS.reads(
    "DescribeNetworkInterfaces",
    REGION,
    Param("NetworkInterfaceId", "list", most=100),
    Param("PrivateIpAddress", "list", most=100),
    *texts(
        "InstanceId", "Status", "VSwitchId", "VpcId", "PrimaryIpAddress", "SecurityGroupId",
        "NetworkInterfaceName", "ResourceGroupId",
    ),
    Param("Type", choices=("Primary", "Secondary", "Trunk", "Member")),
    *flags("ServiceManaged"),
    TAGS,
    *TOKENS,
    *PAGES,
)  # fmt: skip
def describe(call: Call) -> Json:
    """DescribeNetworkInterfaces."""
    if call.args.integer("PageNumber", 1) < 1:
        message = "The specified PageNumber is invalid."
        raise ApiError("InvalidOperation.InvalidEniPageNumber", message, 403)
    found = kept(call, lambda: _chosen(call))
    page, fields = paging.either(call, found, _TOKEN_PAGE, _NUMBER_PAGE)
    shaped = [eni_set(call, eni) for eni in page]
    for eni in page:
        call.cloud.transitions.read(eni.eni_id)
    return {**fields, "NetworkInterfaceSets": {"NetworkInterfaceSet": shaped}}


def _chosen(call: Call) -> list[Eni]:
    addresses = set(call.args.many("PrivateIpAddress"))
    found = where(
        call,
        visible(call, _candidates(call)),
        {
            "InstanceId": lambda eni, value: eni.instance_id == value,
            "Status": lambda eni, value: eni.status == value,
            "Type": lambda eni, value: eni.kind == value,
            "VSwitchId": lambda eni, value: eni.vswitch_id == value,
            "VpcId": lambda eni, value: eni.vpc_id == value,
            "PrimaryIpAddress": lambda eni, value: str(eni.primary_address) == value,
            "SecurityGroupId": lambda eni, value: eni.kind == "Secondary" and value in eni.security_groups,
            "NetworkInterfaceName": lambda eni, value: eni.name == value,
            "ResourceGroupId": lambda eni, value: eni.resource_group_id == value,
            "ServiceManaged": lambda eni, value: (value.lower() == "true") == eni.managed,
        },
    )
    if addresses:
        found = [eni for eni in found if addresses & {str(each) for each in eni.addresses}]
    return limited(call, found, MOST_BY_TAG)


def _candidates(call: Call) -> Iterable[Eni]:
    args, enis = call.args, call.state.enis
    ids = args.many("NetworkInterfaceId")
    if args.tags():
        found = tagged(call)
        ids = [each for each in ids if each in set(found)] if ids else found
        return [enis.all[each] for each in ids if each in enis.all]
    if ids:
        return [enis.all[each] for each in dict.fromkeys(ids) if each in enis.all]
    if args.has("InstanceId"):
        return enis.of_instance(args.text("InstanceId"))
    return enis.all.listed()


@ECS.reads("DescribeNetworkInterfaceAttribute", REGION, req("NetworkInterfaceId"), *texts("Attribute"))
def describe_attribute(call: Call) -> Json:
    """DescribeNetworkInterfaceAttribute."""
    eni = find(call.state, call.args.text("NetworkInterfaceId"))
    shaped = attribute(call, eni)
    call.cloud.transitions.read(eni.eni_id)
    return shaped


@ECS.writes(
    "ModifyNetworkInterfaceAttribute",
    REGION,
    req("NetworkInterfaceId"),
    *_NAMES,
    Param("SecurityGroupId", "list", most=5),
    *integers("QueueNumber"),
    *flags("DeleteOnRelease", "SourceDestCheck"),
)
def modify(call: Call) -> Json:
    """ModifyNetworkInterfaceAttribute."""
    args = call.args
    eni = find(call.state, args.text("NetworkInterfaceId"))
    groups = args.many("SecurityGroupId")
    if eni.managed:
        raise refusal("InvalidOperation.EniServiceManaged")
    if any(group not in call.state.security_groups for group in groups):
        raise refusal("InvalidSecurityGroupId.NotFound")
    eni.security_groups = groups or eni.security_groups
    eni.name = args.text("NetworkInterfaceName", eni.name)
    eni.description = args.text("Description", eni.description)
    eni.queue_number = args.integer("QueueNumber", eni.queue_number)
    eni.delete_on_release = args.flag("DeleteOnRelease", default=eni.delete_on_release)
    if args.has("SourceDestCheck"):
        eni.source_dest_check = args.flag("SourceDestCheck")
        for eip in call.state.eips.bound_to(eni.eni_id):
            call.cloud.transitions.run(partial(route, call.cloud, call.state, eip))
    return {}


@ECS.writes("DeleteNetworkInterface", REGION, req("NetworkInterfaceId"))
def delete(call: Call) -> Json:
    """DeleteNetworkInterface; an unknown id is a 403 here, unlike elsewhere."""
    cloud, state = call.cloud, call.state
    eni = state.enis.all.get(call.args.text("NetworkInterfaceId"))
    if eni is None:
        raise ApiError("InvalidEniId.NotFound", "The specified EniId is not found.", 403)
    if eni.managed:
        raise refusal("InvalidOperation.EniServiceManaged")
    seconds = cloud.profile.duration("delete")
    if eni.status == "Deleting" and cloud.transitions.restart(eni.eni_id, seconds):
        return {}
    if eni.status != "Available":
        raise wrong_eni_state(eni.status, "Available")
    if state.eips.bound_to(eni.eni_id):
        raise refusal("InvalidOperation.Conflict")
    eni.status = "Deleting"
    cloud.transitions.begin(
        eni.eni_id,
        lambda: remove(call, eni),
        stay=call.stay("delete"),
    )
    return {}


def remove(call: Call, eni: Eni) -> None:
    """Let go of the interface, its addresses and tags with it."""
    state = call.state
    state.enis.remove(eni)
    state.tags.forget(eni.eni_id)
    for address in eni.addresses:
        state.vswitches[eni.vswitch_id].give_back(address)
    account = call.account.account_id
    call.cloud.trail.eni_done(account, call.region_id, eni, "DeleteNetworkInterface", good=True)
