"""No module of the product is too long to be read at once, and no function too long to be seen at once.

A module counts with everything in it. A function counts from its `def` to its end, without docstring,
comments and empty lines: to explain something must not cost room.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 35
MODULES = sorted(path for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py"))
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def lines_of_code(source: str) -> set[int]:
    """Return the numbers of the lines that hold more than a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        number
        for token in tokens
        if token.type not in SILENT
        for number in range(token.start[0], token.end[0] + 1)
    }


def lengths(source: str) -> dict[str, int]:
    """Return how long each function is."""
    code = lines_of_code(source)
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            own = set(range(node.lineno, (node.end_lineno or node.lineno) + 1)) & code
            if ast.get_docstring(node) is not None:
                text = node.body[0]
                own -= set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
            found[f"{node.name} in line {node.lineno}"] = len(own)
    return found


@pytest.mark.parametrize("limit", ["module", "function"])
def test_nothing_is_too_long(limit: str) -> None:
    """Both limits, over every module."""
    sources = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in MODULES}
    if limit == "module":
        found = {name: len(source.splitlines()) for name, source in sources.items()}
        too_long = {name: n for name, n in found.items() if n > LONGEST_MODULE}
    else:
        found = {f"{name}: {f}": n for name, source in sources.items() for f, n in lengths(source).items()}
        too_long = {name: n for name, n in found.items() if n > LONGEST_FUNCTION}

    assert len(found) > 100, "The product was not found."
    assert too_long == {}


def test_what_explains_costs_no_room() -> None:
    """The measure itself: docstring, comment and empty line are free, a signature and a long text are not."""
    source = (
        'def f(\n    a,\n):\n    """Say\n    it.\n    """\n\n    # why\n    return """\n# no comment\n"""\n'
    )
    assert lengths(source) == {"f in line 1": 6}
