"""How a function fails: its error is logged once, with a level, and raised for whoever called.

A request that cannot be understood is no failure but a result: calling again would not make it better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from multieip import RESULT_SCHEMA, __version__
from multieip.errors import MultiEipError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.log import Log
    from multieip.ports import Json

_T = TypeVar("_T")

_seen: list[bool] = []


def is_cold() -> bool:
    """Say whether this is the first call that the process serves."""
    cold = not _seen
    _seen[:] = [True]
    return cold


def refused(log: Log, error: RequestError) -> Json:
    """Log a request that cannot be understood, and return the result that says so."""
    log.say("refused", level="error", message=str(error))
    return refusal(str(error))


def refusal(message: str) -> Json:
    """Return the result of what is refused before anything is looked at or written."""
    return {
        "schema": RESULT_SCHEMA,
        "version": __version__,
        "state": "refused",
        "changed": False,
        "message": message,
    }


def logged(log: Log, run: Callable[[], _T]) -> _T:
    """Return what `run` gives; an error of this program is logged before it is raised."""
    try:
        return run()
    except MultiEipError as error:
        log.say("failed", level="error", error=type(error).__name__, message=str(error))
        raise
