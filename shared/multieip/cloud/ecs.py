"""ECS operations with types: interfaces, instances, instance types.

Lists are read to the last page or not at all.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from multieip.cloud.reading import batched, rows, tag_filter, text
from multieip.errors import RefusedError
from multieip.model.resources import (
    Assistant,
    Eni,
    EniId,
    EniStatus,
    Instance,
    InstanceId,
    InstanceStatus,
    InstanceType,
    Region,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multieip.ports import Api, Json

_IDS_PER_CALL: Final = 100
_TYPES_PER_CALL: Final = 10
_ENIS_PER_PAGE: Final = "500"
_INSTANCES_PER_PAGE: Final = "100"
_S = TypeVar("_S", bound=Enum)


def list_enis(
    api: Api,
    region: Region,
    *,
    ids: Sequence[str] = (),
    tag: tuple[str, str | None] | None = None,
    instance: InstanceId | None = None,
) -> list[Eni]:
    """Return the ENIs with these ids, with this tag (None: any value), or on this instance.

    Ids that do not exist are simply not in the result, as the API has it.
    """
    asked: dict[str, str] = {"RegionId": region, "MaxResults": _ENIS_PER_PAGE, **tag_filter(tag)}
    if instance:
        asked["InstanceId"] = instance
    found: list[Eni] = []
    for batch in batched(ids, _IDS_PER_CALL):
        numbered = {f"NetworkInterfaceId.{n}": value for n, value in enumerate(batch, 1)}
        pages = _pages(api, "DescribeNetworkInterfaces", {**asked, **numbered})
        for page in pages:
            sets = rows("DescribeNetworkInterfaces", page, "NetworkInterfaceSets", "NetworkInterfaceSet")
            found += [_eni(row, region) for row in sets]
    return found


def list_instances(
    api: Api, region: Region, *, ids: Sequence[str] = (), tag: tuple[str, str | None] | None = None
) -> list[Instance]:
    """Return the instances with these ids or with this tag.

    A missing permission makes this API answer an empty list instead of an error, so an empty answer is
    checked with a DryRun call, which does tell: the refusal is raised then.
    """
    asked = {"RegionId": region, "MaxResults": _INSTANCES_PER_PAGE, **tag_filter(tag)}
    found: list[Instance] = []
    for batch in batched(ids, _IDS_PER_CALL):
        named = {"InstanceIds": json.dumps(list(batch))} if batch else {}
        for page in _pages(api, "DescribeInstances", {**asked, **named}):
            found += [
                _instance(row, region) for row in rows("DescribeInstances", page, "Instances", "Instance")
            ]
    if not found:
        _probe_instances(api, region)
    return found


def _probe_instances(api: Api, region: Region) -> None:
    try:
        api.call("Ecs", "DescribeInstances", {"RegionId": region, "DryRun": "true"})
    except RefusedError as refusal:
        if refusal.code != "DryRunOperation":
            raise


def instance_types(api: Api, ids: Iterable[str]) -> dict[str, InstanceType]:
    """Return the types that exist among the given ones, by id."""
    found: dict[str, InstanceType] = {}
    for batch in batched(sorted(set(ids)), _TYPES_PER_CALL):
        if not batch:
            break
        numbered = {f"InstanceTypes.{n}": value for n, value in enumerate(batch, 1)}
        for page in _pages(api, "DescribeInstanceTypes", numbered):
            for row in rows("DescribeInstanceTypes", page, "InstanceTypes", "InstanceType"):
                type_id = text(row, "InstanceTypeId")
                family = text(row, "InstanceTypeFamily")
                found[type_id] = InstanceType(type_id, family, int(row.get("EniQuantity", 0)))
    return found


def assistants(api: Api, region: Region, ids: Sequence[InstanceId]) -> list[Assistant]:
    """Return the state of Cloud Assistant on these instances; one without an entry has no agent."""
    found: list[Assistant] = []
    for batch in batched(ids, _IDS_PER_CALL):
        if not batch:
            break
        numbered = {f"InstanceId.{n}": value for n, value in enumerate(batch, 1)}
        for page in _pages(api, "DescribeCloudAssistantStatus", {"RegionId": region, **numbered}):
            action = "DescribeCloudAssistantStatus"
            set_name, row_name = "InstanceCloudAssistantStatusSet", "InstanceCloudAssistantStatus"
            found += [_assistant(row) for row in rows(action, page, set_name, row_name)]
    return found


def _pages(api: Api, action: str, params: Mapping[str, str]) -> Iterable[Json]:
    """Yield all pages; the API ends the list with an empty or missing NextToken."""
    asked = dict(params)
    while True:
        page = api.call("Ecs", action, asked)
        yield page
        token = str(page.get("NextToken") or "")
        if not token:
            return
        asked["NextToken"] = token


def _eni(row: Mapping[str, Any], region: Region) -> Eni:
    instance = row.get("InstanceId") or (row.get("Attachment") or {}).get("InstanceId")
    return Eni(
        id=EniId(text(row, "NetworkInterfaceId")),
        status=_status(EniStatus, row),
        primary=row.get("Type") == "Primary",
        mac=str(row.get("MacAddress", "")).lower(),
        private_ip=str(row.get("PrivateIpAddress", "")),
        vpc=str(row.get("VpcId", "")),
        vswitch=str(row.get("VSwitchId", "")),
        zone=str(row.get("ZoneId", "")),
        region=region,
        instance=InstanceId(instance) if instance else None,
        service_managed=bool(row.get("ServiceManaged")),
        tags=_tags(row),
    )


def _instance(row: Mapping[str, Any], region: Region) -> Instance:
    vpc = row.get("VpcAttributes") or {}
    enis = (row.get("NetworkInterfaces") or {}).get("NetworkInterface") or []
    locks = (row.get("OperationLocks") or {}).get("LockReason") or []
    return Instance(
        id=InstanceId(text(row, "InstanceId")),
        status=_status(InstanceStatus, row),
        type=str(row.get("InstanceType", "")),
        family=str(row.get("InstanceTypeFamily", "")),
        os_type=str(row.get("OSType", "")),
        vpc=str(vpc.get("VpcId", "")),
        zone=str(row.get("ZoneId", "")),
        region=region,
        enis=tuple(EniId(text(eni, "NetworkInterfaceId")) for eni in enis),
        locks=tuple(str(lock.get("LockReason", "")) for lock in locks),
        tags=_tags(row),
    )


def _assistant(row: Mapping[str, Any]) -> Assistant:
    # The API sends the strings "true" and "false"; one example of its page shows a JSON boolean.
    return Assistant(
        instance=InstanceId(text(row, "InstanceId")),
        online=str(row.get("CloudAssistantStatus", "")).lower() == "true",
        version=str(row.get("CloudAssistantVersion", "")),
        last_heartbeat=str(row.get("LastHeartbeatTime", "")),
    )


def _status(kind: type[_S], row: Mapping[str, Any]) -> _S:
    try:
        return kind(row.get("Status"))
    except ValueError:
        return kind("Other")


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    tags = (row.get("Tags") or {}).get("Tag") or []
    return {
        str(tag.get("TagKey", tag.get("Key", ""))): str(tag.get("TagValue", tag.get("Value", "")))
        for tag in tags
    }
