"""Whether a JSON object is an event of the cloud, and in which coat it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multieip.events.leaves import parsed_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Json


def envelope_of(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the CloudEvent that a value is, or is the inside of; None where it is no event of the cloud.

    EventBridge's own form, with `specversion` or without (a rule may transform it); the record of ActionTrail
    alone, in `data`, or as text in the `event` of a logstore's record; CloudMonitor's notification.
    """
    source, kind = value.get("source"), value.get("type")
    if isinstance(source, str) and ("specversion" in value or (isinstance(kind, str) and "data" in value)):
        return value
    for record in (value, object_of(value.get("data")), object_of(value.get("event"))):
        if "eventName" in record and ("serviceName" in record or "eventSource" in record):
            return {"data": record}
    product, name = value.get("product"), value.get("name")
    if isinstance(product, str) and isinstance(name, str) and ("content" in value or "resourceId" in value):
        low = product.lower()
        return {
            "id": value.get("id"),
            "source": f"acs.{low}",
            "type": f"{low}:{name}",
            "time": value.get("eventTime"),
            "data": value,
        }
    return None


def object_of(value: object) -> Json:
    """Return an object, or the one that a text holds; empty for anything else."""
    parsed = parsed_json(value) if isinstance(value, str) else value
    return parsed if isinstance(parsed, dict) else {}


def text_of(value: object) -> str:
    """Return a text or a whole number as text; empty for anything else."""
    return str(value) if isinstance(value, (str, int)) else ""
