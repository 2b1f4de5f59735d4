"""What the core needs of the outside, as protocols: the cloud, the functions, time.

The composition root (`multieip.app`) gives the real ones; tests give the local cloud's. Nothing is patched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

Product = Literal["Ecs", "Vpc", "Sts"]
Json = dict[str, Any]
_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class Api(Protocol):
    """One call of an Alibaba Cloud RPC API."""

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """Send one action and return the decoded answer.

        `params` are the names and values of the wire (`InstanceIds.1`, `RegionId`, "true"), without the
        common ones. Raises `RefusedError` for an answer with a code, `LostAnswerError` where none came.
        """


class Clock(Protocol):
    """Time as an argument, so that tests do not sleep."""

    def now(self) -> datetime:
        """Tell the wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Tell seconds that never run backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Invoker(Protocol):
    """Starts a function of ours asynchronously."""

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """Queue one run; False where this task id was queued before (the repeated event collapses).

        `function` is the short name (`bind`). Raises `RefusedError` or `LostAnswerError` like `Api.call`;
        after a lost answer a second call with the same task id is safe.
        """


class Pending(Protocol[_T_co]):
    """A read that was begun."""

    def result(self) -> _T_co:
        """Return what the read gave, or raise what it raised; waits for its end."""


class Parallel(Protocol):
    """Begins reads that do not wait for each other. A simulation orders them as it likes."""

    def submit(self, read: Callable[[], _T], /) -> Pending[_T]:
        """Begin a read; its end is waited for with `result`."""
