"""The function `bind`: one group, from its tags to addresses that answer."""

from __future__ import annotations

from multieip.app.bind import handle


def handler(event: bytes, context: object) -> str:
    """Return the run's result as JSON; raises where it ended in state `failed`."""
    return handle(event, context)
