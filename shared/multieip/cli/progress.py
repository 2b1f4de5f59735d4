"""What happens while it happens: log lines told in words on standard error, and a clock that never stands."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.status import Status

from multieip.rules.rule import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Clock

_TICK_S: Final = 0.5
_GOOD: Final = frozenset({"done", "already"})


class Progress:
    """Takes the log's lines. On a terminal one line moves; elsewhere only what has happened is written."""

    def __init__(self, clock: Clock, *, verbose: bool, quiet: bool) -> None:
        """Write to standard error: with `verbose` the log itself, with `quiet` nothing."""
        self._clock = clock
        self._verbose = verbose
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._doing = "looking"
        self._begun = self._clock.monotonic()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show that time passes, on a terminal, until the block ends."""
        if not self._console.is_terminal or self._quiet or self._verbose:
            yield
            return
        self._begun, ended = self._clock.monotonic(), threading.Event()
        with Status(self._doing, console=self._console) as status:
            ticker = threading.Thread(target=self._tick, args=(status, ended), daemon=True)
            ticker.start()
            try:
                yield
            finally:
                ended.set()
                ticker.join()

    def sink(self, line: str) -> None:
        """Take one line of the log."""
        if self._verbose:
            sys.stderr.write(line + "\n")
            return
        if self._quiet:
            return
        said: dict[str, Any] = json.loads(line)
        self._doing = doing(said) or self._doing
        text, style = in_words(said)
        if text:
            self._console.print(text, style=style or None, markup=False)

    def _tick(self, status: Status, ended: threading.Event) -> None:
        while not ended.wait(_TICK_S):
            # The words come from the cloud in part, and must not be read as markup.
            status.update(_plain(f"{self._doing} … {self._clock.monotonic() - self._begun:.0f} s"))


def doing(line: dict[str, Any]) -> str:
    """Say what is going on after this line; empty where it goes on as before."""
    where = str(line.get("region", ""))
    words = {
        "region begun": f"reading {where}",
        "cloud read": f"asking the guests of {counted(line.get('groups', 0), 'group')} in {where}",
        "region done": "going on",
        "call": f"{line.get('group') or where}: {line.get('action')}",
    }
    if line["event"] == "cloud read" and not line.get("groups"):
        return ""
    if line["event"] == "step" and line.get("state") == "started":
        return f"{line.get('group', '')}: {line['title']}"
    return words.get(str(line["event"]), "").removeprefix(": ")


def in_words(line: dict[str, Any]) -> tuple[str, str]:
    """Tell one line to a person, with its style; empty for what only a log needs."""
    event, group = line["event"], line.get("group", "")
    if event == "step" and line["state"] != "started":
        good = line["state"] in _GOOD
        detail = f" ({line['detail']})" if line.get("detail") else ""
        mark = "✓" if good else f"{line['state']}:"
        return f"{mark} {group}: {line['title']}, {line['seconds']:.1f} s{detail}", "" if good else "yellow"
    if event == "region done":
        groups, guests = counted(line["groups"], "group"), counted(line["guests"], "guest")
        return f"✓ {line['region']}: {groups}, {line['ok']} good, {guests} asked", ""
    told = {
        "unread": (f"{line.get('region', '')}: could not be read: {line.get('error')}", "red"),
        "out of time": (f"out of time; left: {', '.join(line.get('left', ()))}", "red"),
        "handed over": (f"{group}: goes on in a next run: {line.get('reason')}", "yellow"),
        "waits in a chain": (f"{group}: waits: {line.get('reason')}", "yellow"),
        "told": (f"{group}: started, because {line.get('why')}", ""),
        "repair": (f"{group}: repair {line.get('outcome')} {line.get('reason') or ''}".rstrip(), ""),
    }
    return told.get(event, ("", ""))


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
