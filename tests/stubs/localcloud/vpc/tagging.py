"""Tags of VPC resources; the undo is spelt `UnTagResources` here."""

from __future__ import annotations

from localcloud.calls import tagging
from localcloud.calls.operations import VPC, Call, Json
from localcloud.calls.params import REGION, TAGS, TOKENS, Param, flags, req

_KNOWN: tagging.Known = {
    "EIP": lambda state, each: each in state.eips.all,
    "VPC": lambda state, each: each in state.vpcs,
    "VSWITCH": lambda state, each: each in state.vswitches,
}
_IDS = req("ResourceId", "list", most=50)
_TYPE = req("ResourceType")


@VPC.writes("TagResources", REGION, _TYPE, _IDS, req("Tag", "tags", most=20))
def tag(call: Call) -> Json:
    """TagResources."""
    return tagging.tag(call, _KNOWN)


@VPC.writes("UnTagResources", REGION, _TYPE, _IDS, Param("TagKey", "list", most=20), *flags("All"))
def untag(call: Call) -> Json:
    """UnTagResources."""
    return tagging.untag(call, _KNOWN)


@VPC.reads("ListTagResources", REGION, _TYPE, Param("ResourceId", "list", most=50), TAGS, *TOKENS)
def list_tagged(call: Call) -> Json:
    """ListTagResources."""
    return tagging.list_tagged(call, _KNOWN)
