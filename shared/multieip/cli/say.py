"""How an answer reaches whoever asked: JSON for programs, lines for people, one exit status for both."""

from __future__ import annotations

import functools
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console

from multieip.cli.exits import Exit
from multieip.errors import MultiEipError, RequestError, RunFailedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from multieip.cli.session import Session

INTERRUPTED: Final = 130

Line = str | tuple[str, str]
"""A line of text, with its style where it has one."""


class Output:
    """Writes to standard output, in colours on a terminal only."""

    def __init__(self, *, as_json: bool) -> None:
        """`as_json` turns every answer into one JSON document."""
        self.as_json = as_json
        self._console = Console(highlight=False, soft_wrap=True)

    def answer(self, body: Any, lines: Iterable[Line]) -> None:  # noqa: ANN401  whatever JSON holds
        """Give the answer in the form that was asked for."""
        if self.as_json:
            click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        else:
            self.lines(lines)

    def lines(self, lines: Iterable[Line]) -> None:
        """Write lines for people."""
        for line in lines:
            text, style = line if isinstance(line, tuple) else (line, "")
            self._console.print(text, style=style or None, markup=False, emoji=False)

    def error(self, error: MultiEipError, status: Exit) -> None:
        """Say why nothing was answered."""
        if self.as_json:
            body = {"error": type(error).__name__, "message": str(error), "exit": int(status)}
            click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        else:
            Console(stderr=True, highlight=False, soft_wrap=True).print(
                f"error: {error}", style="red", markup=False, emoji=False
            )


def word(run: Callable[..., Exit]) -> Callable[..., None]:
    """Make a function of session and output a word of the command: options that all share, and its end."""

    @functools.wraps(run)
    def wrapped(**given: Any) -> None:  # noqa: ANN401  click gives what the options say
        from multieip.cli.progress import Progress
        from multieip.cli.session import Place, Session
        from multieip.clock import SystemClock

        place = Place(given.pop("region"), given.pop("profile"), given.pop("endpoint"))
        output = Output(as_json=given.pop("as_json"))
        clock = SystemClock()
        progress = Progress(clock, verbose=given.pop("verbose"), quiet=given.pop("quiet"))
        sys.exit(_ended(lambda: run(Session(place, clock, progress), output, **given), output))

    for option in reversed(_SHARED):
        wrapped = option(wrapped)
    return wrapped


def _ended(run: Callable[[], Exit], output: Output) -> int:
    try:
        return run()
    except MultiEipError as error:
        status = _status(error)
        output.error(error, status)
        return status
    except KeyboardInterrupt:
        click.echo("interrupted. Nothing is lost: the same word again goes on from what is there", err=True)
        sys.stdout.flush()
        # Reads that are tried again in threads would else be waited for, a minute and longer. Runs may be
        # killed at any moment; the next one goes on from what is there.
        os._exit(INTERRUPTED)


def _status(error: MultiEipError) -> Exit:
    if isinstance(error, (SettingsError, RequestError)):
        return Exit.USAGE
    return Exit.FAILED if isinstance(error, RunFailedError) else Exit.UNSEEN


def watched(session: Session, run: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever run gives
    """Show what happens while it runs."""
    with session.progress.shown():
        return run()


_SHARED: Final = (
    click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document."),
    click.option("--region", multiple=True, metavar="ID", help="Region, such as cn-shanghai."),
    click.option("--profile", default="", metavar="NAME", help="Profile of the aliyun CLI's file."),
    click.option("--endpoint", default="", metavar="URL", help="Replaces the vendor's hosts."),
    click.option("--quiet", "-q", is_flag=True, help="Show no progress."),
    click.option("--verbose", "-v", is_flag=True, help="Show the log, a line of JSON per call."),
)
