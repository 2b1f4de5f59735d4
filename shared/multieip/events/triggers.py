"""Bytes of an invocation → triggers: cloud call, timer or manual payload.

Forms are told apart by their keys, because one function may get all of them. Nothing here reads the
cloud or imports an SDK, and what reads events of the cloud is imported with the first of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from multieip.dataclass import dataclass, field
from multieip.errors import RequestError
from multieip.events.envelope import envelope_of
from multieip.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.events.cloud_call import CloudCall


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


Trigger: TypeAlias = "CloudCall | TimerEvent | Manual | NoEvent"


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
    if isinstance(trigger, (Manual, TimerEvent)):
        return trigger.payload
    if isinstance(trigger, NoEvent):
        raise RequestError(trigger.reason)
    raise RequestError(f"this function takes a payload; the event {trigger.name} belongs to `react`")


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
    if envelope is None:
        return Manual(value)
    from multieip.events.cloud_call import read_cloud_event  # noqa: PLC0415  a payload needs none of it

    return read_cloud_event(envelope)


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
        import base64  # noqa: PLC0415  hardly a call comes this way

        try:
            body = base64.b64decode(str(body), validate=True).decode()
        except ValueError as fault:
            raise RequestError(f"the HTTP body is not Base64 of UTF-8 text ({fault})") from fault
    inner = _decoded(body) if isinstance(body, str) else body
    if isinstance(inner, dict) and "requestContext" in inner:
        raise RequestError("an HTTP request within an HTTP request; send the payload itself as the body")
    return _one(inner)
