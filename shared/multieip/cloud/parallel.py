"""`Parallel`, the port for reads side by side: on threads, or one after the other where time is virtual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ThreadPoolExecutor

_AT_ONCE: Final = 8
_T = TypeVar("_T")


class Threads:
    """Reads on a pool of threads that starts with the first read."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        """Let at most so many reads be under way together."""
        self._at_once = at_once
        self._pool: ThreadPoolExecutor | None = None

    def submit(self, read: Callable[[], _T], /) -> Future[_T]:
        """See `multieip.ports.Parallel.submit`."""
        if self._pool is None:
            # Most events end before anything is read.
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

            self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="reads")
        return self._pool.submit(read)


class ReadNow(Generic[_T]):
    """A read that has ended already."""

    def __init__(self, read: Callable[[], _T]) -> None:
        """Read now; what it raises is kept for whoever asks."""
        self._value: list[_T] = []
        self._fault: Exception | None = None
        try:
            self._value.append(read())
        except Exception as fault:  # noqa: BLE001  raised again by `result`
            self._fault = fault

    def result(self) -> _T:
        """See `multieip.ports.Pending.result`."""
        if self._fault is not None:
            raise self._fault
        return self._value[0]


class OneByOne:
    """Reads in the order in which they are begun."""

    def submit(self, read: Callable[[], _T], /) -> ReadNow[_T]:
        """See `multieip.ports.Parallel.submit`."""
        return ReadNow(read)
