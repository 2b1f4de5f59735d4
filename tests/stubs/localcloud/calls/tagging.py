"""Tagging as both products have it: TagResources, its undo, and ListTagResources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.calls import paging
from localcloud.errors import ApiError
from localcloud.state.region import RegionState

if TYPE_CHECKING:
    from localcloud.calls.operations import Call, Json

# Resource type on the wire, in lower case, to whether the region has such an id.
Known = Mapping[str, Callable[[RegionState, str], bool]]

_PAGE = paging.Bounds(default=50, most=50)


def tag(call: Call, known: Known) -> Json:
    """TagResources: all resources or none."""
    tags = call.args.tags()
    if not tags:
        raise ApiError("MissingParameter.TagKeys", "You must specify Tag.N.", 404)
    resources = _resources(call, known)
    for resource_id in resources:
        call.state.tags.check_room(resource_id, tags)
    for resource_id in resources:
        call.state.tags.put(resource_id, tags)
    return {}


def untag(call: Call, known: Known) -> Json:
    """UntagResources: the keys named, or all with `All`."""
    keys = call.args.many("TagKey")
    everything = call.args.flag("All")
    if not keys and not everything:
        raise ApiError("MissingParameter.TagKeys", "You must specify TagKey.N or All.", 404)
    for resource_id in _resources(call, known):
        call.state.tags.remove(resource_id, keys or list(call.state.tags.of(resource_id)))
    return {}


def _type(call: Call, known: Known) -> Callable[[RegionState, str], bool]:
    exists = known.get(call.args.text("ResourceType").lower())
    if exists is None:
        raise ApiError("InvalidResourceType.NotFound", "The specified ResourceType is not found.", 404)
    return exists


def _resources(call: Call, known: Known) -> list[str]:
    exists = _type(call, known)
    ids = call.args.many("ResourceId")
    for resource_id in ids:
        if not exists(call.state, resource_id):
            raise ApiError("InvalidResourceId.NotFound", "The specified ResourceId is not found.", 404)
    return ids


def _filtered(call: Call) -> list[str]:
    matching = call.state.tags.matching(call.args.tags())
    for record in call.args.records("TagFilter"):
        key = record.get("TagKey", "")
        values = {value for name, value in record.items() if name.startswith("TagValues.")}
        tags = {each: call.state.tags.of(each) for each in matching}
        matching = [
            each for each in matching if key in tags[each] and (not values or tags[each][key] in values)
        ]
    return matching


def list_tagged(call: Call, known: Known) -> Json:
    """ListTagResources: one row per resource and tag."""
    exists = _type(call, known)
    args, state = call.args, call.state
    ids = args.many("ResourceId")
    matching = _filtered(call)
    if ids:
        wanted = set(ids)
        matching = [each for each in matching if each in wanted]
    kind = args.text("ResourceType")
    rows = [
        {"ResourceId": each, "ResourceType": kind, "TagKey": key, "TagValue": value}
        for each in matching
        if exists(state, each)
        for key, value in state.tags.of(each).items()
    ]
    page, token = paging.by_token(args, rows, _PAGE)
    return {"NextToken": token, "TagResources": {"TagResource": list(page)}}
