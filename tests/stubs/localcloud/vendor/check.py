"""Whether a request that was taken and the answer that it got are what the vendor's models say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from localcloud.vendor.models import Shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.vendor.models import Action, Kind

# What every RPC call carries, whatever the action; clients add their region to actions that ask for none.
COMMON = frozenset(
    (
        "AccessKeyId", "Action", "Format", "RegionId", "SecurityToken", "Signature", "SignatureMethod",
        "SignatureNonce", "SignatureType", "SignatureVersion", "Timestamp", "Version",
    )
)  # fmt: skip

_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WRITTEN: Mapping[Kind, Callable[[str], object]] = {
    "integer": _WHOLE.fullmatch,
    "number": _DECIMAL.fullmatch,
    "flag": lambda text: text.lower() in {"true", "false"},
}
_JSON: Mapping[Kind, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
    "bytes": (str,),
    "object": (Mapping,),
    "list": (list,),
    "map": (Mapping,),
}


_EXACT: Mapping[Kind, type] = {"text": str, "integer": int, "flag": bool, "bytes": str}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One point in which the wire and the model disagree."""

    product: str
    action: str
    side: Literal["request", "response"]
    path: str
    problem: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.product} {self.action}, {self.side} {self.path}: {self.problem}"


def request_differences(
    model: Action, params: Mapping[str, str], sent: Mapping[str, Any] | None = None
) -> Iterator[Difference]:
    """Compare the flattened parameters of an accepted call, and the JSON that it sent, with the model."""
    if sent is not None:
        for path, problem in _value(model.request.fields.get("body", Shape("object")), sent, "body"):
            yield Difference(model.product, model.name, "request", path, problem)
    given = {name: value for name, value in params.items() if value or name not in COMMON}
    for name, value in given.items():
        problem = _parameter(model.request, name.split("."), value)
        if problem and name not in COMMON:
            yield Difference(model.product, model.name, "request", numbered(name), problem)
    present = {name.partition(".")[0] for name, value in given.items() if value}
    # A region that is left out is that of the host, for the sake of older clients.
    for name in sorted(model.request.required - present - {"RegionId", "body"}):
        yield Difference(model.product, model.name, "request", name, "it is required and was not sent")


def fits(shape: Shape, value: object) -> bool:
    """Whether a value is what its shape says, quickly: this is asked of every answer of a test suite."""
    kind = shape.kind
    if kind == "any":
        return True
    exact = _EXACT.get(kind)
    if exact is not None:
        return type(value) is exact
    if kind == "list":
        item = shape.item
        return isinstance(value, list) and (item is None or all(fits(item, inner) for inner in value))
    if kind == "object" and isinstance(value, Mapping):
        fields = shape.fields
        for name, inner in value.items():
            known = fields.get(name)
            if known is None or not fits(known, inner):
                return False
        return True
    return isinstance(value, _JSON[kind]) and not isinstance(value, bool)


def response_differences(model: Action, body: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare the answer of an accepted call with the model."""
    if fits(model.response, body):
        return
    for path, problem in _value(model.response, body, ""):
        yield Difference(model.product, model.name, "response", path, problem)


def numbered(name: str) -> str:
    """`Tag.2.Key` as the tables name it: `Tag.N.Key`."""
    return ".".join("N" if part.isdigit() else part for part in name.split("."))


def seen_parameters(params: Mapping[str, str]) -> set[str]:
    """Return the parameters that were sent with a value, numbers left out."""
    return {numbered(name) for name, value in params.items() if value and name not in COMMON - {"RegionId"}}


def seen_fields(body: object, prefix: str = "") -> Iterator[str]:
    """Return the path of every field of an answer."""
    if isinstance(body, Mapping):
        for name, inner in body.items():
            path = f"{prefix}.{name}" if prefix else str(name)
            yield path
            yield from seen_fields(inner, path)
    elif isinstance(body, list):
        for inner in body:
            yield from seen_fields(inner, f"{prefix}[]")


def _parameter(shape: Shape, parts: list[str], value: str) -> str:
    if not parts:
        written = _WRITTEN.get(shape.kind)
        if value and written is not None and not written(value):
            return f"{value!r} is no {shape.kind}"
        return (
            "" if shape.kind not in {"object", "list"} else f"{value!r} stands where a {shape.kind} belongs"
        )
    head, *rest = parts
    if shape.kind == "list" and shape.item is not None:
        return _parameter(shape.item, rest, value) if head.isdigit() else f"{head!r} stands where N belongs"
    if shape.kind in {"map", "any"}:
        return ""
    if head not in shape.fields:
        return "the model has no such parameter"
    return _parameter(shape.fields[head], rest, value)


def _value(shape: Shape, value: object, path: str) -> Iterator[tuple[str, str]]:
    if shape.kind == "any":
        return
    wanted = _JSON[shape.kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and shape.kind != "flag"):
        yield path, f"{type(value).__name__} instead of {shape.kind}"
    elif isinstance(value, list) and shape.item is not None:
        for inner in value:
            yield from _value(shape.item, inner, f"{path}[]")
    elif isinstance(value, Mapping) and shape.kind == "object":
        for name, inner in value.items():
            here = f"{path}.{name}" if path else str(name)
            if name in shape.fields:
                yield from _value(shape.fields[name], inner, here)
            else:
                yield here, "the model has no such field"
