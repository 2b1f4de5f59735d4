"""The word `doctor`: whether this machine and these keys can do what the command does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from multieip.cli.exits import Exit
from multieip.cli.say import Output, watched, word

if TYPE_CHECKING:
    from multieip.cli.checks import Checked
    from multieip.cli.say import Line
    from multieip.cli.session import Session

_MARKS: Final = {"ok": ("✓", "green"), "bad": ("✗", "red"), "unknown": ("?", "yellow")}
_UNSURE: Final = frozenset({"mode authorised", "region", "clock"})
"""What may stay open without standing in the way of a look."""


@click.command()
@word
def doctor(session: Session, output: Output) -> Exit:
    """Check keys, region, permissions, mode, agents and clock.

    Each permission is asked for without effect; nothing is changed.
    """
    from multieip.cli.checks import checks

    found: list[Checked] = watched(session, lambda: list(checks(session.app())))
    status = _status(found)
    body = {"checks": [each.as_json() for each in found], "exit": int(status)}
    output.answer(body, [line for each in found for line in _lines(each)])
    return status


def _status(found: list[Checked]) -> Exit:
    if any(each.status == "bad" for each in found):
        return Exit.FINDINGS
    unsure = any(each.status == "unknown" and each.what not in _UNSURE for each in found)
    return Exit.UNSEEN if unsure else Exit.CLEAN


def _lines(checked: Checked) -> list[Line]:
    mark, style = _MARKS[checked.status]
    lines: list[Line] = [(f"{mark} {checked.what}: {checked.text}", style)]
    return [*lines, f"    {checked.remedy}"] if checked.remedy else lines
