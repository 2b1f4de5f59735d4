"""Commands in a pipeline: own functions by place, all others by the parameters that they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import NotPlayedError, ReturnError
from localcloud.guests.windows.language.expressions import Block
from localcloud.guests.windows.language.registry import (
    Expression,
    constant,
    not_played,
    only,
    source,
    value_of,
)
from localcloud.guests.windows.language.values import Table, Value, plain

if TYPE_CHECKING:
    from tree_sitter import Node

    from localcloud.guests.windows.language.scope import Scope

Command = Callable[["Scope", "list[Value] | None", "list[Value]"], None]
"""Takes the scope, what comes down the pipeline (None at its head), and where to put what comes out."""


# Parameters that take no value.
SWITCHES = frozenset(("compress", "force", "unique"))


@dataclass(frozen=True, slots=True)
class Argument:
    """One word after a command: a value, a parameter's name, or a splat."""

    kind: str
    name: str = ""
    value: Expression | None = None


def arguments_of(node: Node) -> list[Argument]:
    """Read the words after a command."""
    found: list[Argument] = []
    for child in (c for each in node.children if each.type == "command_elements" for c in each.children):
        match child.type:
            case "command_argument_sep":
                continue
            case "command_parameter":
                found.append(Argument("parameter", source(child)))
            case "generic_token":
                found.append(Argument("value", source(child), constant(source(child))))
            case "argument_list":
                # In this grammar a method's call in an argument falls apart; parentheses keep it together.
                raise not_played("argument", child)
            case "unary_expression" if source(child)[0] == "@" and source(child)[1] not in "({":
                found.append(Argument("splat", source(child)[1:].lower()))
            case _:
                found.append(Argument("value", "", value_of(child)))
    return found


def command_of(node: Node) -> Command:
    """Turn a command into something that runs it."""
    if node.type != "command":
        raise not_played("pipeline element", node)
    arguments = arguments_of(node)
    how = ""
    for child in node.children:
        match child.type:
            case "command_invocation_operator":
                how = source(child)
            case "command_name":
                return _by_name(source(child), arguments)
            case "command_name_expr":
                inner = only(child)
                if inner.type == "command_name":
                    return _by_name(source(inner), arguments)
                target = value_of(only(inner) if inner.type == "path_command_name" else inner)
                return _invoked(how, target)
            case _:
                raise not_played("command", node)
    raise not_played("command", node)


def _invoked(how: str, target: Expression) -> Command:
    def run(scope: Scope, items: list[Value] | None, said: list[Value]) -> None:
        block = target(scope)
        if items is not None or not isinstance(block, Block):
            raise NotPlayedError(f"{how} with {type(block).__name__}")
        try:
            block.run(scope if how == "." else scope.inner(), said)
        except ReturnError:
            return

    return run


def _by_name(name: str, arguments: list[Argument]) -> Command:
    def run(scope: Scope, items: list[Value] | None, said: list[Value]) -> None:
        function = scope.runtime.function(name)
        if function is None:
            scope.runtime.command(scope, name, _bound(scope, arguments), items, said)
            return
        if items is not None or any(argument.kind != "value" for argument in arguments):
            raise NotPlayedError(f"{name} with input or named parameters")
        function.call(scope, [a.value(scope) for a in arguments if a.value], said)

    return run


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a call with their values: by place, and by name."""

    places: tuple[Value, ...]
    names: dict[str, Value]


def _bound(scope: Scope, arguments: list[Argument]) -> Words:
    places: list[Value] = []
    names: dict[str, Value] = {}
    waiting = ""
    for argument in arguments:
        if argument.kind == "splat":
            table = scope.get(argument.name)
            if not isinstance(table, Table):
                raise NotPlayedError(f"a splat of {type(table).__name__}")
            names.update({str(key).lower(): value for key, value in table.items()})
            waiting = ""
        elif argument.kind == "parameter":
            waiting = argument.name[1:].lower()
            if waiting in names:
                raise NotPlayedError(f"-{waiting} twice")
            names[waiting] = True
        else:
            value = plain(argument.value(scope)) if argument.value else None
            if waiting and waiting not in SWITCHES:
                names[waiting] = value
            else:
                places.append(value)
            waiting = ""
    return Words(tuple(places), names)
