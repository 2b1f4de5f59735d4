"""How a function fails: its error is logged once, with a level, and raised for whoever called."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from multieip.errors import MultiEipError

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.log import Log

_T = TypeVar("_T")


def logged(log: Log, run: Callable[[], _T]) -> _T:
    """Return what `run` gives; an error of this program is logged before it is raised."""
    try:
        return run()
    except MultiEipError as error:
        log.say("failed", level="error", error=type(error).__name__, message=str(error))
        raise
