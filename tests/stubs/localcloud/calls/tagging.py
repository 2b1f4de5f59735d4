"""Tagging as both products have it: TagResources, its undo, and ListTagResources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.calls import paging
from localcloud.calls.listing import lag_of
from localcloud.errors import ApiError
from localcloud.state.region import RegionState

if TYPE_CHECKING:
    from localcloud.calls.operations import Call, Json
    from localcloud.state.tags import TagStore

# Resource type as the product writes it, to whether the region has such an id.
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


def kind_of(call: Call, known: Known) -> Callable[[RegionState, str], bool]:
    """Return who knows the ids of the resource type that a call names; refuses an unknown one."""
    named = call.args.text("ResourceType")
    if call.cloud.switches.is_("resource-type-case", "any"):
        named = next((each for each in known if each.lower() == named.lower()), named)
    exists = known.get(named)
    if exists is None:
        raise ApiError("InvalidResourceType.NotFound", "The specified ResourceType is not found.", 404)
    return exists


def _resources(call: Call, known: Known) -> list[str]:
    exists = kind_of(call, known)
    ids = call.args.many("ResourceId")
    for resource_id in ids:
        if not exists(call.state, resource_id):
            raise ApiError("InvalidResourceId.NotFound", "The specified ResourceId is not found.", 404)
    return ids


def _named(call: Call, tags: TagStore) -> list[str]:
    """Return what the ids and tags of the call name together, from the index of what is named first."""
    args, wanted = call.args, call.args.tags()
    filters = [(record.get("TagKey", ""), record) for record in args.records("TagFilter")]
    ids = args.many("ResourceId")
    found = ids or tags.matching({**{key: None for key, _ in filters}, **wanted})
    for key, value in wanted.items():
        found = [each for each in found if key in tags.of(each) and value in {None, tags.of(each)[key]}]
    for key, record in filters:
        values = {value for name, value in record.items() if name.startswith("TagValues.")}
        found = [
            each for each in found if key in tags.of(each) and (not values or tags.of(each)[key] in values)
        ]
    return list(dict.fromkeys(found))


def list_tagged(call: Call, known: Known) -> Json:
    """ListTagResources: one row per resource and tag."""
    exists = kind_of(call, known)
    state, lag = call.state, lag_of(call)
    tags = state.tags if lag is None else state.tags.past(lag)
    kind = call.args.text("ResourceType")
    rows = [
        {"ResourceId": each, "ResourceType": kind, "TagKey": key, "TagValue": value}
        for each in _named(call, tags)
        if exists(state, each)
        for key, value in tags.of(each).items()
    ]
    page, token = paging.by_token(call, rows, _PAGE)
    return {"NextToken": token, "TagResources": {"TagResource": list(page)}}
