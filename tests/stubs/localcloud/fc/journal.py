"""What was delivered and what was run, in order: the answer to "why did nothing happen?"."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.eventbridge import Delivery
    from localcloud.fc.runner import Invocation, Outcome

_ENTRIES_KEPT: Final = 10_000
TAIL_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line: `fields` are plain JSON values."""

    number: int
    time: float
    kind: str  # delivery, function, kept
    fields: dict[str, Any]

    def view(self) -> dict[str, Any]:
        """Return the line as one flat JSON object."""
        return {"number": self.number, "time": self.time, "kind": self.kind, **self.fields}


class Journal:
    """Keeps the last lines; readers ask for what follows the number that they know."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Start empty, on somebody's time."""
        self._now = now
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=_ENTRIES_KEPT)
        self._next = 1

    def delivery(self, delivery: Delivery) -> None:
        """Note one push of an event, or why there was none."""
        self._add(
            "delivery",
            {
                "event_id": delivery.event_id,
                "event": delivery.event_name or delivery.event_type,
                "rule": delivery.rule,
                "target": delivery.target,
                "attempt": delivery.attempt,
                "state": delivery.outcome,
                "status": delivery.status,
                "request_id": delivery.request_id,
                "detail": delivery.detail,
            },
        )

    def function(
        self,
        invocation: Invocation,
        state: str,
        *,
        task_id: str = "",
        outcome: Outcome | None = None,
        error: str = "",
    ) -> None:
        """Note a change of state of one invocation; `outcome` where it has ended."""
        fields: dict[str, Any] = {
            "function": invocation.function.name,
            "service": invocation.service,
            "task_id": task_id,
            "request_id": invocation.request_id,
            "state": state,
        }
        if outcome:
            fields |= {
                "duration_ms": outcome.duration_ms,
                "instance_id": outcome.instance_id,
                "cause": outcome.cause,
                "error": outcome.error_message(),
                "result": outcome.body[:TAIL_BYTES].decode(errors="replace"),
                "log": outcome.log[-TAIL_BYTES:].decode(errors="replace"),
            }
        elif error:
            fields["error"] = error
        self._add("function", fields)

    def kept(self, arn: str, message: bytes, why: str) -> None:
        """Note a message that went to what is not here: a dead letter, or what a destination receives."""
        text = message[:TAIL_BYTES].decode(errors="replace")
        self._add("kept", {"target": arn, "state": "kept", "why": why, "message": text})

    def after(self, number: int) -> list[JournalEntry]:
        """Return the lines that follow the given number, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry.number > number]

    def _add(self, kind: str, fields: dict[str, Any]) -> None:
        with self._lock:
            self._entries.append(JournalEntry(self._next, self._now(), kind, fields))
            self._next += 1
