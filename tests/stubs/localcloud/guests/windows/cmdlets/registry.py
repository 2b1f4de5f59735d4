"""How a command is declared: its name, its parameters, and whether it reaches out of the script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import NotPlayedError
from localcloud.guests.windows.language.values import Value, text

if TYPE_CHECKING:
    from localcloud.guests.windows.language.commands import Words
    from localcloud.guests.windows.language.scope import Scope
    from localcloud.guests.windows.played import PlayedWindows


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command."""

    name: str
    scope: Scope
    words: Words
    items: list[Value]
    windows: PlayedWindows

    def value(self, name: str) -> Value:
        """Give a parameter's value; None when it is not given."""
        return self.words.names.get(name.lower())

    def text(self, name: str) -> str:
        """Give a parameter's value as text."""
        return text(self.words.names.get(name.lower()))

    def number(self, name: str) -> int:
        """Give a parameter's value as a number."""
        return int(self.text(name))

    def given(self, name: str) -> bool:
        """Whether a parameter is given."""
        return name.lower() in self.words.names


Body = Callable[[Call], Iterable[Value]]


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """A command: which parameters it may have and must have, and what it costs."""

    name: str
    body: Body
    parameters: frozenset[str]
    required: frozenset[str] = field(default_factory=frozenset)
    places: int = 0
    seconds: float | None = None
    """What it takes; None for commands that stay inside the script."""

    def check(self, words: Words) -> None:
        """Refuse what the command does not take, or would take for all interfaces at once."""
        known = self.parameters | self.required | {"erroraction"}
        strange = sorted(set(words.names) - known)
        missing = sorted(self.required - set(words.names))
        if strange or missing or len(words.places) > self.places:
            raise NotPlayedError(
                f"{self.name} with {strange or 'these parameters'}, without {missing or 'nothing missing'}, "
                f"{len(words.places)} values by place"
            )
        if self.seconds is not None and text(words.names.get("erroraction")) != "Stop":
            raise NotPlayedError(f"{self.name} without -ErrorAction Stop: it would go on after an error")


CMDLETS: dict[str, Cmdlet] = {}


def cmdlet(
    name: str, parameters: str = "", *, required: str = "", places: int = 0, seconds: float | None = None
) -> Callable[[Body], Body]:
    """Declare a command."""

    def register(body: Body) -> Body:
        CMDLETS[name.lower()] = Cmdlet(
            name,
            body,
            frozenset(parameters.lower().split()),
            frozenset(required.lower().split()),
            places,
            seconds,
        )
        return body

    return register
