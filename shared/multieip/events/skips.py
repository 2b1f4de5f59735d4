"""Why an event of the cloud needs no look.

Most events of an account concern nobody, and must cost next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.events.table import BY_NAME, ENI_COMPLETED, Meaning, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.events.cloud_call import CloudCall

_PASSING_STATES: Final = frozenset({"Created", "Pending", "Starting", "Stopping"})
_OUR_TYPES: Final = frozenset(
    {"eni", "networkinterface", "eip", "eipaddress", "elasticipaddress", "instance"}
)


def skip_reason(trigger: CloudCall, *, own_role: str, tag_prefix: str) -> str | None:
    """Return why the event needs no look at the cloud, or None where it does.

    `own_role` is the RAM role of these functions; empty switches that check off.
    """
    return next(_reasons(trigger, BY_NAME.get(trigger.name), own_role, tag_prefix), None)


def _reasons(trigger: CloudCall, row: Row | None, own_role: str, tag_prefix: str) -> Iterator[str]:
    if trigger.failed_code:
        yield f"the call failed ({trigger.failed_code}), nothing changed"
    if trigger.read_only:
        yield "the call only read"
    if row is None:
        yield f"{trigger.name or 'an event without a name'} is not in the event table"
        return
    if trigger.product not in row.products:
        yield f"product {trigger.product or 'unknown'} is not ours"
    if own_role and trigger.role.casefold() == own_role.casefold():
        yield f"caused by our own role {own_role}"
    if row.change is Meaning.GONE or trigger.state == "Deleted":
        yield "what was released or deleted has no tags any more; the sweep sees the group that lost it"
    if trigger.state in _PASSING_STATES:
        yield f"the instance is only passing through {trigger.state}"
    if trigger.name == ENI_COMPLETED and trigger.state == "completed":
        yield "the ENI's operation ended as it was asked for, by a call that was an event of its own"
    if row.change in {Meaning.TAGGED, Meaning.UNTAGGED}:
        yield from _tagging_reasons(trigger, tag_prefix)


def _tagging_reasons(trigger: CloudCall, tag_prefix: str) -> Iterator[str]:
    if trigger.tags and not any(key.startswith(tag_prefix) for key in trigger.tag_keys):
        yield f"none of the tag keys begins with {tag_prefix}"
    told = [each.strip() for each in trigger.resource_type.replace(";", ",").split(",") if each.strip()]
    if told and not any(each.rpartition("::")[2].lower() in _OUR_TYPES for each in told):
        yield f"resources of type {trigger.resource_type} are not ours"
