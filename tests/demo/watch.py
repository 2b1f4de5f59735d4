"""Live progress: what the functions log while they run, and what the event bus delivers."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from localcloud import Functions, JournalEntry

_LOOK_S: Final = 0.05
_ENDS: Final = frozenset({"Succeeded", "Failed", "Stopped", "Expired", "Invalid"})


class Watch:
    """Prints what has happened since the last look; keeps the results of `bind`."""

    def __init__(self, functions: Functions, console: Console, started: float) -> None:
        """Begin now; what was before is not shown. `started` is a reading of `time.monotonic`."""
        self._functions = functions
        self._console = console
        self._started = started
        self._seen = 0
        self._shown: defaultdict[str, set[bytes]] = defaultdict(set)
        self._names: dict[str, str] = {}
        self._told: set[tuple[object, object]] = set()
        self._counts: defaultdict[str, int] = defaultdict(int)
        self.results: list[dict[str, Any]] = []

    def until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Show progress until `done`; False when it did not come about in time."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            self.look()
            if done():
                self.look()
                return True
            time.sleep(_LOOK_S)
        return False

    def look(self) -> None:
        """Show what is new."""
        runner = self._functions.service.runner
        for request_id in list(runner.running()):
            self._log(request_id, runner.live_log(request_id))
        for entry in self._functions.service.journal.after(self._seen):
            self._seen = entry.number
            self._entry(entry)

    def _entry(self, entry: JournalEntry) -> None:
        fields = entry.fields
        if entry.kind == "delivery":
            if fields["state"] == "delivered":
                self._say("event", f"[dim]{fields['event']} → {_short(fields['target'])}[/dim]")
            return
        request_id = str(fields["request_id"])
        self._name(request_id, str(fields["function"]))
        if "log" in fields:
            self._log(request_id, str(fields["log"]).encode())
        if fields.get("error"):
            self._say(self._names[request_id], f"[red]{fields['error']}[/red]")
        if str(fields["state"]) in _ENDS and fields.get("result"):
            self._result(request_id, str(fields["result"]))

    def _result(self, request_id: str, text: str) -> None:
        try:
            body = json.loads(text)
        except ValueError:
            return
        if self._names[request_id].startswith("bind") and isinstance(body, dict) and "state" in body:
            self.results.append(body)

    def _log(self, request_id: str, text: bytes) -> None:
        """Show lines not shown before; what a run leaves in the journal is the tail of its log only."""
        for raw in text.split(b"\n")[:-1]:
            if raw in self._shown[request_id]:
                continue
            self._shown[request_id].add(raw)
            line = _json_line(raw)
            said = _in_words(line)
            name = self._name(request_id, str(line.get("function", "?"))) if line else ""
            # Several events start several runs for one group; what one run tells need not be told again.
            told = (line.get("state"), line.get("title"))
            if said and (line.get("event") != "step" or told not in self._told):
                self._say(name, said)
            self._told.add(told)

    def _name(self, request_id: str, function: str) -> str:
        """Return the name that this run has had since it was first seen: function and number."""
        if request_id not in self._names:
            short = _short(function)
            self._counts[short] += 1
            self._names[request_id] = f"{short} {self._counts[short]}"
        return self._names[request_id]

    def _say(self, who: str, text: str) -> None:
        seconds = time.monotonic() - self._started
        self._console.print(f"[dim]{seconds:6.2f}s[/dim]  [cyan]{who:<8}[/cyan] {text}", highlight=False)


def _json_line(raw: bytes) -> dict[str, Any]:
    """Return what one line says; nothing for a line that is not ours or was cut."""
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _in_words(line: dict[str, Any]) -> str:
    """Tell one log line to a person; empty for what a person need not see."""
    group = line.get("group")
    short = {
        "started": f"starts bind for group [bold]{group}[/bold]",
        "collapsed": f"[dim]group {group}: started already[/dim]",
        "skipped": f"[dim]skips {line.get('name')}: {line.get('reason')}[/dim]",
    }
    event = str(line.get("event"))
    if event == "step":
        return _step(line)
    return _result_line(line) if event == "result" else short.get(event, "")


def _step(line: dict[str, Any]) -> str:
    if line["state"] == "started":
        return f"· {line['title']}"
    good = line["state"] in {"done", "already"}
    mark = "[green]✓[/green]" if good else f"[yellow]{line['state']}[/yellow]"
    detail = f" [dim]({line['detail']})[/dim]" if line.get("detail") else ""
    return f"{mark} {line['title']} [dim]{line['seconds']:.1f}s[/dim]{detail}"


def _result_line(line: dict[str, Any]) -> str:
    colours = {"ready": "bold green", "failed": "bold red", "blocked": "bold yellow"}
    colour = colours.get(str(line["state"]), "yellow")
    message = f": {line['message']}" if line.get("message") else ""
    return f"[{colour}]{line['state']}[/{colour}]{message} [dim]({line['calls']} calls)[/dim]"


def _short(function: str) -> str:
    return function.rpartition("-")[2]
