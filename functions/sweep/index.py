"""The function `sweep`: every group of every region, its findings, and repairs where asked for."""

from __future__ import annotations

from multieip.app.sweep import handle


def handler(event: bytes, context: object) -> str:
    """Return the report as JSON; raises where not one region could be read."""
    return handle(event, context)
