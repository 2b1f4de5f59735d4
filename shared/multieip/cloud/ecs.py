"""ECS operations with types: interfaces, instances, instance types, the state of Cloud Assistant.

Lists are whole or refused. `ids` of None lists by the other conditions; no ids are an empty list and no call.
"""

from __future__ import annotations

import json
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from multieip.cloud.listing import CutOffError, Kind, Listed, batched, by_token, joined, tag_filter
from multieip.cloud.reading import Row, flag, names_in, number, part, parts, said, tags_of, text
from multieip.errors import RefusedError
from multieip.model.resources import (
    Assistant,
    Eni,
    EniId,
    EniKind,
    EniStatus,
    Instance,
    InstanceId,
    InstanceStatus,
    InstanceType,
    OddRow,
    Region,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multieip.ports import Api

_IDS_PER_CALL: Final = 100
_TYPES_PER_CALL: Final = 10
_ENIS_PER_PAGE: Final = "500"
_INSTANCES_PER_PAGE: Final = "100"
_MOST_BY_TAG: Final = 1000
"""ECS lists no more than this by tag, and does not say that it left any out."""

_S = TypeVar("_S", bound=Enum)
_R = TypeVar("_R", Eni, Instance)


def list_enis(
    api: Api,
    region: Region,
    *,
    ids: Sequence[str] | None = None,
    tag: tuple[str, str | None] | None = None,
    instance: InstanceId | None = None,
) -> Listed[Eni]:
    """Return the ENIs with these ids, with this tag (None: any value), or on this instance.

    Ids that do not exist are simply not in the result, as the API has it.
    """
    kind = Kind(
        "DescribeNetworkInterfaces",
        "NetworkInterfaceSets",
        "NetworkInterfaceSet",
        "NetworkInterfaceId",
        partial(_eni, region=region),
    )
    asked: dict[str, str] = {"RegionId": region, "MaxResults": _ENIS_PER_PAGE}
    if instance:
        asked["InstanceId"] = instance
    if ids is None:
        return _whole(api, kind, asked, tag)
    asked |= tag_filter(tag)
    return joined(
        by_token(api, kind, {**asked, **_numbered("NetworkInterfaceId", batch)})
        for batch in batched(ids, _IDS_PER_CALL)
    )


def list_instances(
    api: Api,
    region: Region,
    *,
    ids: Sequence[str] | None = None,
    tag: tuple[str, str | None] | None = None,
) -> Listed[Instance]:
    """Return the instances with these ids or with this tag.

    A missing permission makes this API leave instances out instead of refusing. A list by tag that is empty
    is therefore checked with `may_list_instances`; who asks for ids that are not there checks them likewise.
    """
    kind = Kind("DescribeInstances", "Instances", "Instance", "InstanceId", partial(_instance, region=region))
    asked = {"RegionId": region, "MaxResults": _INSTANCES_PER_PAGE}
    if ids is None:
        found = _whole(api, kind, asked, tag)
        if not found and not found.odd:
            may_list_instances(api, region)
        return found
    asked |= tag_filter(tag)
    return joined(
        by_token(api, kind, {**asked, "InstanceIds": json.dumps(list(batch))})
        for batch in batched(ids, _IDS_PER_CALL)
    )


def may_list_instances(api: Api, region: Region, ids: Sequence[str] = ()) -> None:
    """Raise the refusal that a list of instances does not show; nothing happens on a DryRun."""
    named = {"InstanceIds": json.dumps(list(ids[:_IDS_PER_CALL]))} if ids else {}
    try:
        api.call("Ecs", "DescribeInstances", {"RegionId": region, **named, "DryRun": "true"})
    except RefusedError as refusal:
        if refusal.code != "DryRunOperation":
            raise


def _whole(
    api: Api, kind: Kind[_R], asked: Mapping[str, str], tag: tuple[str, str | None] | None
) -> Listed[_R]:
    """Return the list by tag; one that may have been cut off is made from the list without it."""
    if tag is None:
        return by_token(api, kind, asked)
    key, value = tag
    odd: tuple[OddRow, ...]
    try:
        return by_token(api, kind, {**asked, **tag_filter(tag)}, most=_MOST_BY_TAG)
    except CutOffError as cut:
        odd = cut.odd
    everything = by_token(api, kind, asked, keep=lambda row: _carries(row.tags, key, value))
    # Whose tags cannot be read may be ours.
    ours: Iterator[OddRow] = (
        row for row in everything.odd if row.untold or _carries(dict(row.tags), key, value)
    )
    return Listed(everything, dict.fromkeys((*odd, *ours)))


def _carries(tags: Mapping[str, str], key: str, value: str | None) -> bool:
    return key in tags and value in {None, tags[key]}


def instance_types(api: Api, ids: Iterable[str]) -> dict[str, InstanceType]:
    """Return the types that exist among the given ones, by id; one that cannot be read is not among them."""
    kind = Kind("DescribeInstanceTypes", "InstanceTypes", "InstanceType", "InstanceTypeId", _instance_type)
    batches = batched(sorted(set(ids)), _TYPES_PER_CALL)
    found = joined(by_token(api, kind, _numbered("InstanceTypes", batch)) for batch in batches)
    return {each.id: each for each in found}


def assistants(api: Api, region: Region, ids: Sequence[InstanceId]) -> Listed[Assistant]:
    """Return the state of Cloud Assistant on these instances; one without an entry has no agent."""
    kind = Kind(
        "DescribeCloudAssistantStatus",
        "InstanceCloudAssistantStatusSet",
        "InstanceCloudAssistantStatus",
        "InstanceId",
        _assistant,
    )
    asked = {"RegionId": region}
    batches = batched(ids, _IDS_PER_CALL)
    return joined(by_token(api, kind, {**asked, **_numbered("InstanceId", batch)}) for batch in batches)


def _numbered(name: str, values: Sequence[str]) -> dict[str, str]:
    return {f"{name}.{n}": value for n, value in enumerate(values, 1)}


def _eni(row: Row, region: Region) -> Eni:
    attachment = part(row, "Attachment")
    instance = said(row, "InstanceId") or said(attachment, "InstanceId")
    trunk = said(attachment, "TrunkNetworkInterfaceId")
    kind = said(row, "Type")
    return Eni(
        id=EniId(text(row, "NetworkInterfaceId")),
        status=_status(EniStatus, row),
        mac=said(row, "MacAddress").lower(),
        private_ip=said(row, "PrivateIpAddress"),
        vpc=said(row, "VpcId"),
        vswitch=said(row, "VSwitchId"),
        zone=said(row, "ZoneId"),
        region=region,
        kind=EniKind(kind) if kind in {each.value for each in EniKind} else EniKind.OTHER,
        instance=InstanceId(instance) if instance else None,
        service_managed=bool(flag(row, "ServiceManaged")),
        traffic_mode=said(row, "NetworkInterfaceTrafficMode"),
        trunk=EniId(trunk) if trunk else None,
        source_dest_check=flag(row, "SourceDestCheck"),
        security_groups=names_in(row, "SecurityGroupIds", "SecurityGroupId"),
        tags=tags_of(row),
    )


def _instance(row: Row, region: Region) -> Instance:
    enis = [
        (EniId(text(eni, "NetworkInterfaceId")), said(eni, "MacAddress").lower(), said(eni, "Type"))
        for eni in parts(row, "NetworkInterfaces", "NetworkInterface")
    ]
    return Instance(
        id=InstanceId(text(row, "InstanceId")),
        status=_status(InstanceStatus, row),
        type=said(row, "InstanceType"),
        family=said(row, "InstanceTypeFamily"),
        os_type=said(row, "OSType"),
        vpc=said(part(row, "VpcAttributes"), "VpcId"),
        zone=said(row, "ZoneId"),
        region=region,
        enis=tuple(eni for eni, _, _ in enis),
        macs={mac: eni for eni, mac, _ in enis if mac},
        primary=next((eni for eni, _, kind in enis if kind == EniKind.PRIMARY.value), None),
        locks=tuple(said(lock, "LockReason") for lock in parts(row, "OperationLocks", "LockReason")),
        tags=tags_of(row),
    )


def _instance_type(row: Row) -> InstanceType:
    name, family = text(row, "InstanceTypeId"), said(row, "InstanceTypeFamily")
    return InstanceType(name, family, number(row, "EniQuantity"))


def _assistant(row: Row) -> Assistant:
    # The API sends the strings "true" and "false"; one example of its page shows a JSON boolean.
    return Assistant(
        instance=InstanceId(text(row, "InstanceId")),
        online=bool(flag(row, "CloudAssistantStatus")),
        version=said(row, "CloudAssistantVersion"),
        last_heartbeat=said(row, "LastHeartbeatTime"),
    )


def _status(kind: type[_S], row: Row) -> _S:
    try:
        return kind(row.get("Status"))
    except ValueError:
        return kind("Other")
