"""Statements: pipelines, assignments, conditions, loops, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.language import operators
from localcloud.guests.windows.language.commands import command_of
from localcloud.guests.windows.language.errors import (
    BreakError,
    ContinueError,
    ExitError,
    PowerShellError,
    ReturnError,
)
from localcloud.guests.windows.language.expressions import output_of
from localcloud.guests.windows.language.functions import Function
from localcloud.guests.windows.language.registry import (
    Statement,
    named,
    not_played,
    only,
    source,
    statement,
    steps_of,
    value_of,
)
from localcloud.guests.windows.language.values import Thing, Value, enumerated, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from localcloud.guests.windows.language.scope import Scope


@statement("statement_list", "program")
def _list(node: Node) -> Statement:
    steps = [steps_of(child) for child in named(node) if child.type not in ("empty_statement", "comment")]

    def run(scope: Scope, said: list[Value]) -> None:
        for step in steps:
            step(scope, said)

    return run


@statement("statement_block", "switch_body", "else_clause")
def _block(node: Node) -> Statement:
    steps = [steps_of(child) for child in named(node)]

    def run(scope: Scope, said: list[Value]) -> None:
        for step in steps:
            step(scope, said)

    return run


@statement("pipeline")
def _pipeline(node: Node) -> Statement:
    inner = only(node)
    return steps_of(inner)


@statement("pipeline_chain")
def _chain(node: Node) -> Statement:
    first, *rest = named(node)
    commands = [command_of(each) for each in rest]
    start = _start(first)

    def run(scope: Scope, said: list[Value]) -> None:
        items: list[Value] = said if not commands else []
        start(scope, items)
        for place, command in enumerate(commands):
            into: list[Value] = said if place == len(commands) - 1 else []
            command(scope, items, into)
            items = into

    return run


def _start(node: Node) -> Statement:
    if node.type == "command":
        command = command_of(node)
        return lambda scope, said: command(scope, None, said)
    value = value_of(node)
    return lambda scope, said: said.extend(enumerated(value(scope)))


@statement("assignment_expression")
def _assignment(node: Node) -> Statement:
    left, sign, right = named(node)
    target = only(only(left)) if only(left).type == "unary_expression" else only(left)
    value = output_of(right)
    if source(sign) == "+=":
        before = value_of(target)
        plus = value
        value = lambda scope: operators.add(before(scope), plus(scope))  # noqa: E731
    elif source(sign) != "=":
        raise not_played("assignment", node)
    store = _store(target)
    return lambda scope, _said: store(scope, value(scope))


def _store(target: Node) -> Statement:
    if target.type == "variable":
        name = source(target)[1:].lower()
        if ":" in name:
            raise not_played("variable", target)
        return lambda scope, value: scope.set(name, value)
    if target.type == "member_access":
        base, member = named(target)
        owner, word = value_of(base), source(member)
        return lambda scope, value: operators.set_member(owner(scope), word, value)
    raise not_played("assignment", target)


@statement("flow_control_statement")
def _flow(node: Node) -> Statement:
    word = source(node.children[0]).lower()
    rest = named(node)
    steps = steps_of(rest[0]) if rest else None
    value = output_of(rest[0]) if rest else None

    def run(scope: Scope, said: list[Value]) -> None:
        match word:
            case "return":
                if steps is not None:
                    steps(scope, said)
                raise ReturnError
            case "break":
                raise BreakError
            case "continue":
                raise ContinueError
            case "exit":
                raise ExitError(int(number(value(scope) if value else 0)))
            case "throw":
                raise _thrown(scope, value(scope) if value else None, again=value is None)
        raise not_played("statement", node)

    return run


def _thrown(scope: Scope, value: Value, *, again: bool) -> PowerShellError:
    if again:
        record = scope.get("_")
        error = record.get("Cause") if isinstance(record, Thing) else None
        if not isinstance(error, PowerShellError):
            raise RuntimeError("throw without a value, and nothing was caught")
        return error
    return PowerShellError(text(value), text(value), ("RuntimeException",))


@statement("function_statement")
def _function(node: Node) -> Statement:
    name, parameters, steps = "", [], []
    for child in named(node):
        if child.type == "function_name":
            name = source(child)
        elif child.type == "function_parameter_declaration":
            parameters = _parameters(child)
        elif child.type == "script_block":
            steps = [steps_of(part) for body in named(child) for part in named(body)]
        else:
            raise not_played("function", child)
    function = Function(name, tuple(parameters), tuple(steps))
    return lambda scope, _said: scope.runtime.define(function)


def _parameters(node: Node) -> list[str]:
    return [source(only(parameter))[1:].lower() for each in named(node) for parameter in named(each)]


@statement("try_statement")
def _try(node: Node) -> Statement:
    body: Statement | None = None
    catches: list[tuple[frozenset[str], Statement]] = []
    finally_: Statement | None = None
    for child in named(node):
        if child.type == "catch_clauses":
            catches = [_catch(clause) for clause in named(child)]
        elif child.type == "finally_clause":
            finally_ = steps_of(only(child))
        else:
            body = steps_of(child)
    if body is None:
        raise not_played("try", node)
    return _guarded(body, catches, finally_)


def _catch(node: Node) -> tuple[frozenset[str], Statement]:
    kinds: list[str] = []
    steps: Statement | None = None
    for child in named(node):
        if child.type == "catch_type_list":
            kinds = [source(kind)[1:-1].rpartition(".")[2].lower() for kind in named(child)]
        else:
            steps = steps_of(child)
    if steps is None:
        raise not_played("catch", node)
    return frozenset(kinds), steps


def _guarded(
    body: Statement, catches: Sequence[tuple[frozenset[str], Statement]], finally_: Statement | None
) -> Statement:
    def run(scope: Scope, said: list[Value]) -> None:
        try:
            body(scope, said)
        except PowerShellError as error:
            handler = _handler(error, catches)
            if handler is None:
                raise
            scope.with_item(_record(error), lambda: handler(scope, said))
        finally:
            if finally_ is not None:
                finally_(scope, said)

    return run


def _handler(error: PowerShellError, catches: Sequence[tuple[frozenset[str], Statement]]) -> Statement | None:
    mine = {kind.lower() for kind in error.kinds}
    return next((steps for kinds, steps in catches if not kinds or kinds & mine), None)


def _record(error: PowerShellError) -> Thing:
    exception = Thing("Exception", Message=error.message)
    return Thing("ErrorRecord", Exception=exception, FullyQualifiedErrorId=error.error_id, Cause=error)
