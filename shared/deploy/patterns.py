"""Event patterns, as EventBridge reads them: JSON text, lists of values, and operators that exist."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_OPERATORS: Final = frozenset(
    {"prefix", "suffix", "contains", "anything-but", "numeric", "cidr", "exists", "equals-ignore-case"}
)
_MOST_OPERATORS: Final = 5
_ATTRIBUTES: Final = frozenset(
    {"id", "source", "type", "subject", "time", "specversion", "datacontenttype", "dataschema", "data"}
    | {"aliyunaccountid", "aliyuneventbusname", "aliyunregionid", "aliyunoriginalaccountid"}
)


def faults_of(text: str) -> list[str]:
    """Return what is wrong with a pattern; the cloud takes some of it, and then matches nothing."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        return [f"the pattern is no JSON: {error}"]
    if not isinstance(pattern, Mapping) or not pattern:
        return ["the pattern must be a JSON object with at least one attribute of an event"]
    unknown = sorted(set(pattern) - _ATTRIBUTES)
    return [f"{name} is no attribute of an event" for name in unknown] + list(_faults(pattern, ""))


def _faults(pattern: Mapping[str, Any], where: str) -> Iterator[str]:
    for name, value in pattern.items():
        path = f"{where}.{name}" if where else name
        if isinstance(value, Mapping):
            yield from _faults(value, path)
        elif isinstance(value, list) and value:
            yield from _values(value, path)
        else:
            yield f"{path} must be a list of values, or an object with fields below it"


def _values(values: list[Any], path: str) -> Iterator[str]:
    operators = [value for value in values if isinstance(value, Mapping)]
    if len(operators) > _MOST_OPERATORS:
        yield f"{path} has {len(operators)} operators, the cloud takes {_MOST_OPERATORS}"
    for operator in operators:
        for name in sorted(set(operator) - _OPERATORS):
            yield f"{path}: {name} is no operator; there are {', '.join(sorted(_OPERATORS))}"
    if any(isinstance(value, list) for value in values):
        yield f"{path} has a list inside of a list"
