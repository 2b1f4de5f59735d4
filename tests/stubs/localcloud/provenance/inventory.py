"""Every behaviour that the local cloud has, by name, found in its own code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from localcloud.calls.operations import PRODUCTS
from localcloud.eventbridge.coats import COATS
from localcloud.physics.latency import PROFILES
from localcloud.physics.switches import SWITCHES
from localcloud.provenance.rules import RULES
from localcloud.state.commands import Status
from localcloud.state.ecs import EniKind, EniStatus, InstanceStatus, TrafficMode
from localcloud.state.eips import EipStatus, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = Path(__file__).parent.parent
# The guests and the functions have facts of their own; what they refuse is no answer of the cloud's API.
_NOT_API = ("guests", "fc", "vendor", "provenance", "cli")
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
    return tuple(sorted({*_refusals(), *_states(), *_figures(), *_actions(), *_choices(), *RULES}))


def _refusals() -> Iterator[str]:
    for file in sorted(_PACKAGE.rglob("*.py")):
        if file.relative_to(_PACKAGE).parts[0] not in _NOT_API:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            yield from (f"refusal {code}" for code in _codes(tree, tables=file.name == "errors.py"))


def _codes(tree: ast.Module, *, tables: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ApiError" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)
        elif tables and isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and _CODE.fullmatch(str(key.value)):
                    yield str(key.value)


def _states() -> Iterator[str]:
    for thing, values in _STATES.items():
        yield from (f"state {thing} {value}" for value in get_args(values))


def _figures() -> Iterator[str]:
    profile = PROFILES["realistic"]
    yield from (f"duration {name}" for name in profile.seconds)
    yield from (f"rate {name}" for name in profile.per_minute)


def _actions() -> Iterator[str]:
    for product in PRODUCTS:
        yield from (f"action {product.name} {name}" for name in product.actions)


def _choices() -> Iterator[str]:
    yield from (f"switch {each.name}" for each in SWITCHES)
    yield from (f"coat {name}" for name in COATS)
