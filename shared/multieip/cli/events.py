"""The words `events replay`: what the function react would make of an event, and on demand the runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from multieip.app.react import start_binds
from multieip.cli.exits import Exit, of_run
from multieip.cli.plan_text import result_lines
from multieip.cli.say import Output, watched, word
from multieip.errors import RequestError
from multieip.events.triggers import read_triggers
from multieip.runs.concerned import Options
from multieip.runs.react import ReactResult, screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.cli.say import Line
    from multieip.cli.session import Session
    from multieip.ports import Json

_PATIENCE_S: Final = 900.0


class _Noted:
    """An `Invoker` that starts nothing."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:  # noqa: ARG002  the protocol's
        """Say whether this would be the first of its id."""
        fresh = task_id not in self._seen
        self._seen.add(task_id)
        return fresh


@click.group()
def events() -> None:
    """Work with events as EventBridge delivers them."""


@events.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--apply", "runs_too", is_flag=True, help="Also run what the event would start, from here.")
@word
def replay(session: Session, output: Output, *, file: str, runs_too: bool) -> Exit:
    """Say which groups an event concerns, and why others are skipped. Starts nothing by itself."""
    result: ReactResult = watched(session, lambda: _replayed(session, file, runs_too=runs_too))
    runs = session.started.results
    body = result.as_json() | ({"runs": [*runs.values()]} if runs_too else {})
    output.answer(body, _lines(result))
    if not output.as_json:
        output.lines(line for run in runs.values() for line in result_lines(run))
    return max((Exit.UNSEEN if result.failed else Exit.CLEAN, *(of_run(run) for run in runs.values())))


def _replayed(session: Session, file: str, *, runs_too: bool) -> ReactResult:
    from multieip.dataclass import replace

    app = session.app()
    options = Options.of(app.settings)
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror}") from error
    calls, skipped = screen(read_triggers(raw), options)
    if not runs_too:
        app = replace(app, invoker=_Noted())
    result = start_binds(app, calls, options) if calls else ReactResult()
    result.skipped[:0] = skipped
    session.started.all_ended(session.clock.monotonic() + _PATIENCE_S)
    return result


def _lines(result: ReactResult) -> Iterator[Line]:
    yield from ((f"starts {each.group} in {each.region}", "green") for each in result.started)
    yield from (f"started already: {each.group} in {each.region}" for each in result.collapsed)
    yield from (f"skips {each.name or each.event}: {each.reason}" for each in result.skipped)
    yield from ((f"✗ {each}", "red") for each in result.failed)
