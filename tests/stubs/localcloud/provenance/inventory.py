"""Every behaviour that the local cloud has, by name, found in its own code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from localcloud.calls.operations import PRODUCTS
from localcloud.eventbridge.bus import RetryPolicy
from localcloud.eventbridge.coats import COATS
from localcloud.fc.tasks import TaskState
from localcloud.physics.latency import PROFILES
from localcloud.physics.switches import SWITCHES
from localcloud.provenance import functions
from localcloud.provenance.rules import RULES
from localcloud.state.commands import Status
from localcloud.state.ecs import EniKind, EniStatus, InstanceStatus, TrafficMode
from localcloud.state.eips import EipStatus, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = Path(__file__).parent.parent
REFUSERS = {"ApiError": (0, "refusal"), "FcError": (1, "refusal Fc")}
"""The errors that are an answer with a code: which argument the code is, and how the refusal is named."""

_FIGURED = ("fc", "eventbridge")
"""Services whose figures stand in their own code; those of the others are in `RULES` and in the profile."""

_CODE = re.compile(r"[A-Z][A-Za-z0-9-]*(\.[A-Za-z0-9]+)*")
_STATES = {
    "EIP": EipStatus,
    "interface": EniStatus,
    "instance": InstanceStatus,
    "command": Status,
    "mode": Mode,
    "interface kind": EniKind,
    "traffic": TrafficMode,
}


@cache
def behaviours() -> tuple[str, ...]:
    """Return the name of each behaviour once, in a fixed order."""
    return tuple(
        sorted(
            {
                *_refusals(),
                *_states(),
                *_figures(),
                *_actions(),
                *_choices(),
                *_limits(),
                *RULES,
                *functions.RULES,
            }
        )
    )


def _refusals() -> Iterator[str]:
    for file in sorted(_PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        yield from _codes(tree, tables=file.name == "errors.py")


def _codes(tree: ast.Module, *, tables: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in REFUSERS:
            place, kind = REFUSERS[ast.unparse(node.func)]
            yield from (f"{kind} {code}" for code in _said(node.args[place : place + 1]))
        elif tables and isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and _CODE.fullmatch(str(key.value)):
                    yield f"refusal {key.value!s}"


def _said(arguments: list[ast.expr]) -> Iterator[str]:
    """Return the codes that an argument may be: one, or one of two by a condition."""
    for each in arguments:
        if isinstance(each, ast.Constant):
            yield str(each.value)
        elif isinstance(each, ast.IfExp):
            yield from _said([each.body, each.orelse])


def _states() -> Iterator[str]:
    for thing, values in _STATES.items():
        yield from (f"state {thing} {value}" for value in get_args(values))
    yield from (f"state task {each.value}" for each in TaskState)
    yield from (f"state retry {each.value}" for each in RetryPolicy)


def _figures() -> Iterator[str]:
    profile = PROFILES["realistic"]
    yield from (f"duration {name}" for name in profile.seconds)
    yield from (f"rate {name}" for name in profile.per_minute)


def _limits() -> Iterator[str]:
    for name in sorted(figures_in_code()):
        if name not in functions.INTERNAL:
            yield name


def figures_in_code() -> Iterator[str]:
    """Return each number that has a name in the code of the services in `_FIGURED`."""
    for folder in _FIGURED:
        for file in sorted((_PACKAGE / folder).glob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for body in (tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))):
                yield from (f"limit {folder}.{file.stem} {name}" for name in _numbers(body))


def _numbers(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            parts = list(ast.walk(node.value))
            counts = all(isinstance(each, ast.Constant | ast.BinOp | ast.operator) for each in parts)
            values = [each.value for each in parts if isinstance(each, ast.Constant)]
            if (
                counts
                and all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
                and any(values)
            ):
                yield node.target.id


def _actions() -> Iterator[str]:
    for product in PRODUCTS:
        yield from (f"action {product.name} {name}" for name in product.actions)


def _choices() -> Iterator[str]:
    yield from (f"switch {each.name}" for each in SWITCHES)
    yield from (f"coat {name}" for name in COATS)
