"""Ids of asynchronous tasks: the same id for the same thing to do, so that doing it twice collapses."""

from __future__ import annotations

import re
from typing import Final

_READABLE: Final = 80
_DIGEST: Final = 32


def group_digest(account: str, region: str, prefix: str, name: str) -> str:
    """Return what stands for a group in a task id: names may be of any script, task ids may not."""
    words = f"{account}\0{region}\0{prefix}\0{name}"
    return _sha256(words)[:16]


def task_id(origin: str, *parts: str) -> str:
    """Return a readable id that is different for different parts.

    Function Compute takes a letter or `_` first, then letters, digits, `_` and `-`, at most 128 in all.
    """
    digest = _sha256("\0".join(parts))
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", "-".join(parts))
    return f"{origin}-{plain[:_READABLE]}-{digest[:_DIGEST]}"


def _sha256(text: str) -> str:
    import hashlib  # noqa: PLC0415  most events of an account start nothing, and loading OpenSSL costs them

    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
