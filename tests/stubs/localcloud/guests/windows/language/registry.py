"""Which function turns which kind of syntax node into a closure; every other node is named and refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import NotPlayedError
from localcloud.guests.windows.language.scope import Scope
from localcloud.guests.windows.language.values import Value

if TYPE_CHECKING:
    from tree_sitter import Node

Expression = Callable[[Scope], Value]
Statement = Callable[[Scope, list[Value]], None]

_EXPRESSIONS: dict[str, Callable[[Node], Expression]] = {}
_STATEMENTS: dict[str, Callable[[Node], Statement]] = {}


def expression(*kinds: str) -> Callable[[Callable[[Node], Expression]], Callable[[Node], Expression]]:
    """Register how these nodes give a value."""

    def register(make: Callable[[Node], Expression]) -> Callable[[Node], Expression]:
        _EXPRESSIONS.update(dict.fromkeys(kinds, make))
        return make

    return register


def statement(*kinds: str) -> Callable[[Callable[[Node], Statement]], Callable[[Node], Statement]]:
    """Register how these nodes are carried out."""

    def register(make: Callable[[Node], Statement]) -> Callable[[Node], Statement]:
        _STATEMENTS.update(dict.fromkeys(kinds, make))
        return make

    return register


def value_of(node: Node) -> Expression:
    """Turn a node into something that gives its value."""
    make = _EXPRESSIONS.get(node.type)
    if make is None:
        raise not_played("expression", node)
    return make(node)


def steps_of(node: Node) -> Statement:
    """Turn a node into something that carries it out."""
    make = _STATEMENTS.get(node.type)
    if make is None:
        raise not_played("statement", node)
    return make(node)


def constant(value: Value) -> Expression:
    """Give the same value always."""
    return lambda _scope: value


def source(node: Node) -> str:
    """Give the text of a node."""
    return (node.text or b"").decode()


def not_played(what: str, node: Node) -> NotPlayedError:
    """Name a node that is not played."""
    line = node.start_point[0] + 1
    return NotPlayedError(f"{what} {node.type!r} in line {line} is not played: {source(node)[:80]!r}")


def named(node: Node) -> list[Node]:
    """List the named children."""
    return [child for child in node.children if child.is_named]


def only(node: Node) -> Node:
    """Give the one named child; more than that is not played."""
    children = named(node)
    if len(children) != 1:
        raise not_played("form", node)
    return children[0]
