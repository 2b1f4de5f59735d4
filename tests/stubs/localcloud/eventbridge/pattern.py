"""Event patterns: which events a rule wants, in EventBridge's pattern language.

A pattern has the shape of the event. Keys are joined by AND, the values of one array by OR.
Every field that the pattern names must be in the event, except where it says `{"exists": false}`.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Final, TypeAlias, TypeGuard

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Test = Callable[[Json], bool]

MAX_OPERATORS_PER_FIELD: Final = 5
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PatternError(ValueError):
    """The pattern is no pattern of EventBridge; the message names the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """What one field may be: `tests` are alternatives, `may_be_absent` says whether absence matches."""

    tests: tuple[Test, ...]
    may_be_absent: bool

    def matches(self, value: Json) -> bool:
        """Say whether the value, or one of an array's elements, is wanted."""
        values = value if isinstance(value, list) and value else [value]
        return any(test(each) for test in self.tests for each in values)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern. `matches` is pure."""

    fields: Mapping[str, Field | Pattern]

    def matches(self, event: Mapping[str, Json]) -> bool:
        """Say whether the event has everything that the pattern asks for."""
        return all(_matches(wanted, event, name) for name, wanted in self.fields.items())


def parse_pattern(text: str) -> Pattern:
    """Read a pattern from its JSON text, or say what is wrong with it."""
    try:
        raw: Json = json.loads(text)
    except json.JSONDecodeError as error:
        raise PatternError(f"the pattern is no JSON: {error}") from error
    if not isinstance(raw, dict):
        raise PatternError("the pattern must be a JSON object that has the shape of the event")
    return _compile(raw, "")


def _matches(wanted: Field | Pattern, event: Mapping[str, Json], name: str) -> bool:
    if isinstance(wanted, Pattern):
        inner = event.get(name)
        # An absent object still satisfies a pattern that only asks for absences.
        return wanted.matches(inner if isinstance(inner, Mapping) else {})
    if name not in event:
        return wanted.may_be_absent
    return wanted.matches(event[name])


def _compile(raw: Mapping[str, Json], path: str) -> Pattern:
    fields: dict[str, Field | Pattern] = {}
    for name, wanted in raw.items():
        here = f"{path}.{name}" if path else name
        if isinstance(wanted, Mapping):
            fields[name] = _compile(wanted, here)
        elif isinstance(wanted, list):
            fields[name] = _field(wanted, here)
        else:
            raise PatternError(f"{here}: a value stands in an array, write [{json.dumps(wanted)}]")
    return Pattern(fields)


def _field(alternatives: Sequence[Json], path: str) -> Field:
    if not alternatives:
        raise PatternError(f"{path}: an empty array matches nothing, name at least one value")
    operators = [each for each in alternatives if isinstance(each, Mapping)]
    if len(operators) > MAX_OPERATORS_PER_FIELD:
        raise PatternError(
            f"{path}: {len(operators)} operator expressions, at most {MAX_OPERATORS_PER_FIELD} are allowed"
        )
    return Field(
        tests=tuple(_test(each, path) for each in alternatives),
        may_be_absent=any(each.get("exists") is False for each in operators),
    )


def _test(wanted: Json, path: str) -> Test:
    if isinstance(wanted, list):
        raise PatternError(f"{path}: an array inside an array is no pattern")
    if not isinstance(wanted, Mapping):
        return _equal_to(wanted)
    if len(wanted) != 1:
        raise PatternError(f"{path}: an operator object has one key, not {sorted(wanted)}")
    ((name, argument),) = wanted.items()
    build = _OPERATORS.get(name)
    if build is None:
        raise PatternError(
            f"{path}: unknown operator {name!r}, EventBridge has {', '.join(sorted(_OPERATORS))}"
        )
    return build(argument, f"{path}.{name}")


def _equal_to(wanted: Json) -> Test:
    # In JSON `1` and `true` differ, in Python they are equal.
    return lambda value: value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _text(argument: Json, path: str) -> str:
    if not isinstance(argument, str):
        raise PatternError(f"{path}: wants a string, not {json.dumps(argument)}")
    return argument


def _prefix(argument: Json, path: str) -> Test:
    start = _text(argument, path)
    return lambda value: isinstance(value, str) and value.startswith(start)


def _suffix(argument: Json, path: str) -> Test:
    end = _text(argument, path)
    return lambda value: isinstance(value, str) and value.endswith(end)


def _contains(argument: Json, path: str) -> Test:
    part = _text(argument, path)
    return lambda value: isinstance(value, str) and part in value


def _exists(argument: Json, path: str) -> Test:
    if not isinstance(argument, bool):
        raise PatternError(f"{path}: wants true or false, not {json.dumps(argument)}")
    present = argument
    return lambda _value: present


def _anything_but(argument: Json, path: str) -> Test:
    if isinstance(argument, Mapping):
        if set(argument) != {"prefix"}:
            raise PatternError(f"{path}: only {{'prefix': …}} may stand here, not {sorted(argument)}")
        start = _text(argument["prefix"], f"{path}.prefix")
        return lambda value: not (isinstance(value, str) and value.startswith(start))
    unwanted = argument if isinstance(argument, list) else [argument]
    if not unwanted or not all(isinstance(each, (str, int, float)) for each in unwanted):
        raise PatternError(f"{path}: wants strings or numbers, not {json.dumps(argument)}")
    equals = [_equal_to(each) for each in unwanted]
    return lambda value: not any(equal(value) for equal in equals)


def _numeric(argument: Json, path: str) -> Test:
    pairs = argument if isinstance(argument, list) else []
    if len(pairs) not in (2, 4):
        raise PatternError(f'{path}: wants ["op", number] or two such pairs, not {json.dumps(argument)}')
    checks: list[tuple[Callable[[float, float], bool], float]] = []
    for sign, bound in zip(pairs[::2], pairs[1::2], strict=True):
        compare = _COMPARISONS.get(sign) if isinstance(sign, str) else None
        if compare is None or isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise PatternError(f"{path}: {json.dumps(sign)} {json.dumps(bound)} is no comparison")
        checks.append((compare, bound))
    return lambda value: _is_number(value) and all(compare(value, bound) for compare, bound in checks)


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cidr(argument: Json, path: str) -> Test:
    text = _text(argument, path)
    try:
        network = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise PatternError(f"{path}: {text!r} is no IPv4 network: {error}") from error
    return lambda value: isinstance(value, str) and _in_network(value, network)


def _in_network(value: str, network: IPv4Network) -> bool:
    try:
        return IPv4Address(value) in network
    except AddressValueError:
        return False


_OPERATORS: Final[Mapping[str, Callable[[Json, str], Test]]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "contains": _contains,
    "exists": _exists,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
}
