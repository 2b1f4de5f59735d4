"""Real time, for the composition roots. Everything else gets a `Clock` and does not know which."""

from __future__ import annotations

import time
from datetime import datetime, timezone


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """See `multieip.ports.Clock`."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """See `multieip.ports.Clock`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `multieip.ports.Clock`."""
        time.sleep(seconds)
