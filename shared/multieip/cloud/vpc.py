"""VPC operations with types: EIPs and their gateways. Lists are read to the last page or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from multieip.cloud.reading import batched, rows, tag_filter, text
from multieip.errors import UnreadableError
from multieip.model.resources import AllocationId, BindMode, Eip, EipStatus, EniId, Gateway, Region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multieip.ports import Api, Json

_IDS_PER_CALL: Final = 50
_PER_PAGE: Final = 100


def list_eips(
    api: Api,
    region: Region,
    *,
    ids: Sequence[str] = (),
    tag: tuple[str, str | None] | None = None,
    bound_to: EniId | None = None,
) -> list[Eip]:
    """Return the EIPs with these ids, with this tag (None: any value), or associated with this ENI."""
    asked: dict[str, str] = {"RegionId": region, "PageSize": str(_PER_PAGE), **tag_filter(tag)}
    if bound_to:
        asked |= {"AssociatedInstanceType": "NetworkInterface", "AssociatedInstanceId": bound_to}
    found: dict[AllocationId, Eip] = {}
    for batch in batched(ids, _IDS_PER_CALL):
        named = {"AllocationId": ",".join(batch)} if batch else {}
        for eip in _all_pages(api, region, {**asked, **named}):
            found[eip.id] = eip
    return list(found.values())


def gateways(api: Api, region: Region, eni: EniId) -> list[Gateway]:
    """Return gateway and mask of every EIP bound to this ENI in multi-EIP mode."""
    action = "DescribeEipGatewayInfo"
    answer = api.call("Vpc", action, {"RegionId": region, "InstanceId": eni})
    return [_gateway(row) for row in rows(action, answer, "EipInfos", "EipInfo")]


def _all_pages(api: Api, region: Region, asked: Mapping[str, str]) -> list[Eip]:
    """Read pages by number up to the total that the API tells.

    Where the list changes meanwhile an entry may come twice; the caller keeps one of each.
    """
    action = "DescribeEipAddresses"
    found: list[Eip] = []
    number = 1
    while True:
        page = api.call("Vpc", action, {**asked, "PageNumber": str(number)})
        entries = rows(action, page, "EipAddresses", "EipAddress")
        found += [_eip(row, region) for row in entries]
        if number * _PER_PAGE >= _total(action, page):
            return found
        number += 1


def _total(action: str, page: Json) -> int:
    total = page.get("TotalCount")
    if not isinstance(total, int):
        raise UnreadableError(action, "the answer has no TotalCount")
    return total


def _eip(row: Mapping[str, Any], region: Region) -> Eip:
    locks = (row.get("OperationLocks") or {}).get("LockReason") or []
    reasons = [str(lock.get("LockReason", "")) for lock in locks]
    business = str(row.get("BusinessStatus") or "Normal")
    tags = (row.get("Tags") or {}).get("Tag") or []
    return Eip(
        id=AllocationId(text(row, "AllocationId")),
        address=str(row.get("IpAddress", "")),
        status=_eip_status(row),
        region=Region(str(row.get("RegionId") or region)),
        bound_to=str(row.get("InstanceId") or "") or None,
        bound_type=str(row.get("InstanceType") or "") or None,
        mode=_mode(row),
        locks=tuple(reasons if business == "Normal" else [*reasons, business]),
        tags={str(tag.get("Key", "")): str(tag.get("Value", "")) for tag in tags},
    )


def _eip_status(row: Mapping[str, Any]) -> EipStatus:
    try:
        return EipStatus(row.get("Status"))
    except ValueError:
        return EipStatus.OTHER


def _mode(row: Mapping[str, Any]) -> BindMode | None:
    # The API documents Mode for ENIs only; what it says about other resources means nothing.
    if row.get("InstanceType") != "NetworkInterface" or not row.get("Mode"):
        return None
    try:
        return BindMode(row["Mode"])
    except ValueError:
        return BindMode.OTHER


def _gateway(row: Mapping[str, Any]) -> Gateway:
    # Field tables and SDK models say Ip; examples of older pages show IP.
    address = row.get("Ip") or row.get("IP")
    if not isinstance(address, str):
        raise UnreadableError("DescribeEipGatewayInfo", "an entry has neither Ip nor IP")
    return Gateway(address=address, gateway=text(row, "IpGw"), mask=text(row, "IpMask"))
