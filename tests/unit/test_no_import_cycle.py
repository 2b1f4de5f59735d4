"""No two modules of the product need each other, not even for a type."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp


def _imports_of(package: str) -> dict[str, set[str]]:
    """Each module of `package` with the modules that it imports; imports for types only are imports, too."""
    graph = grimp.build_graph(package, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def _circle(imports: dict[str, set[str]]) -> list[str]:
    """One circle of modules, each of which imports the one before it; empty when there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_of_the_product_is_in_a_circle_of_imports() -> None:
    """Imports for types only count as well: who needs another's types knows it."""
    imports = _imports_of("multieip")
    assert len(imports) > 100, "The product was not found."
    assert not _circle(imports)


def test_a_circle_would_be_found() -> None:
    """The search itself can fail."""
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
