"""VPC operations with types: EIPs and their gateways. Lists are whole or refused."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from multieip.cloud.listing import Kind, Listed, batched, believed, joined, tag_filter
from multieip.cloud.numbered import Numbered, by_number
from multieip.cloud.reading import Row, flag, parts, rows, said, tags_of, text
from multieip.errors import ContradictionError, UnreadableError
from multieip.model.resources import AllocationId, BindMode, Eip, EipStatus, EniId, Gateway, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multieip.ports import Api

_IDS_PER_CALL: Final = 50
_PER_PAGE: Final = 100


def list_eips(
    api: Api,
    region: Region,
    *,
    ids: Sequence[str] | None = None,
    tag: tuple[str, str | None] | None = None,
    bound_to: EniId | None = None,
) -> Listed[Eip]:
    """Return the EIPs with these ids, with this tag (None: any value), or associated with this ENI.

    `ids` of None lists by the other conditions; no ids are an empty list and no call.
    """
    kind = _eips(region)
    asked: dict[str, str] = {"RegionId": region, **tag_filter(tag)}
    if bound_to:
        asked |= {"AssociatedInstanceType": "NetworkInterface", "AssociatedInstanceId": bound_to}
    if ids is None:
        return by_number(api, kind, asked, _PER_PAGE)
    return joined(
        by_number(api, kind, {**asked, "AllocationId": ",".join(batch)}, _PER_PAGE)
        for batch in batched(ids, _IDS_PER_CALL)
    )


def eips_in_pages(
    api: Api,
    region: Region,
    *,
    tag: tuple[str, str | None] | None = None,
    on_enis: bool = False,
    keep: Callable[[Eip], bool] | None = None,
) -> Numbered[Eip]:
    """Return the list with this tag, or of all EIPs, before anything of it is read.

    `on_enis` lists those that are associated with ENIs; rows that `keep` does not want are let go.
    """
    asked = {"RegionId": region, **tag_filter(tag)}
    if on_enis:
        asked["AssociatedInstanceType"] = "NetworkInterface"
    return Numbered(api, _eips(region), asked, _PER_PAGE, keep)


def _eips(region: Region) -> Kind[Eip]:
    build = partial(_eip, region=region)
    return Kind("DescribeEipAddresses", "EipAddresses", "EipAddress", "AllocationId", build)


def gateways(api: Api, region: Region, eni: EniId) -> list[Gateway]:
    """Return gateway and mask of every EIP bound to this ENI in multi-EIP mode."""
    return believed(lambda: _gateways(api, region, eni))


def _gateways(api: Api, region: Region, eni: EniId) -> list[Gateway]:
    action = "DescribeEipGatewayInfo"
    answer = api.call("Vpc", action, {"RegionId": region, "InstanceId": eni})
    found: dict[str, Gateway] = {}
    for row in rows(action, answer, "EipInfos", "EipInfo"):
        if not isinstance(row, dict):
            raise UnreadableError(action, f"an entry is {row!r}, not an object")
        made = _gateway(row)
        if found.setdefault(made.address, made) != made:
            raise ContradictionError(action, f"{made.address} has two gateways")
    return list(found.values())


def _eip(row: Row, region: Region) -> Eip:
    reasons = [said(lock, "LockReason") for lock in parts(row, "OperationLocks", "LockReason")]
    business = said(row, "BusinessStatus") or "Normal"
    return Eip(
        id=AllocationId(text(row, "AllocationId")),
        address=_address(text(row, "IpAddress")),
        status=_eip_status(row),
        region=Region(said(row, "RegionId") or region),
        bound_to=said(row, "InstanceId") or None,
        bound_type=said(row, "InstanceType") or None,
        mode=_mode(row),
        locks=tuple(reasons if business == "Normal" else [*reasons, business]),
        service_managed=bool(flag(row, "ServiceManaged")),
        tags=tags_of(row),
    )


@lru_cache(maxsize=1024)
def _address(value: str) -> str:
    """Return the address as it is written; a run reads the same few again and again."""
    # Nothing needs it before the first answer, and it costs a cold start as much as all values of the model.
    from ipaddress import AddressValueError, IPv4Address  # noqa: PLC0415

    try:
        return str(IPv4Address(value))
    except AddressValueError as fault:
        raise UnreadableError("reading an answer", f"IpAddress is {value!r}, not an IPv4 address") from fault


def _eip_status(row: Row) -> EipStatus:
    try:
        return EipStatus(row.get("Status"))
    except ValueError:
        return EipStatus.OTHER


def _mode(row: Row) -> BindMode | None:
    # The API documents Mode for ENIs only; what it says about other resources means nothing. NAT gateways,
    # too, have EIPs that say MULTI_BINDED.
    mode = said(row, "Mode")
    if said(row, "InstanceType") != "NetworkInterface" or not mode:
        return None
    try:
        return BindMode(mode)
    except ValueError:
        return BindMode.OTHER


def _gateway(row: Row) -> Gateway:
    # Field tables and SDK models say Ip; examples of older pages show IP.
    address = row.get("Ip") or row.get("IP")
    if not isinstance(address, str):
        raise UnreadableError("DescribeEipGatewayInfo", "an entry has neither Ip nor IP")
    return Gateway(address=address, gateway=text(row, "IpGw"), mask=text(row, "IpMask"))
