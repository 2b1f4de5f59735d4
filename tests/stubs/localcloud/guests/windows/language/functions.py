"""Functions of the script itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import NotPlayedError, ReturnError
from localcloud.guests.windows.language.values import Value, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.guests.windows.language.registry import Statement
    from localcloud.guests.windows.language.scope import Scope


@dataclass(frozen=True, slots=True)
class Function:
    """A function: what it is called, its parameters by place, and its body."""

    name: str
    parameters: tuple[str, ...]
    steps: tuple[Statement, ...]

    def call(self, scope: Scope, arguments: Sequence[Value], said: list[Value]) -> None:
        """Run it in a scope of its own inside its caller's; what it puts out goes to `said`."""
        if len(arguments) > len(self.parameters):
            raise NotPlayedError(f"{self.name} is called with {len(arguments)} arguments")
        inner = scope.inner()
        for place, parameter in enumerate(self.parameters):
            inner.set(parameter, plain(arguments[place]) if place < len(arguments) else None)
        try:
            for step in self.steps:
                step(inner, said)
        except ReturnError:
            return
