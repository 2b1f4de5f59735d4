"""Variables: each function has a scope of its own and sees its callers' ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import PowerShellError
from localcloud.guests.windows.language.values import NOTHING, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.guests.windows.language.runtime import Runtime


class Scope:
    """One level of variables."""

    __slots__ = ("parent", "runtime", "variables")

    def __init__(self, runtime: Runtime, parent: Scope | None = None) -> None:
        """Open a scope inside another."""
        self.runtime = runtime
        self.parent = parent
        self.variables: dict[str, Value] = {}

    def inner(self) -> Scope:
        """Open a scope inside this one."""
        return Scope(self.runtime, self)

    def get(self, name: str) -> Value:
        """Read a variable; strict mode refuses one that was never set."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        raise PowerShellError(
            f"The variable '${name}' cannot be retrieved because it has not been set.", "VariableIsUndefined"
        )

    def set(self, name: str, value: Value) -> None:
        """Set a variable in this scope."""
        self.variables[name] = value

    def with_item(self, item: Value, work: Callable[[], None]) -> None:
        """Do something while `$_` is this item."""
        before = self.variables.get("_", NOTHING)
        had = "_" in self.variables
        self.variables["_"] = item
        try:
            work()
        finally:
            if had:
                self.variables["_"] = before
            else:
                self.variables.pop("_", None)
