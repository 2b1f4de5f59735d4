"""PowerShell's text as a tree."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_pwsh

from localcloud.guests.windows.language.errors import PowerShellError

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGE = tree_sitter.Language(tree_sitter_pwsh.language())


@lru_cache(maxsize=8)
def _tree(script: str) -> tree_sitter.Tree:
    return tree_sitter.Parser(LANGUAGE).parse(script.encode())


def nodes(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Walk a tree."""
    yield node
    for child in node.children:
        yield from nodes(child)


def parsed(script: str) -> tree_sitter.Node:
    """Parse a script; an error of syntax is a `ParseException`, as Windows has it."""
    root = _tree(script).root_node
    if root.has_error:
        bad = next(node for node in nodes(root) if node.type == "ERROR" or node.is_missing)
        where = (bad.text or b"").decode()[:60]
        raise PowerShellError(f"Unexpected token in line {bad.start_point[0] + 1}: {where}", "Parse")
    return root
