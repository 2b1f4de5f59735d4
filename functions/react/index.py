"""The function `react`: events of the cloud → one asynchronous `bind` per group."""

from __future__ import annotations

from multieip.app.react import handle


def handler(event: bytes, context: object) -> str:
    """Return what became of the events; raises where one must be delivered again."""
    return handle(event, context)
