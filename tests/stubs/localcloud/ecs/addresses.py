"""Secondary private addresses of interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import REGION, Param, integers, req
from localcloud.ecs.errors import refusal, wrong_eni_state
from localcloud.ecs.interfaces import MAX_ADDRESSES, find
from localcloud.errors import ApiError, missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address

    from localcloud.state.networks import VSwitch


@ECS.writes(
    "AssignPrivateIpAddresses",
    REGION,
    req("NetworkInterfaceId"),
    Param("PrivateIpAddress", "list", most=MAX_ADDRESSES),
    *integers("SecondaryPrivateIpAddressCount"),
    idempotent=True,
)
def assign(call: Call) -> Json:
    """AssignPrivateIpAddresses."""
    state = call.state
    eni = find(state, call.args.text("NetworkInterfaceId"))
    if eni.status not in {"Available", "InUse"}:
        raise wrong_eni_state(eni.status, "Available or InUse")
    wanted = call.args.many("PrivateIpAddress") or [""] * call.args.integer("SecondaryPrivateIpAddressCount")
    if not wanted:
        raise ApiError("MissingParameter", "PrivateIpAddress or SecondaryPrivateIpAddressCount is mandatory.")
    if len(eni.addresses) + len(wanted) > MAX_ADDRESSES + 1:
        raise refusal("QuotaExceeded.PrivateIpAddress")
    new = _take(state.vswitches[eni.vswitch_id], wanted)
    eni.addresses += new
    call.cloud.trail.private_ips(call.account.account_id, call.region_id, eni, "PrivateIPAssigned")
    return {
        "AssignedPrivateIpAddressesSet": {
            "NetworkInterfaceId": eni.eni_id,
            "PrivateIpSet": {"PrivateIpAddress": [str(each) for each in new]},
            "Ipv4PrefixSet": {"Ipv4Prefixes": []},
        }
    }


def _take(vswitch: VSwitch, wanted: Sequence[str]) -> list[IPv4Address]:
    taken: list[IPv4Address] = []
    try:
        for each in wanted:
            taken.append(vswitch.take(each))  # noqa: PERF401 - what was taken is given back on a refusal
    except ApiError as error:
        for address in taken:
            vswitch.give_back(address)
        if error.code == "InvalidPrivateIpAddress.Duplicated":  # this action has a code of its own for it
            raise refusal("InvalidIp.IpAssigned") from error
        raise
    return taken


@ECS.writes(
    "UnassignPrivateIpAddresses",
    REGION,
    req("NetworkInterfaceId"),
    Param("PrivateIpAddress", "list", most=MAX_ADDRESSES),
)
def unassign(call: Call) -> Json:
    """UnassignPrivateIpAddresses."""
    eni = find(call.state, call.args.text("NetworkInterfaceId"))
    gone = set(call.args.many("PrivateIpAddress"))
    if not gone:
        # Prefixes may be named instead on the real cloud; none are kept here.
        raise missing("PrivateIpAddress")
    if str(eni.primary_address) in gone:
        raise ApiError("InvalidIp.Primary", "The primary private IP address can not be unassigned.", 403)
    for address in [each for each in eni.addresses if str(each) in gone]:
        eni.addresses.remove(address)
        call.state.vswitches[eni.vswitch_id].give_back(address)
    call.cloud.trail.private_ips(call.account.account_id, call.region_id, eni, "PrivateIPUnassigned")
    return {}
