"""A look into the running functions and a hand on their timers, for the command line on the same machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from localcloud.fc.errors import FcError
from localcloud.fc.model import TimerTrigger
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    from localcloud.fc.model import FunctionConfig
    from localcloud.fc.service import FunctionService
    from localcloud.wire.http import HttpRequest

LOG_PATH: Final = "/__stub__/log"
TIMER_PATH: Final = "/__stub__/timers"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class ControlApi:
    """Answers without a signature, and only to who came by a loopback address."""

    def __init__(self, service: FunctionService) -> None:
        """Look into this service."""
        self._service = service

    def wants(self, request: HttpRequest) -> bool:
        """Whether the request is one for this API, by its path."""
        return request.path in {LOG_PATH, TIMER_PATH}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        try:
            _check_loopback(request.headers.get("host", ""))
            options = {name: values[0] for name, values in parse_qs(request.query).items()}
            after = options.get("after", "0")
            if request.path == LOG_PATH and request.method == "GET" and after.isdigit():
                return _json(self._log(int(after)))
            if request.path == TIMER_PATH and request.method == "POST":
                return _json(self._fire(options.get("function", ""), options.get("trigger", "")))
        except FcError as error:
            return _json({"Code": error.code, "Message": error.message}, error.status)
        return _json({"Code": "PathNotSupported", "Message": f"{request.method} {request.path}"}, 400)

    def _log(self, after: int) -> dict[str, Any]:
        runner = self._service.runner
        running = [
            {
                "request_id": request_id,
                "pid": pid,
                "log": runner.live_log(request_id).decode(errors="replace"),
            }
            for request_id, pid in runner.running().items()
        ]
        return {"entries": [entry.view() for entry in self._service.journal.after(after)], "running": running}

    def _fire(self, name: str, trigger_name: str) -> dict[str, Any]:
        function = self._function(name)
        timers = [each for each in function.triggers if isinstance(each, TimerTrigger)]
        for timer in timers:
            if trigger_name in {"", timer.name}:
                task = self._service.fire_timer(function, timer)
                return {
                    "function": function.name,
                    "trigger": timer.name,
                    "request_id": task.invocation.request_id,
                }
        known = ", ".join(each.name for each in timers) or "none"
        raise FcError(
            404, "TriggerNotFound", f"function {name} has no timer {trigger_name!r}; its timers: {known}"
        )

    def _function(self, name: str) -> FunctionConfig:
        return self._service.application.functions.get(name) or self._service.find(name)


def _check_loopback(host: str) -> None:
    name = host.rpartition(":")[0] if host.count(":") == 1 else host.partition("]")[0].lstrip("[")
    if name not in _LOOPBACK:
        raise FcError(403, "AccessDenied", f"ask by a loopback address, not by {host or 'no Host header'}")


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json"})
