"""Expressions: literals, variables, members, operators, casts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.language import operators
from localcloud.guests.windows.language.registry import (
    Expression,
    constant,
    expression,
    named,
    not_played,
    only,
    source,
    steps_of,
    value_of,
)
from localcloud.guests.windows.language.values import (
    NOTHING,
    Table,
    Value,
    collected,
    number,
    plain,
    text,
    truth,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from localcloud.guests.windows.language.scope import Scope

CONSTANTS: dict[str, Value] = {"null": None, "true": True, "false": False}


@expression("unary_expression", "pipeline_chain", "argument_expression", "type_spec")
def _through(node: Node) -> Expression:
    return value_of(only(node))


@expression("variable")
def _variable(node: Node) -> Expression:
    name = source(node)[1:].lower()
    if name in CONSTANTS:
        value = CONSTANTS[name]
        return constant(value)
    if name.startswith("env:"):
        return lambda scope: scope.runtime.environment(name[4:])
    if ":" in name or source(node)[0] != "$":
        raise not_played("variable", node)
    return lambda scope: scope.get(name)


@expression("parenthesized_expression")
def _parenthesized(node: Node) -> Expression:
    steps = steps_of(only(node))

    def evaluate(scope: Scope) -> Value:
        said: list[Value] = []
        steps(scope, said)
        return collected(said)

    inner = only(node)
    chain = only(inner) if inner.type == "pipeline" else inner
    # A single expression in parentheses keeps its value as it is, an array of one among them.
    if chain.type == "pipeline_chain" and len(named(chain)) == 1 and named(chain)[0].type != "command":
        return value_of(chain)
    return evaluate


@expression("array_expression")
def _array(node: Node) -> Expression:
    bodies = [steps_of(child) for child in named(node)]

    def evaluate(scope: Scope) -> Value:
        said: list[Value] = []
        for steps in bodies:
            steps(scope, said)
        return said

    return evaluate


@expression("array_literal_expression")
def _array_literal(node: Node) -> Expression:
    parts = [value_of(child) for child in named(node)]
    return lambda scope: [plain(part(scope)) for part in parts]


@expression("hash_literal_expression")
def _hash(node: Node) -> Expression:
    return _table(node, ordered=False)


def _table(node: Node, *, ordered: bool) -> Expression:
    pairs: list[tuple[str, Expression]] = []
    for body in named(node):
        for entry in named(body):
            key, value = named(entry)
            pairs.append((source(key).strip("'"), output_of(value)))

    def evaluate(scope: Scope) -> Value:
        table = Table(ordered=ordered)
        for key, value in pairs:
            table.set(key, plain(value(scope)))
        return table

    return evaluate


def output_of(node: Node) -> Expression:
    """Give the value of a statement on the right of `=`."""
    if node.type == "assignment_value":
        return output_of(only(node))
    if node.type == "pipeline":
        return output_of(only(node))
    if node.type == "pipeline_chain" and len(named(node)) == 1 and named(node)[0].type != "command":
        return value_of(named(node)[0])
    steps = steps_of(node)

    def evaluate(scope: Scope) -> Value:
        said: list[Value] = []
        steps(scope, said)
        return collected(said)

    return evaluate


@expression("script_block_expression")
def _script_block(node: Node) -> Expression:
    block = only(node)
    bodies = [body for body in named(block) if body.type == "script_block_body"]
    if len(bodies) != len(named(block)):
        raise not_played("script block", node)
    steps = [steps_of(part) for body in bodies for part in named(body)]

    def run(scope: Scope, said: list[Value]) -> None:
        for step in steps:
            step(scope, said)

    return constant(Block(run, ""))


class Block:
    """A script block as a value; where it runs decides what it sees."""

    def __init__(self, run: Value, program: str) -> None:
        """Keep what to carry out."""
        self.run = run
        self.program = program


@expression("member_access")
def _member(node: Node) -> Expression:
    target, name = named(node)
    word = source(name)
    if name.type != "member_name":
        raise not_played("member", node)
    if target.type == "type_literal":
        kind = source(target)[1:-1]
        return lambda scope: scope.runtime.static(kind, word)
    base = value_of(target)
    return lambda scope: operators.member(base(scope), word)


@expression("element_access")
def _element(node: Node) -> Expression:
    target, index = (value_of(child) for child in named(node))
    return lambda scope: operators.element(target(scope), index(scope))


@expression("invocation_expression")
def _invocation(node: Node) -> Expression:
    target, name, arguments = named(node)
    word = source(name)
    parts = [value_of(a) for each in named(arguments) for a in named(each)]
    if target.type == "type_literal":
        kind = source(target)[1:-1]
        return lambda scope: scope.runtime.invoke_static(scope, kind, word, [part(scope) for part in parts])
    base = value_of(target)
    return lambda scope: scope.runtime.invoke(base(scope), word, [part(scope) for part in parts])


@expression("type_literal")
def _type(node: Node) -> Expression:
    value = source(node)[1:-1]
    return constant(value)


@expression(
    "additive_expression",
    "multiplicative_expression",
    "additive_argument_expression",
    "multiplicative_argument_expression",
)
def _arithmetic(node: Node) -> Expression:
    left, sign, right = node.children
    operation = operators.ARITHMETIC.get(source(sign))
    if operation is None:
        raise not_played("operator", node)
    first, second = value_of(left), value_of(right)
    return lambda scope: operation(first(scope), second(scope))


@expression("comparison_expression")
def _comparison(node: Node) -> Expression:
    left, sign, right = node.children
    word = source(sign).lower()
    first, second = value_of(left), value_of(right)
    if word == "-match":
        return lambda scope: operators.match(scope, first(scope), second(scope))
    operation = operators.COMPARE.get(word)
    if operation is None:
        raise not_played("operator", node)
    return lambda scope: operation(first(scope), second(scope))


@expression("logical_expression")
def _logical(node: Node) -> Expression:
    left, sign, right = node.children
    first, second = value_of(left), value_of(right)
    match source(sign).lower():
        case "-and":
            return lambda scope: truth(first(scope)) and truth(second(scope))
        case "-or":
            return lambda scope: truth(first(scope)) or truth(second(scope))
    raise not_played("operator", node)


@expression("expression_with_unary_operator")
def _unary(node: Node) -> Expression:
    if len(node.children) == 1:
        return value_of(node.children[0])
    sign, operand = node.children
    inner = value_of(operand)
    match source(sign).lower():
        case "-not":
            return lambda scope: not truth(inner(scope))
        case ",":
            return lambda scope: [plain(inner(scope))]
    raise not_played("operator", node)


@expression("cast_expression")
def _cast(node: Node) -> Expression:
    kind, operand = named(node)
    word = source(kind)[1:-1].lower()
    if word == "ordered":
        inner = only(operand)
        if inner.type != "hash_literal_expression":
            raise not_played("cast", node)
        return _table(inner, ordered=True)
    value = value_of(operand)
    match word:
        case "string":
            return lambda scope: text(value(scope))
        case "int":
            return lambda scope: round(number(value(scope)))
        case "bool":
            return lambda scope: truth(value(scope))
    raise not_played("cast", node)


@expression("post_increment_expression", "post_decrement_expression")
def _increment(node: Node) -> Expression:
    name = source(named(node)[0])[1:].lower()
    by = 1 if node.type == "post_increment_expression" else -1

    def evaluate(scope: Scope) -> Value:
        scope.set(name, number(scope.get(name)) + by)
        return NOTHING

    return evaluate
