"""The coats in which one and the same event reaches a function, whichever service carried it there.

The rule's pattern is asked about the event as the cloud publishes it; dressed is what the target gets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

Event = Mapping[str, Any]

_SHANGHAI: Final = timezone(timedelta(hours=8))


def _plain(event: Event) -> object:
    return event


def _bare(event: Event) -> object:
    """Drop the envelope's version, as a transformation of the rule may."""
    return {name: value for name, value in event.items() if name != "specversion"}


def _cloudmonitor(event: Event) -> object:
    """CloudMonitor's own notification, which exists for ECS's own events only; others stay as they are."""
    kind = str(event["type"])
    if ":ActionTrail:" in kind or not kind.startswith("ecs:"):
        return event
    data = dict(event["data"])
    content = data["content"] if isinstance(data.get("content"), Mapping) else data
    account, region = str(event["aliyunaccountid"]), str(event["aliyunregionid"])
    subject = str(event["subject"]).rpartition(":")[2]
    folder = {"i": "instance", "eni": "eni"}.get(subject.partition("-")[0], "")
    moment = datetime.fromisoformat(str(event["time"]).replace("Z", "+00:00")).astimezone(_SHANGHAI)
    return {
        "eventTime": f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}+0800",
        "id": event["id"],
        "level": "INFO",
        "name": kind.removeprefix("ecs:"),
        "product": "ECS",
        "regionId": region,
        "resourceId": f"acs:ecs:{region}:{account}:{folder}/{subject}",
        "userId": account,
        "ver": "1.0",
        "content": content,
    }


def _sls(event: Event) -> object:
    """ActionTrail's record in a logstore: the audit event as text; ECS's own events do not go there."""
    if ":ActionTrail:" not in str(event["type"]):
        return event
    moment = datetime.fromisoformat(str(event["time"]).replace("Z", "+00:00"))
    return {
        "__topic__": "actiontrail_audit_event",
        "__source__": "actiontrail_internal",
        "__time__": int(moment.timestamp()),
        "event": json.dumps(event["data"], ensure_ascii=False),
    }


COATS: Final[Mapping[str, Callable[[Event], object]]] = {
    "eventbridge": _plain,
    "cloudmonitor": _cloudmonitor,
    "sls": _sls,
    "bare": _bare,
}


def dressed(event: Event, coat: str) -> bytes:
    """Return the bytes that the target gets."""
    return json.dumps(COATS[coat](event), ensure_ascii=False).encode()
