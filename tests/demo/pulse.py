"""A console that is never silent for long: whoever watches sees that something goes on."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

SILENT_S: Final = 1.0
_LOOK_S: Final = 0.2


class TalkingConsole(Console):
    """A console that knows when it last said something."""

    def __init__(self) -> None:
        """Nothing has been said yet."""
        super().__init__(soft_wrap=True)
        self.said_at = time.monotonic()

    def print(self, *objects: Any, **style: Any) -> None:  # noqa: ANN401  whatever Rich prints
        """See `rich.console.Console.print`."""
        self.said_at = time.monotonic()
        super().print(*objects, **style)


@contextmanager
def never_silent(console: TalkingConsole, silent_s: float = SILENT_S) -> Iterator[None]:
    """Say how long it takes by now, whenever nothing was said for so long."""
    begun, ended = time.monotonic(), threading.Event()

    def talk() -> None:
        while not ended.wait(_LOOK_S):
            if time.monotonic() - console.said_at >= silent_s:
                console.print(f"[dim]          … {time.monotonic() - begun:.0f} s[/dim]", highlight=False)

    talker = threading.Thread(target=talk, daemon=True)
    talker.start()
    try:
        yield
    finally:
        ended.set()
        talker.join()
