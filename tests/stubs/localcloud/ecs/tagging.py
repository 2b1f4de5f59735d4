"""Tags of ECS resources, in the current form and in the one of older clients."""

from __future__ import annotations

from localcloud.calls import tagging
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import REGION, TAGS, Param, flags, req, texts
from localcloud.errors import ApiError

_KNOWN: tagging.Known = {
    "eni": lambda state, each: each in state.enis.all,
    "instance": lambda state, each: each in state.instances,
    "securitygroup": lambda state, each: each in state.security_groups,
}
_IDS = req("ResourceId", "list", most=50, missing=("MissingParameter.ResourceIds", 404))
_TAGS = req("Tag", "tags", most=20, missing=("MissingParameter.TagKeys", 404))
_TYPE = req("ResourceType", missing=("MissingParameter.ResourceType", 404))


@ECS.writes("TagResources", REGION, _TYPE, _IDS, _TAGS)
def tag(call: Call) -> Json:
    """TagResources."""
    return tagging.tag(call, _KNOWN)


@ECS.writes("UntagResources", REGION, _TYPE, _IDS, Param("TagKey", "list", most=20), *flags("All"))
def untag(call: Call) -> Json:
    """UntagResources."""
    return tagging.untag(call, _KNOWN)


@ECS.reads(
    "ListTagResources",
    REGION,
    _TYPE,
    Param("ResourceId", "list", most=50),
    TAGS,
    Param("TagFilter", "tags"),
    *texts("NextToken"),
)
def list_tagged(call: Call) -> Json:
    """ListTagResources; at least one resource or tag has to be named."""
    if not any(call.args.has(name) for name in ("ResourceId", "Tag", "TagFilter")):
        message = "You must specify ResourceId.N, Tag.N or TagFilter.N."
        raise ApiError("MissingParameter.ResourceIds", message, 404)
    return tagging.list_tagged(call, _KNOWN)


@ECS.writes("AddTags", REGION, _TYPE, req("ResourceId"), _TAGS)
def add_tags(call: Call) -> Json:
    """AddTags, the older TagResources: one resource."""
    return tagging.tag(call, _KNOWN)


@ECS.writes("RemoveTags", REGION, _TYPE, req("ResourceId"), Param("Tag", "tags", most=20))
def remove_tags(call: Call) -> Json:
    """RemoveTags, the older UntagResources: keys are named as tags."""
    resource_id = call.args.text("ResourceId")
    if not tagging.kind_of(call, _KNOWN)(call.state, resource_id):
        raise ApiError("InvalidResourceId.NotFound", "The specified ResourceId is not found.", 404)
    wanted = call.args.tags()
    mine = call.state.tags.of(resource_id)
    keys = [key for key, value in wanted.items() if key in mine and value in {None, "", mine[key]}]
    call.state.tags.remove(resource_id, keys)
    return {}
