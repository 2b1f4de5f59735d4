"""What a person reads is said in plain English: messages, texts of rules, and the pages made from them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "shared" / "multieip"
ODD = re.compile(
    r"\bsay (a|an|the|true|seconds|up|http)\b"
    r"|\bis no (?:\w+ )?(?:id|name|text|number|list|setting|JSON|address)\b"
    r"|\bforetell|\bforetold|\bstrangers?\b|\b1 more EIPs\b|\bspoken\b"
)
"""Forms that were found in messages and that no native speaker would write."""


def messages(module: Path) -> list[str]:
    """Return the texts of a module that can reach a person: its string constants, docstrings aside."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return [node.value for node in found if isinstance(node.value, str) and " " in node.value]


def test_messages_are_plain() -> None:
    """A person who meets a message at night must not have to guess."""
    modules = sorted(PACKAGE.rglob("*.py"))
    found = {module.name: [text for text in messages(module) if ODD.search(text)] for module in modules}

    assert modules
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "rules").glob("*.md")), ids=lambda path: path.name)
def test_rule_pages_are_plain(page: Path) -> None:
    """The pages are made from the rules' own texts."""
    assert [line for line in page.read_text(encoding="utf-8").splitlines() if ODD.search(line)] == []
