"""Threads in which guests work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor


class Workers:
    """Threads in which a server's guests work, so that no request waits for a command."""

    def __init__(self, *, threaded: bool) -> None:
        """Without threads whoever needs a result runs the command."""
        self.pool = ThreadPoolExecutor(32, thread_name_prefix="stub-guest") if threaded else None

    def close(self) -> None:
        """Forget what has not begun; what runs ends by its own timeout."""
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)
