"""STS 2015-04-01: who am I, and temporary credentials."""

from __future__ import annotations

from localcloud.sts import responses

__all__ = ["responses"]
