"""The vendor's models as trees: parameters, answers, JSON types, what is required.

They are read from the source of the generated SDK packages, not imported: a package holds thousands of
classes, and a wire name stands only in the methods that convert a class to and from JSON.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["text", "integer", "number", "flag", "bytes", "object", "list", "map", "any"]

# Which distribution holds the models of a product; the import name is the same with underscores.
PACKAGES: Mapping[str, str] = {
    "Ecs": "alibabacloud-ecs20140526",
    "Vpc": "alibabacloud-vpc20160428",
    "Sts": "alibabacloud-sts20150401",
    "Fc": "alibabacloud-fc20230330",
    "Ram": "alibabacloud-ram20150501",
}

_PLAIN: Mapping[str, Kind] = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "bool": "flag",
    "bytes": "bytes",
    "BinaryIO": "bytes",
    "Any": "any",
    "dict": "map",
}
_REQUIRED = "This parameter is required."


class NoModelError(LookupError):
    """The package is not installed, or has no such class."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One value of the wire: its JSON type, and what it holds."""

    kind: Kind
    fields: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    required: frozenset[str] = frozenset()

    def paths(self, prefix: str = "") -> Iterator[tuple[str, Shape]]:
        """Every field below, as `EipAddresses.EipAddress[].Status`, objects and lists included."""
        if self.kind == "list" and self.item is not None:
            yield from self.item.paths(f"{prefix}[]")
        for name, inner in self.fields.items():
            path = f"{prefix}.{name}" if prefix else name
            yield path, inner
            yield from inner.paths(path)


@dataclass(frozen=True, slots=True)
class Action:
    """One action: the shape of its parameters and the shape of its answer."""

    product: str
    name: str
    request: Shape
    response: Shape


def installed(product: str) -> str:
    """Return the version of the product's package; raises `NoModelError` where there is none."""
    name = PACKAGES.get(product, "")
    try:
        return version(name) if name else ""
    except PackageNotFoundError as absent:
        raise NoModelError(f"{name} is not installed; the development requirements name it") from absent


@cache
def action_model(product: str, name: str) -> Action:
    """Return the model of one action; raises `NoModelError` where the vendor has none."""
    package = _package(product)
    # What is only removed has no body in its answer.
    body = package.shape(f"{name}Response").fields.get("body", Shape("object"))
    for request in (f"{name}ShrinkRequest", f"{name}Request"):
        if package.has(request):
            return Action(product, name, package.shape(request), body)
    return Action(product, name, Shape("object"), body)


@cache
def _package(product: str) -> _Package:
    installed(product)
    spec = find_spec(PACKAGES[product].replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise NoModelError(f"{PACKAGES[product]} is installed without its code")
    return _Package(Path(next(iter(spec.submodule_search_locations))) / "models")


class _Package:
    """The classes of one package, parsed when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, dict[str, ast.ClassDef]] = {}
        self._sources: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}
        index = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        for node in ast.walk(index):
            if isinstance(node, ast.ImportFrom) and node.module:
                self._homes.update({alias.name: node.module for alias in node.names})

    def has(self, name: str) -> bool:
        return name in self._homes

    def shape(self, name: str, above: tuple[str, ...] = ()) -> Shape:
        """Return the tree under one class; a class inside itself ends as an object without fields."""
        if name in above:
            return Shape("object")
        home = self._homes.get(name)
        if home is None:
            raise NoModelError(f"{self._folder.parent.name} has no model {name}")
        defined = self._module(home)[name]
        methods = {each.name: each for each in defined.body if isinstance(each, ast.FunctionDef)}
        types = _annotations(methods["__init__"])
        names = _wire_names(methods["from_map"])
        needed = self._required(home, methods["__init__"])
        fields = {names[each]: self._typed(types[each], (*above, name)) for each in types if each in names}
        return Shape("object", fields, required=frozenset(names[each] for each in needed if each in names))

    def _module(self, home: str) -> dict[str, ast.ClassDef]:
        if home not in self._modules:
            text = (self._folder / f"{home}.py").read_text(encoding="utf-8")
            self._sources[home] = text.splitlines()
            found = [each for each in ast.parse(text).body if isinstance(each, ast.ClassDef)]
            self._modules[home] = {each.name: each for each in found}
        return self._modules[home]

    def _typed(self, written: ast.expr, above: tuple[str, ...]) -> Shape:
        if isinstance(written, ast.Subscript):
            outer = ast.unparse(written.value)
            inner = written.slice
            if outer == "List":
                return Shape("list", item=self._typed(inner, above))
            values = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
            return Shape("map", item=self._typed(values, above))
        if isinstance(written, ast.Attribute):
            return self.shape(written.attr, above)
        text = ast.unparse(written)
        if text not in _PLAIN:
            raise NoModelError(f"{self._folder.parent.name}: {text} is no type that is known here")
        return Shape(_PLAIN[text])

    def _required(self, home: str, init: ast.FunctionDef) -> set[str]:
        """Return the attributes over whose assignment a comment says that they are required."""
        found, comment = set(), ""
        for line in self._sources[home][init.lineno - 1 : init.end_lineno]:
            text = line.strip()
            if text.startswith("#"):
                comment += text
            elif text.startswith("self."):
                if _REQUIRED in comment:
                    found.add(text.removeprefix("self.").partition(" ")[0])
                comment = ""
        return found


def _annotations(init: ast.FunctionDef) -> dict[str, ast.expr]:
    return {each.arg: each.annotation for each in init.args.args if each.annotation is not None}


def _wire_names(from_map: ast.FunctionDef) -> dict[str, str]:
    """Attribute to wire name, from `if m.get('Name') is not None: self.name = …`."""
    found: dict[str, str] = {}
    for node in ast.walk(from_map):
        if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
            continue
        got = node.test.left
        if not (isinstance(got, ast.Call) and got.args and isinstance(got.args[0], ast.Constant)):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and ast.unparse(inner.value) == "self":
                found.setdefault(inner.attr, str(got.args[0].value))
                break
    return found
