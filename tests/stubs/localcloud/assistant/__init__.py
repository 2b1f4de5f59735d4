"""Cloud Assistant, the part of ECS 2014-05-26 that runs commands in instances."""

from __future__ import annotations

from localcloud.assistant import responses

__all__ = ["responses"]
