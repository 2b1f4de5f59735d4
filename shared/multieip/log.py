"""One JSON line per thing that happened, and a count of the calls made to the cloud."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multieip.ports import Clock

Sink = Callable[[str], None]

_AS_JSON: Final = json.JSONEncoder(default=str, ensure_ascii=False).encode


def to_stderr(line: str) -> None:
    """Write one line where Function Compute collects logs."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Log:
    """Writes lines of JSON; what was added once at the edge (request id, group) is on every line."""

    def __init__(
        self, clock: Clock, sink: Sink = to_stderr, bound: Mapping[str, object] | None = None
    ) -> None:
        """Write to `sink`, one call per line."""
        self._clock = clock
        self._sink = sink
        self._bound = dict(bound or {})

    def with_fields(self, **fields: object) -> Log:
        """Return a log that adds these fields to each line; empty ones are left out."""
        kept = {name: value for name, value in fields.items() if value is not None and value != ""}
        return Log(self._clock, self._sink, {**self._bound, **kept})

    def say(self, event: str, **fields: object) -> None:
        """Write one line. `event` is a short name, `fields` what belongs to it.

        `level` is `info` unless a field says `warning` (somebody may want to look) or `error` (must look).
        """
        time = self._clock.now().isoformat(timespec="milliseconds")
        line = {"time": time, "level": fields.pop("level", "info"), "event": event}
        self._sink(_AS_JSON({**line, **self._bound, **fields}))


class CallLog:
    """Counts calls by product, action and outcome; safe to share between threads."""

    def __init__(self, log: Log | None = None) -> None:
        """Also write a line per call where a log is given."""
        self._log = log
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def record(self, product: str, action: str, outcome: str, seconds: float) -> None:
        """Count one try; `outcome` is `ok`, `lost` or the code of the refusal."""
        with self._lock:
            self._counts[product, action] += 1
        if self._log is not None:
            self._log.say("call", action=f"{product}.{action}", outcome=outcome, ms=round(seconds * 1000))

    def by_action(self) -> dict[str, int]:
        """Return how often each action was tried since the start."""
        with self._lock:
            return {f"{product}.{action}": n for (product, action), n in sorted(self._counts.items())}

    @property
    def total(self) -> int:
        """How many calls were tried, retries included."""
        with self._lock:
            return sum(self._counts.values())
