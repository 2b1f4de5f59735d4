"""The local cloud's wire against the vendor's models: what differs, and what is left out and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from localcloud.calls.operations import PRODUCTS, Operation
from localcloud.calls.watchers import Exchange, watched
from localcloud.vendor import check, lists, models
from localcloud.vendor.check import Difference
from localcloud.vendor.walk import ACTIONS, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud.calls.params import Param
    from localcloud.calls.params import Type as ParamType

# How a type of our tables is written in the vendor's models.
_KINDS: Mapping[ParamType, tuple[models.Kind, ...]] = {
    "text": ("text", "map", "any"),
    "integer": ("integer",),
    "flag": ("flag",),
    "list": ("list",),
    "tags": ("list",),
    "json-list": ("text",),
    "commas": ("text",),
}


@dataclass(slots=True)
class Watch:
    """Compares each exchange with its model as it comes; who `remembers` keeps which fields came."""

    remembers: bool = True
    differences: set[Difference] = field(default_factory=set)
    fields: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def __call__(self, exchange: Exchange) -> None:
        """Compare one exchange; actions that the vendor has no model of are passed over."""
        model = model_of(exchange.product, exchange.action)
        if model is None:
            return
        found = (
            *check.request_differences(model, exchange.params, exchange.sent),
            *check.response_differences(model, exchange.body),
        )
        self.differences.update(each for each in found if not contradicted(each))
        if self.remembers:
            self.fields[exchange.product, exchange.action].update(check.seen_fields(exchange.body))


@cache
def model_of(product: str, action: str) -> models.Action | None:
    """Return the model of an action; None for a product without a package of models."""
    return models.action_model(product, action) if product in models.PACKAGES else None


def contradicted(difference: Difference) -> bool:
    """Whether the vendor's own pages or clients are otherwise than its model in this point."""
    here = (difference.product, difference.action, difference.side, difference.path)
    return any(here == each[:4] for each in lists.CONTRADICTIONS)


@dataclass(frozen=True, slots=True)
class Figures:
    """What `make wire` prints."""

    actions: int
    served: int
    parameters: int
    taken: int
    required: int
    fields: int
    seen: int
    differences: tuple[Difference, ...]
    unlisted: tuple[str, ...]
    fields_out: Mapping[str, int]
    parameters_out: Mapping[str, int]

    def lines(self) -> Iterator[str]:
        """Say it for people."""
        yield f"actions with a model of the vendor's: {self.served}, of them the mode's own: {self.actions}"
        out = sum(self.parameters_out.values())
        yield f"parameters of the mode's actions: {self.parameters}, taken: {self.taken}, left out: {out}"
        yield from _reasons(self.parameters_out)
        yield f"required parameters: {self.required}"
        out = sum(self.fields_out.values())
        yield f"response fields: {self.fields}, seen: {self.seen}, left out: {out}"
        yield from _reasons(self.fields_out)
        yield f"contradictions between the vendor's models and its pages: {len(lists.CONTRADICTIONS)}"
        yield f"differences: {len(self.differences)}"
        yield from (f"  {each}" for each in self.differences)
        yield f"neither there nor listed with a reason: {len(self.unlisted)}"
        yield from (f"  {each}" for each in self.unlisted)


def _reasons(left_out: Mapping[str, int]) -> Iterator[str]:
    return (f"  {count:4}  {why}" for why, count in sorted(left_out.items()))


def measure() -> Figures:
    """Walk, compare, count."""
    watch = Watch()
    with watched(watch):
        walk()
    differences = set(watch.differences)
    for product in PRODUCTS:
        for operation in product.actions.values():
            differences.update(each for each in table_differences(operation) if not contradicted(each))
    return _counted(watch, differences)


def _counted(watch: Watch, differences: set[Difference]) -> Figures:
    counts: dict[str, int] = defaultdict(int)
    fields, parameters = _LeftOut(lists.FIELDS), _LeftOut(lists.PARAMETERS)
    for operation, model in _mode():
        counts["actions"] += 1
        counts["parameters"] += len(model.request.fields)
        counts["required"] += len(model.request.required)
        counts["fields"] += sum(1 for _ in model.response.paths())
        taken = operation.by_name.keys() & model.request.fields.keys()
        seen = watch.fields[model.product, model.name]
        counts["taken"] += len(taken)
        counts["seen"] += sum(path in seen for path, _ in model.response.paths())
        parameters.count(model, (each for each in model.request.fields if each not in taken))
        fields.count(model, (path for path, _ in model.response.paths() if path not in seen))
    served = sum(model_of(product.name, name) is not None for product in PRODUCTS for name in product.actions)
    return Figures(
        served=served,
        differences=tuple(sorted(differences)),
        unlisted=(*parameters.unlisted, *fields.unlisted),
        fields_out=fields.reasons,
        parameters_out=parameters.reasons,
        **counts,
    )


class _LeftOut:
    """What a model has and the local cloud has not, by reason."""

    def __init__(self, reasons: tuple[lists.NotKept, ...]) -> None:
        self._reasons = reasons
        self.reasons: dict[str, int] = defaultdict(int)
        self.unlisted: list[str] = []

    def count(self, model: models.Action, paths: Iterator[str]) -> None:
        for path in paths:
            why = lists.reason(self._reasons, model.product, model.name, path)
            if why:
                self.reasons[why] += 1
            else:
                self.unlisted.append(f"{model.product} {model.name} {path}")


def _mode() -> Iterator[tuple[Operation, models.Action]]:
    served = {(product.name, name): each for product in PRODUCTS for name, each in product.actions.items()}
    for product, names in ACTIONS.items():
        for name in names:
            yield served[product, name], models.action_model(product, name)  # type: ignore[index] # a product's name


def table_differences(operation: Operation) -> Iterator[Difference]:
    """Compare an action's table of parameters with its model: names, types, what is required."""
    model = model_of(operation.product, operation.name)
    if model is None:
        return

    def differs(name: str, problem: str) -> Difference:
        return Difference(operation.product, operation.name, "request", name, problem)

    for param in operation.params:
        shape = model.request.fields.get(param.name)
        if shape is None:
            if param.name not in check.COMMON:
                yield differs(param.name, "the model has no such parameter")
        elif shape.kind not in _KINDS[param.type]:
            yield differs(param.name, f"{param.type} here, {shape.kind} in the model")
        elif param.required and _is_optional(model, param.name):
            yield differs(param.name, "required here, optional in the model")
    for name in sorted(model.request.required):
        known: Param | None = operation.by_name.get(name)
        if known is None or not known.required:
            yield differs(name, "required in the model, optional here")


def _is_optional(model: models.Action, name: str) -> bool:
    """Whether a model says that a parameter may be left out; some products' say nothing about that."""
    return model.product not in lists.SILENT_ON_REQUIRED and name not in model.request.required
