"""How a played script ends early: by its own errors, by its flow, or because something is not played."""

from __future__ import annotations

from dataclasses import dataclass


class NotPlayedError(NotImplementedError):
    """The script uses something that the played Windows does not know; the message names it."""


@dataclass
class PowerShellError(Exception):
    """An error as `catch` sees it: the message, the id, and the exception types that match it."""

    message: str
    error_id: str = ""
    kinds: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say the message."""
        return self.message


def no_property(name: str, on: str) -> PowerShellError:
    """Return strict mode's word about a property that is not there."""
    return PowerShellError(
        f"The property '{name}' cannot be found on this object ({on}). Verify that the property exists.",
        "PropertyNotFoundStrict",
    )


class FlowError(Exception):
    """Not an error: control leaves the place where it is."""


class BreakError(FlowError):
    """`break`."""


class ContinueError(FlowError):
    """`continue`."""


class ReturnError(FlowError):
    """`return`; what it returns has been put out already."""


class ExitError(FlowError):
    """`exit` with a code."""

    def __init__(self, code: int) -> None:
        """Carry the code."""
        super().__init__(code)
        self.code = code


class CutError(BaseException):
    """The process ends here, as when the agent's time limit kills it: nothing of the script runs any more."""
