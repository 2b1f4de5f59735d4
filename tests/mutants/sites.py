"""Where a file can be changed by a machine so that it says something else: every place and operator."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHER: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_SUM: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Mult: ast.FloorDiv,
}
_FEWEST: Final = 2
"""A list of so many elements may lose one."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file: the text `old` at these lines (from 1) and columns (of UTF-8) becomes `new`."""

    path: str
    operator: str
    line: int
    column: int
    end_line: int
    end_column: int
    old: str
    new: str
    in_function: bool
    """False for what an import runs: that belongs to whichever test imports it first, and matters to all."""

    @property
    def name(self) -> str:
        """Name it so that a person finds the place."""
        return f"{self.path}:{self.line}:{self.column + 1} {self.operator}"

    def applied(self, text: str) -> str:
        """Return the file with this change."""
        lines = text.encode().splitlines(keepends=True)
        before = b"".join(lines[: self.line - 1]) + lines[self.line - 1][: self.column]
        after = lines[self.end_line - 1][self.end_column :] + b"".join(lines[self.end_line :])
        return (before + self.new.encode() + after).decode()


def mutants_of(path: str, text: str) -> list[Mutant]:
    """Return every mutant of a file, in the order of the text; each of them is valid Python."""
    finder = _Finder(path, text)
    finder.visit(ast.parse(text))
    found = sorted(set(finder.found), key=lambda each: (each.line, each.column, each.operator, each.new))
    return [each for each in found if _is_python(each.applied(text))]


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    """Walks what runs: no annotations, no docstrings, nothing for type checkers only."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._functions = 0
        self.found: list[Mutant] = []

    def _add(self, operator: str, node: ast.expr | ast.stmt, new: str) -> None:
        old = ast.get_source_segment(self._text, node) or ""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        self.found.append(Mutant(self._path, operator, *place, old, new, self._functions > 0))

    def _flip(self, test: ast.expr) -> None:
        self._add("condition flipped", test, f"(not ({ast.unparse(test)}))")

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return
        self._flip(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._flip(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._flip(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._flip(test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for at, each in enumerate(node.ops):
            ops = [*node.ops[:at], _OTHER[type(each)](), *node.ops[at + 1 :]]
            self._add("comparison", node, f"({ast.unparse(ast.Compare(node.left, ops, node.comparators))})")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._add("and/or", node, f"({ast.unparse(ast.BoolOp(other, node.values))})")
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            left = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            self._add("condition dropped", node, f"({ast.unparse(left)})")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._add("not dropped", node, f"({ast.unparse(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _SUM and not _is_text(node):
            new = ast.BinOp(node.left, _SUM[type(node.op)](), node.right)
            self._add("arithmetic", node, f"({ast.unparse(new)})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._add("constant", node, str(not node.value))
        elif isinstance(node.value, int | float):
            self._add("constant", node, repr(node.value + 1))

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        self._add("statement dropped", node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._add("statement dropped", node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._add("statement dropped", node, "pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add("statement dropped", node, "pass")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave words for people alone; Python 3.11 does not say where in the text a part of them stands."""

    def visit_Tuple(self, node: ast.Tuple) -> None:
        if isinstance(node.ctx, ast.Load) and len(node.elts) >= _FEWEST:
            for at in range(len(node.elts)):
                rest = [*node.elts[:at], *node.elts[at + 1 :]]
                self._add("element dropped", node, ast.unparse(ast.Tuple(rest, ast.Load())))
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        if isinstance(node.ctx, ast.Load) and node.elts:
            for at in range(len(node.elts)):
                rest = [*node.elts[:at], *node.elts[at + 1 :]]
                self._add("element dropped", node, ast.unparse(ast.List(rest, ast.Load())))
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in _defaults(node.args):
            self.visit(default)
        self._functions += 1
        for each in node.body:
            self.visit(each)
        self._functions -= 1

    def visit_Call(self, node: ast.Call) -> None:
        if ast.unparse(node.func) in {"cast", "TypeVar", "dataclass"}:
            return
        self.generic_visit(node)


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    yield from arguments.defaults
    yield from (each for each in arguments.kw_defaults if each is not None)


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(isinstance(each, ast.JoinedStr) or _is_string(each) for each in sides)


def _is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
