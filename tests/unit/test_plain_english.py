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

RETIRED = frozenset(
    {"stranger", "strangers", "holder", "holders", "loose", "census", "foretell", "foretells", "foretold"}
)
"""Words of our own for what the glossary names: EIP outside the group, attached instance, ungrouped, …"""

OTHER_SENSES = {
    "holder": ("tests/stubs/localcloud/guests", "tests/stubs/tests/guests"),
    "loose": ("tests/stubs/tests/guests",),
}
"""Where a word is the field's for something else: what holds the namespaces, a loose reverse-path filter."""

SOURCES = ("shared", "functions", "tests")


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


def identifiers(source: str) -> set[str]:
    """Return every name that a source gives or uses."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        for field in ("id", "attr", "arg", "name", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                found.add(value)
    return found


def retired_in(name: str) -> set[str]:
    """Return the retired words in a name, however it is written."""
    words = re.findall(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*", name)
    return {word.lower() for word in words} & RETIRED


def test_names_in_code_are_the_glossarys() -> None:
    """One word for one thing holds in code as well: who reads it has the glossary beside it."""
    modules = [
        path
        for folder in SOURCES
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
    ]
    found = {}
    for path in modules:
        place = path.relative_to(ROOT).as_posix()
        for name in (path.stem, *identifiers(path.read_text(encoding="utf-8"))):
            for word in retired_in(name):
                if not place.startswith(OTHER_SENSES.get(word.removesuffix("s"), ())):
                    found[f"{place}: {name}"] = word

    assert len(modules) > 300, "The code was not found."
    assert found == {}


@pytest.mark.parametrize("name", ["strangers", "tell_holders", "HOLDER", "LooseEnds", "by_census"])
def test_a_retired_word_would_be_found(name: str) -> None:
    """However it is written."""
    assert retired_in(name)
    assert not retired_in("threshold_placeholder")


def test_one_name_is_one_class() -> None:
    """Two things that share a name are told apart by their modules only, and a reader sees one at a time."""
    places: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(path.relative_to(PACKAGE).as_posix())

    assert len(places) > 100, "The product was not found."
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
