"""What belongs into the code package of one function: the modules that it imports, and nothing else."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).parents[2]
SHARED: Final = ROOT / "shared"
FUNCTIONS: Final = ("react", "bind", "sweep")
_PACKAGE: Final = "multieip"
_PAGE: Final = Path("multieip", "report", "page")
_PAGE_MADE_BY: Final = "multieip.report.html"
_WORDS_OF_ALL_FORMS: Final = "words.json"
"""Style, script and templates of the page are data of a package, and only one of its modules reads them."""

_OPTIONAL: Final = frozenset({"alibabacloud_credentials", "oss2"})
"""For a person's laptop (the extra `laptop`), where no runtime gives the keys; and what Function Compute's
own Python brings along (the extra `oss`).
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """Our own files, as paths in the package, and the names of others' top-level modules."""

    files: tuple[Path, ...]
    foreign: frozenset[str]
    actions: frozenset[str]
    """Words in our code, among them every action of the cloud that it can ask for."""


def contents_of(function: str) -> Contents:
    """Follow the imports of one handler, those inside of functions included, those for types only not."""
    graph = _graph()
    entry = ROOT / "functions" / function / "index.py"
    wanted: set[str] = set()
    for name in _imported(entry):
        wanted |= {name, *graph.find_upstream_modules(name)}
    ours = {parent for name in wanted if name.split(".")[0] == _PACKAGE for parent in _with_parents(name)}
    for name in list(ours):
        # A package is run with any of its modules; what it imports itself comes along.
        ours |= {m for m in graph.find_upstream_modules(name) if m.split(".")[0] == _PACKAGE}
    every = {upstream for name in ours for upstream in graph.find_upstream_modules(name)}
    foreign = {name.split(".")[0] for name in every} - {_PACKAGE} - _OPTIONAL
    files = [file for name in sorted(ours) for file in _files(name)]
    if _PAGE_MADE_BY not in ours:
        files = [file for file in files if _PAGE not in file.parents or file.name == _WORDS_OF_ALL_FORMS]
    return Contents(tuple(files), frozenset(foreign), frozenset(_words(SHARED / file for file in files)))


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        _PACKAGE, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def _imported(entry: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(entry.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == _PACKAGE:
            found.add(node.module)
    return found


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def _files(module: str) -> list[Path]:
    """Return the module's source, and for a package the data that belongs to it."""
    path = SHARED.joinpath(*module.split("."))
    if not path.is_dir():
        return [path.with_suffix(".py").relative_to(SHARED)]
    data = [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.suffix not in {".py", ".pyc", ".typed"} and _package_of(file) == path
    ]
    return [file.relative_to(SHARED) for file in (path / "__init__.py", *data)]


def _package_of(file: Path) -> Path:
    return next(folder for folder in file.parents if (folder / "__init__.py").exists())


def _words(files: Iterable[Path]) -> set[str]:
    found: set[str] = set()
    for file in files:
        if file.suffix == ".py":
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return found
