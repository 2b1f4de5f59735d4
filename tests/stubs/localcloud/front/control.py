"""Faults and switches over HTTP, for tests that run beside a server; off unless asked for.

`GET /__stub__/control` shows the state; `POST` takes a JSON object with any of `fault` (one spec or a list),
`heal` (true: no more faults), `switch` (name to value), `assistant` (instance id to online), `reset` (true:
everything new, seeded; the answer holds the ids).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from localcloud.front.context import Behind
from localcloud.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.state.ecs import Instance
    from localcloud.state.region import RegionState
    from localcloud.state.seeds import Seeds

PATH = "/__stub__/control"


class Controlled(Behind, Protocol):
    """The cloud as its owner sees it."""

    def mount(
        self,
        matcher: Callable[[HttpRequest], bool],
        handler: Callable[[HttpRequest], HttpResponse],
        *,
        signed: bool = True,
    ) -> None:
        """Answer what the matcher wants."""

    def states(self) -> list[RegionState]:
        """All accounts' regions that were ever looked at."""

    def seed(self) -> Seeds:
        """Plant the first resources."""

    def reset(self) -> None:
        """Forget everything."""


def mount_control(cloud: Controlled) -> None:
    """Answer on `PATH` from now on."""

    def wants(request: HttpRequest) -> bool:
        return request.path == PATH

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            return _answer(200, _state(cloud))
        if request.method != "POST":
            return _answer(405, {"error": f"{request.method} is not answered here; use GET or POST"})
        try:
            wanted = json.loads(request.body or b"{}")
            return _answer(200, _obey(cloud, wanted))
        except (ValueError, TypeError) as wrong:
            return _answer(400, {"error": str(wrong)})

    cloud.mount(wants, handle, signed=False)


def _answer(status: int, body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json"})


def _state(cloud: Controlled) -> dict[str, Any]:
    return {
        "world": cloud.world.kind,
        "transitions": cloud.transitions.mode,
        "faults": [str(fault) for fault in cloud.faults.all],
        "switches": cloud.switches.as_dict(),
    }


def _obey(cloud: Controlled, wanted: object) -> dict[str, Any]:
    if not isinstance(wanted, Mapping):
        raise TypeError("the body has to be a JSON object")
    unknown = set(wanted) - {"fault", "heal", "switch", "assistant", "reset"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    specs, switches, online = _specs(wanted), _pairs(wanted, "switch"), _pairs(wanted, "assistant")
    answer: dict[str, Any] = {}
    if wanted.get("reset"):
        cloud.reset()
        answer["seeds"] = asdict(cloud.seed())
    with cloud.lock:
        if wanted.get("heal"):
            cloud.faults.clear()
        for spec in specs:
            cloud.faults.add(spec)
        for name, value in switches.items():
            cloud.switches.set(name, value)
        for instance_id, connected in online.items():
            _instance(cloud, instance_id).assistant_online = bool(connected)
    return {**answer, **_state(cloud)}


def _specs(wanted: Mapping[str, Any]) -> list[str]:
    given = wanted.get("fault", [])
    specs = given if isinstance(given, list) else [given]
    if not all(isinstance(each, str) for each in specs):
        raise TypeError("fault has to be a string API:KIND[:KEY=VALUE,…], or a list of them")
    return specs


def _pairs(wanted: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = wanted.get(name, {})
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} has to be a JSON object")
    return given


def _instance(cloud: Controlled, instance_id: str) -> Instance:
    for state in cloud.states():
        if instance_id in state.instances:
            return state.instances[instance_id]
    raise ValueError(f"no instance {instance_id}; GET this path or DescribeInstances to see what there is")
