"""RAM's policies: documents of statements, and whether they allow an action on a resource.

An explicit Deny wins over every Allow, and what no Allow names is denied. Tags and the user of a command are
the only conditions that are known here; a document with any other is refused when it is granted, because
guessing would make every test of a policy worthless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

Document = Mapping[str, Any] | str

_STATEMENT_KEYS: Final = frozenset({"Effect", "Action", "Resource", "Condition"})
_RESOURCE_TAG: Final = "acs:ResourceTag/"
_REQUEST_TAG: Final = "acs:RequestTag/"
_TAG_KEYS: Final = "acs:TagKeys"
_RUN_AS: Final = "ecs:CommandRunAs"


class PolicyError(ValueError):
    """A document that is no policy, or one with an element that the local cloud does not know."""


@dataclass(frozen=True, slots=True)
class Target:
    """A resource that a call touches: its ARN (`*` for all of a kind) and the tags that it carries."""

    arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants to do: the RAM action, on which resources, and the tags that the request names.

    `request_tags` is None where the product does not tell RAM of them; `run_as` is the user of the guest that
    a command would run as, empty for every other call.
    """

    action: str
    targets: Sequence[Target]
    request_tags: Mapping[str, str | None] | None = None
    run_as: str = ""


@lru_cache(maxsize=4096)
def _like(pattern: str, flags: int = 0) -> re.Pattern[str]:
    wild = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(wild, flags | re.DOTALL)


def _any_equal(found: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(each in wanted for each in found)


def _any_equal_whatever_case(found: Sequence[str], wanted: Sequence[str]) -> bool:
    return _any_equal([each.lower() for each in found], [each.lower() for each in wanted])


def _any_like(found: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(_like(pattern).fullmatch(each) for each in found for pattern in wanted)


# Operator to how it compares, and what has to come out. A key that is absent is equal to nothing.
_OPERATORS: Final[Mapping[str, tuple[Callable[[Sequence[str], Sequence[str]], bool], bool]]] = {
    "StringEquals": (_any_equal, True),
    "StringNotEquals": (_any_equal, False),
    "StringEqualsIgnoreCase": (_any_equal_whatever_case, True),
    "StringNotEqualsIgnoreCase": (_any_equal_whatever_case, False),
    "StringLike": (_any_like, True),
    "StringNotLike": (_any_like, False),
}


@dataclass(frozen=True, slots=True)
class _Condition:
    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, asked: Asked, target: Target) -> bool:
        compare, wanted = _OPERATORS[self.operator]
        return compare(self._found(asked, target), self.values) is wanted

    def _found(self, asked: Asked, target: Target) -> list[str]:
        if self.key.startswith(_RESOURCE_TAG):
            value = target.tags.get(self.key.removeprefix(_RESOURCE_TAG))
            return [] if value is None else [value]
        if self.key == _RUN_AS:
            return [asked.run_as] if asked.run_as else []
        sent = asked.request_tags or {}
        if self.key == _TAG_KEYS:
            return list(sent)
        value = sent.get(self.key.removeprefix(_REQUEST_TAG))
        return [] if value is None else [value]


@dataclass(frozen=True, slots=True)
class _Statement:
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[_Condition, ...]

    def applies(self, asked: Asked, target: Target) -> bool:
        return (
            any(_like(each, re.IGNORECASE).fullmatch(asked.action) for each in self.actions)
            and any(_like(each).fullmatch(target.arn) for each in self.resources)
            and all(each.holds(asked, target) for each in self.conditions)
        )


class Policies:
    """What is granted to one identity; a change counts at once, also for keys that are out already."""

    def __init__(self, documents: Iterable[Document] | None = None) -> None:
        """Grant the documents; None is everything, as an account's root may."""
        self._statements: tuple[_Statement, ...] | None = None
        if documents is not None:
            self.replace(documents)

    @classmethod
    def of_actions(cls, patterns: Sequence[str]) -> Policies:
        """Allow actions by their patterns, on whatever resource."""
        if tuple(patterns) == ("*",):
            return cls()
        statement = {"Effect": "Allow", "Action": list(patterns), "Resource": "*"}
        return cls([{"Version": "1", "Statement": [statement]}] if patterns else [])

    @property
    def everything(self) -> bool:
        """Whether nothing has to be looked at."""
        return self._statements is None

    def replace(self, documents: Iterable[Document]) -> None:
        """Grant these documents and no other; raises PolicyError and changes nothing where one is wrong."""
        self._statements = tuple(each for document in documents for each in _read(document))

    def allow(self, asked: Asked) -> bool:
        """Whether every resource that the call touches is allowed and none is denied."""
        if self._statements is None:
            return True
        return all(self._allow_one(asked, target) for target in asked.targets)

    def _allow_one(self, asked: Asked, target: Target) -> bool:
        applying = [each for each in self._statements or () if each.applies(asked, target)]
        return bool(applying) and all(each.allows for each in applying)


def _read(document: Document) -> list[_Statement]:
    try:
        found = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise PolicyError(f"a policy is a JSON document: {error}") from error
    if not isinstance(found, Mapping) or set(found) != {"Version", "Statement"}:
        raise PolicyError('a policy is an object with "Version" and "Statement" and nothing else')
    if found["Version"] != "1":
        raise PolicyError(f'the Version of a policy is "1", not {found["Version"]!r}')
    statements = found["Statement"]
    return [_statement(each) for each in (statements if isinstance(statements, list) else [statements])]


def _statement(raw: object) -> _Statement:
    if not isinstance(raw, Mapping):
        raise PolicyError("a Statement is an object with Effect, Action and Resource")
    unknown = sorted(set(raw) - _STATEMENT_KEYS)
    if unknown:
        raise PolicyError(
            f"a statement has no {unknown[0]!r} that is known here, only {_known(_STATEMENT_KEYS)}"
        )
    effect = raw.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise PolicyError(f"Effect is {effect!r}, it is Allow or Deny")
    conditions = raw.get("Condition") or {}
    return _Statement(
        effect == "Allow", _texts(raw, "Action"), _texts(raw, "Resource"), tuple(_conditions(conditions))
    )


def _conditions(raw: object) -> Iterable[_Condition]:
    if not isinstance(raw, Mapping):
        raise PolicyError("Condition is an object of operators")
    for operator, keys in raw.items():
        if operator not in _OPERATORS:
            raise PolicyError(f"the operator {operator!r} is unknown here; known are {_known(_OPERATORS)}")
        if not isinstance(keys, Mapping):
            raise PolicyError(f"Condition: {operator} is an object of condition keys")
        for key in keys:
            if not (key in {_TAG_KEYS, _RUN_AS} or key.startswith((_RESOURCE_TAG, _REQUEST_TAG))):
                known = f"{_RESOURCE_TAG}KEY, {_REQUEST_TAG}KEY, {_TAG_KEYS}, {_RUN_AS}"
                raise PolicyError(f"the condition key {key!r} is unknown here; known are {known}")
            yield _Condition(operator, key, _texts(keys, key))


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name)
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) and each for each in values):
        raise PolicyError(f"{name} is {value!r}, it has to be a text or a list of texts")
    return tuple(values)


def _known(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
