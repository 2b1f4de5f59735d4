"""Renders an s.yaml as the Serverless Devs CLI does: variables, references and templates.

Held against `s preview` of the real CLI: a value that is nothing but `${…}` keeps its type, anything else
becomes text; `extend` merges maps deeply and replaces lists; paths count from the file; a missing variable is
an error; `${config(…)}` stays as it is until the CLI knows the account.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import yaml

from localcloud.fc.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_EDITION: Final = "3.0.0"
_MAX_DEPTH: Final = 20


class _UnresolvedError(Exception):
    """A variable has no value; the message says why."""


def read_application(file: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with every resource rendered."""
    document = _load(file)
    edition = str(document.get("edition", ""))
    if edition != _EDITION:
        raise ConfigError(f"{file}: edition is {edition or 'missing'}, the CLI wants `edition: {_EDITION}`")
    resources = document.get("resources")
    if not isinstance(resources, Mapping) or not resources:
        raise ConfigError(f"{file}: `resources` is missing or empty, there is no function to run")
    # The CLI renders templates before it looks at resources, so they cannot name what they become part of.
    plain = _Renderer(file, environ, document.get("vars") or {}, {})
    document = {**document, "template": plain.templates(document.get("template") or {})}
    merged = {name: _extended(document, name, resource, file) for name, resource in resources.items()}
    renderer = _Renderer(file, environ, document.get("vars") or {}, merged)
    return {**document, "resources": {name: renderer.resource(name) for name in merged}}


def _load(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f" in line {place.line + 1}" if place else ""
        raise ConfigError(f"{file}: no YAML{line}: {getattr(error, 'problem', error)}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{file}: holds no mapping, an application of Serverless Devs does")
    return document


def _extended(document: Mapping[str, Any], name: str, resource: object, file: Path) -> dict[str, Any]:
    if not isinstance(resource, Mapping):
        raise ConfigError(f"{file}: resource {name}: must be a mapping with `component` and `props`")
    extend = resource.get("extend")
    if not extend:
        return dict(resource)
    template_name = extend.get("name") if isinstance(extend, Mapping) else None
    templates = document["template"]
    if template_name not in templates:
        raise ConfigError(
            f"{file}: resource {name}: extend names {template_name!r}, templates are {sorted(templates)}"
        )
    ignored = set(extend.get("ignore", []))
    base = {key: value for key, value in templates[template_name].items() if key not in ignored}
    return {**resource, "props": deep_merge(base, resource.get("props") or {})}


def deep_merge(base: object, over: object) -> object:
    """Merge maps key by key; anything else in `over` replaces what is in `base`."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    merged = {**base, **over}
    return merged | {key: deep_merge(base[key], over[key]) for key in base.keys() & over.keys()}


class _Renderer:
    def __init__(
        self,
        file: Path,
        environ: Mapping[str, str],
        variables: Mapping[str, Any],
        resources: Mapping[str, Any],
    ) -> None:
        self._file = file
        self._environ = environ
        self._vars = variables
        self._resources = resources

    def resource(self, name: str) -> dict[str, Any]:
        raw = self._resources[name]
        return {key: self._value(value, name, f"resource {name}: {key}", 0) for key, value in raw.items()}

    def templates(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value, "", f"template {name}", 0) for name, value in raw.items()}

    def _value(self, raw: object, this: str, where: str, depth: int) -> object:
        if depth > _MAX_DEPTH:
            raise ConfigError(f"{self._file}: {where}: refers to itself")
        if isinstance(raw, Mapping):
            return {key: self._value(value, this, f"{where}: {key}", depth) for key, value in raw.items()}
        if isinstance(raw, list):
            return [self._value(value, this, f"{where}[{i}]", depth) for i, value in enumerate(raw)]
        if not isinstance(raw, str):
            return raw
        whole = _VARIABLE.fullmatch(raw)
        if whole:
            return self._evaluate(whole, this, where, depth)
        return _VARIABLE.sub(lambda match: _as_text(self._evaluate(match, this, where, depth)), raw)

    def _evaluate(self, match: re.Match[str], this: str, where: str, depth: int) -> object:
        if match[1].startswith("config("):
            return match[0]
        try:
            expression = ast.parse(match[1], mode="eval").body
            found = self._node(expression, this)
        except SyntaxError as error:
            raise ConfigError(
                f"{self._file}: {where}: {match[0]} is no variable that the CLI knows"
            ) from error
        except _UnresolvedError as error:
            raise ConfigError(f"{self._file}: {where}: {match[0]}: {error}") from error
        return self._value(found, this, where, depth + 1)

    def _node(self, node: ast.expr, this: str) -> object:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, [self._node(each, this) for each in arguments])
            case ast.Attribute(value=inner, attr=key):
                return _member(self._node(inner, this), key)
            case ast.Name(id="vars"):
                return self._vars
            case ast.Name(id="resources") if this:
                return self._resources
            case ast.Name(id="this") if this:
                return {"name": this, **self._resources[this]}
        known = "vars, env, file, path, json" + (
            ", resources, this" if this else "; a template has no `this`"
        )
        raise _UnresolvedError(f"is no variable that the CLI knows here ({known})")

    def _call(self, name: str, arguments: list[object]) -> object:
        match name, arguments:
            case "env", [str(variable)]:
                if variable not in self._environ:
                    raise _UnresolvedError(f"set {variable} or give a default: ${{env('{variable}', '…')}}")
                return self._environ[variable]
            case "env", [str(variable), default]:
                return self._environ.get(variable) or default
            case "path", [str(relative)]:
                return str((self._file.parent / relative).resolve())
            case "file", [str(relative)]:
                return self._text(relative)
            case "json", [str(text)]:
                return _parsed(text)
        raise _UnresolvedError(f"{name}() with {len(arguments)} arguments is nothing that the CLI knows")

    def _text(self, relative: str) -> str:
        path = self._file.parent / relative
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise _UnresolvedError(f"cannot read {path}: {error.strerror}") from error


def _member(value: object, key: str) -> object:
    if not isinstance(value, Mapping) or key not in value:
        raise _UnresolvedError(
            f"there is no {key!r}, only {sorted(value) if isinstance(value, Mapping) else value!r}"
        )
    member: object = value[key]
    return member


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise _UnresolvedError(f"is no JSON: {error}") from error
    return parsed


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
