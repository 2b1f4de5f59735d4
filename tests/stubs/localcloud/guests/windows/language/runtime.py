"""One run of a script: its functions, what commands it can call, and where its output goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from localcloud.guests.windows.language import (  # noqa: F401  they register themselves
    branches,
    expressions,
    literals,
    statements,
)
from localcloud.guests.windows.language.errors import (
    ExitError,
    NotPlayedError,
    PowerShellError,
    ReturnError,
)
from localcloud.guests.windows.language.parse import parsed
from localcloud.guests.windows.language.registry import steps_of
from localcloud.guests.windows.language.scope import Scope
from localcloud.guests.windows.language.values import Value, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud.guests.windows.language.commands import Words
    from localcloud.guests.windows.language.functions import Function


class Library(Protocol):
    """What stands outside of the script: commands and .NET."""

    def command(
        self, scope: Scope, name: str, words: Words, items: list[Value] | None, said: list[Value]
    ) -> None:
        """Run a command that is no function of the script."""

    def static(self, kind: str, name: str) -> Value:
        """Read a static property of a .NET type."""

    def invoke_static(self, scope: Scope, kind: str, name: str, arguments: Sequence[Value]) -> Value:
        """Call a static method of a .NET type."""

    def invoke(self, target: Value, name: str, arguments: Sequence[Value]) -> Value:
        """Call a method of an object."""


class Runtime:
    """The state of one process of PowerShell."""

    def __init__(self, library: Library, environment: Mapping[str, str]) -> None:
        """Begin without functions and variables."""
        self.library = library
        self._environment = {name.lower(): value for name, value in environment.items()}
        self._functions: dict[str, Function] = {}
        self.command = library.command
        self.static: Callable[[str, str], Value] = library.static
        self.invoke_static = library.invoke_static
        self.invoke = library.invoke
        self.lines: list[str] = []

    def environment(self, name: str) -> Value:
        """Read an environment variable; one that is not set is null."""
        return self._environment.get(name.lower())

    def define(self, function: Function) -> None:
        """Keep a function of the script."""
        self._functions[function.name.lower()] = function

    def function(self, name: str) -> Function | None:
        """Find a function of the script."""
        return self._functions.get(name.lower())

    def run(self, script: str, arguments: Sequence[str]) -> int:
        """Run a script as `powershell -File` does, in the global scope; give its exit code.

        An error that nothing catches ends it with 1, and is told on the console.
        """
        scope = Scope(self)
        for name, value in (("args", list(arguments)), ("lastexitcode", 0)):
            scope.set(name, value)
        said: list[Value] = []
        try:
            steps_of(parsed(script))(scope, said)
        except ExitError as end:
            return self._ended(said, end.code)
        except ReturnError:
            return self._ended(said, 0)
        except PowerShellError as error:
            return self._ended([*said, error.message], 1)
        return self._ended(said, 0)

    def _ended(self, said: list[Value], code: int) -> int:
        self.lines += [text(each) for each in said]
        return code


__all__ = ["Library", "NotPlayedError", "Runtime"]
