"""Conditions and loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.language import operators
from localcloud.guests.windows.language.errors import BreakError, ContinueError
from localcloud.guests.windows.language.expressions import output_of
from localcloud.guests.windows.language.registry import (
    Statement,
    named,
    only,
    source,
    statement,
    steps_of,
)
from localcloud.guests.windows.language.values import Value, enumerated, text, truth

if TYPE_CHECKING:
    from tree_sitter import Node

    from localcloud.guests.windows.language.scope import Scope

ROUNDS = 100_000


@statement("if_statement")
def _if(node: Node) -> Statement:
    branches: list[tuple[Statement, Statement]] = []
    otherwise: Statement | None = None
    condition: Node | None = None
    for child in named(node):
        if child.type == "elseif_clauses":
            for clause in named(child):
                test, body = named(clause)
                branches.append((steps_of(test), steps_of(body)))
        elif child.type == "else_clause":
            otherwise = steps_of(child)
        elif condition is None:
            condition = child
        else:
            branches.append((steps_of(condition), steps_of(child)))

    def run(scope: Scope, said: list[Value]) -> None:
        for test, body in branches:
            answer: list[Value] = []
            test(scope, answer)
            if truth(answer):
                body(scope, said)
                return
        if otherwise is not None:
            otherwise(scope, said)

    return run


@statement("foreach_statement")
def _foreach(node: Node) -> Statement:
    variable, over, body = named(node)
    name, items, steps = source(variable)[1:].lower(), output_of(over), steps_of(body)

    def run(scope: Scope, said: list[Value]) -> None:
        # Over null, a loop makes no round, unlike a pipeline.
        values = items(scope)
        for item in [] if values is None else list(enumerated(values)):
            scope.set(name, item)
            try:
                steps(scope, said)
            except ContinueError:
                continue
            except BreakError:
                break

    return run


@statement("while_statement")
def _while(node: Node) -> Statement:
    test, body = named(node)
    return _loop(steps_of(only(test)), None, steps_of(body))


@statement("for_statement")
def _for(node: Node) -> Statement:
    first, test, after, body = named(node)
    start = steps_of(only(first))
    loop = _loop(steps_of(only(test)), steps_of(only(after)), steps_of(body))

    def run(scope: Scope, said: list[Value]) -> None:
        start(scope, said)
        loop(scope, said)

    return run


def _loop(test: Statement, after: Statement | None, body: Statement) -> Statement:
    def run(scope: Scope, said: list[Value]) -> None:
        for _ in range(ROUNDS):
            answer: list[Value] = []
            test(scope, answer)
            if not truth(answer):
                return
            try:
                body(scope, said)
            except BreakError:
                return
            except ContinueError:
                pass
            if after is not None:
                after(scope, said)
        raise RuntimeError(f"a loop of the script made {ROUNDS} rounds")

    return run


@statement("switch_statement")
def _switch(node: Node) -> Statement:
    condition, body = named(node)
    value = output_of(only(condition))
    clauses: list[tuple[str | None, Statement]] = []
    for clause in (c for each in named(body) for c in named(each)):
        test, steps = named(clause)
        word = source(test)
        clauses.append((None if word == "default" else word.strip("'"), steps_of(steps)))

    def run(scope: Scope, said: list[Value]) -> None:
        found = value(scope)
        for word, steps in clauses:
            if word is None or operators.same(text(found), word):
                # The clauses in use exclude each other, so the first that fits is the only one.
                steps(scope, said)
                return

    return run
