"""One HTTP request and one answer, as values: what every front of the local cloud speaks.

The HTTP server and the in-process transport both turn what they get into `HttpRequest`
and send `HttpResponse` back, so a service cannot tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What came in. `path` is percent-encoded, without the query; `headers` has lower-case names."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What goes out. `drop` closes the connection instead of answering (a lost answer)."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: bool = False
