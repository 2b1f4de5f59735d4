"""Bytes of an invocation → triggers: cloud call, timer or manual payload; and what can be skipped unread.

Forms are told apart by their keys, because one function may get all of them. Nothing here reads the
cloud or imports an SDK: most events of an account concern nobody, and must cost next to nothing.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass, field
from multieip.errors import RequestError
from multieip.events.cloud_call import CloudCall, envelope_of, read_cloud_event
from multieip.events.table import BY_NAME, ENI_COMPLETED, Meaning, Row
from multieip.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "CloudCall",
    "Manual",
    "NoEvent",
    "TimerEvent",
    "Trigger",
    "payload_of",
    "read_trigger",
    "read_triggers",
    "skip_reason",
]

_PASSING_STATES: Final = frozenset({"Created", "Pending", "Starting", "Stopping"})
_OUR_TYPES: Final = frozenset(
    {"eni", "networkinterface", "eip", "eipaddress", "elasticipaddress", "instance"}
)


@dataclass(frozen=True, slots=True)
class TimerEvent:
    """A timer went off; `payload` is the object in the text that its trigger configures."""

    name: str
    time: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manual:
    """Somebody, or another function of ours, called with a payload of their own."""

    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoEvent:
    """An element of an array that is no event; it decides over no other element."""

    reason: str


Trigger = CloudCall | TimerEvent | Manual | NoEvent


def read_triggers(event: bytes) -> tuple[Trigger, ...]:
    """Return what an invocation was called with; a streamed array gives several triggers.

    Raises `RequestError` for anything else, in words that say what was expected. In an array of several, what
    is no event is a `NoEvent`, and the others are read all the same.
    """
    value = _decoded(event)
    if not isinstance(value, list):
        return (_one(value),)
    if len(value) == 1:
        return (_element(value[0]),)
    return tuple(_element_or_none(element) for element in value)


def read_trigger(event: bytes) -> Trigger:
    """Return the one trigger of an invocation; raises `RequestError` where there is none or several."""
    triggers = read_triggers(event)
    if len(triggers) != 1:
        raise RequestError(f"one event or payload was expected, the array holds {len(triggers)}")
    return triggers[0]


def payload_of(trigger: Trigger) -> Mapping[str, Any]:
    """Return the payload of a manual or timer trigger; raises `RequestError` for an event of the cloud."""
    if isinstance(trigger, CloudCall):
        raise RequestError(f"this function takes a payload; the event {trigger.name} belongs to `react`")
    if isinstance(trigger, NoEvent):
        raise RequestError(trigger.reason)
    return trigger.payload


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


def _decoded(event: bytes | str) -> Any:  # noqa: ANN401  whatever JSON holds
    try:
        # An empty call by hand (`s sweep invoke`) is a payload without wishes.
        return read_json(event) if event.strip() else {}
    except (ValueError, RecursionError) as fault:
        raise RequestError(f"the event is not JSON ({fault}); send a CloudEvent or a JSON object") from fault


def _one(value: object) -> Trigger:
    if not isinstance(value, dict):
        raise RequestError(f"the event is a JSON {type(value).__name__}; send a CloudEvent or a JSON object")
    source = value.get("source")
    if isinstance(source, dict) and "beginCursor" in source:
        raise RequestError(
            "an SLS log trigger sends cursors, not events, and is not supported; "
            "use an EventBridge trigger with the pattern in s.yaml"
        )
    if "triggerTime" in value and "triggerName" in value:
        return _timer(value)
    if "requestContext" in value:
        return _http(value)
    envelope = envelope_of(value)
    return Manual(value) if envelope is None else read_cloud_event(envelope)


def _element(element: object) -> Trigger:
    """Read an element of a stream, which is an object or the raw text of one."""
    return _one(_decoded(element) if isinstance(element, str) else element)


def _element_or_none(element: object) -> Trigger:
    try:
        return _element(element)
    except RequestError as fault:
        return NoEvent(str(fault))


def _timer(value: Mapping[str, Any]) -> TimerEvent:
    name, payload = str(value["triggerName"]), value.get("payload") or {}
    if isinstance(payload, str):
        payload = _decoded(payload)
    if not isinstance(payload, dict):
        raise RequestError(f"timer {name}: its payload must be the text of a JSON object, as {{}} or more")
    return TimerEvent(name, str(value["triggerTime"]), payload)


def _http(value: Mapping[str, Any]) -> Trigger:
    """Take the body of an HTTP request as if the function had been called with it."""
    body = value.get("body") or "{}"
    if value.get("isBase64Encoded"):
        try:
            body = base64.b64decode(str(body), validate=True).decode()
        except (binascii.Error, ValueError) as fault:
            raise RequestError(f"the HTTP body is not Base64 of UTF-8 text ({fault})") from fault
    inner = _decoded(body) if isinstance(body, str) else body
    if isinstance(inner, dict) and "requestContext" in inner:
        raise RequestError("an HTTP request within an HTTP request; send the payload itself as the body")
    return _one(inner)
