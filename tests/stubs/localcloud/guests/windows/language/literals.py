"""Numbers and strings as they stand in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.language.registry import (
    Expression,
    constant,
    expression,
    named,
    not_played,
    only,
    source,
    value_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "`": "`", "$": "$", '"': '"'}


@expression("integer_literal", "decimal_integer_literal")
def _integer(node: Node) -> Expression:
    value = int(source(node))
    return constant(value)


@expression("string_literal")
def _string(node: Node) -> Expression:
    return value_of(only(node))


@expression("verbatim_string_characters")
def _verbatim(node: Node) -> Expression:
    value = source(node)[1:-1].replace("''", "'")
    return constant(value)


@expression("expandable_string_literal")
def _expandable(node: Node) -> Expression:
    if named(node):
        raise not_played("string with a variable", node)
    said, raw, place = [], source(node)[1:-1], 0
    while place < len(raw):
        if raw[place] == "`":
            place += 1
            if raw[place] not in ESCAPES:
                raise not_played("escape", node)
            said.append(ESCAPES[raw[place]])
        else:
            said.append(raw[place])
        place += 1
    value = "".join(said)
    return constant(value)
