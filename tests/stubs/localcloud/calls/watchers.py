"""Who looks over the shoulder of every cloud of this process, at each accepted call and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple


class Exchange(NamedTuple):
    """One accepted call: its parameters as they came, and the answer before faults bend it.

    `sent` is the JSON of a request that has one besides its parameters, as Function Compute's have.
    """

    product: str
    action: str
    params: Mapping[str, str]
    body: Mapping[str, Any]
    sent: Mapping[str, Any] | None = None


Watcher = Callable[[Exchange], None]

WATCHERS: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Let `watcher` see every exchange meanwhile, from whatever thread it comes."""
    WATCHERS.append(watcher)
    try:
        yield
    finally:
        WATCHERS.remove(watcher)
