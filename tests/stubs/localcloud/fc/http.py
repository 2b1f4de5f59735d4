"""Function Compute's API on the wire: 3.0 (2023-03-30) and 2.0 (2016-08-15, 2021-04-06)."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote

from localcloud.fc.errors import FcError
from localcloud.fc.journal import TAIL_BYTES
from localcloud.fc.runner import new_request_id
from localcloud.fc.views import function_view, trigger_view
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.fc.runner import Outcome
    from localcloud.fc.service import FunctionService
    from localcloud.fc.tasks import Task
    from localcloud.wire.http import HttpRequest

_V3: Final = "/2023-03-30/functions"
_V2: Final = r"/(?:2016-08-15|2021-04-06)/services"
_TASK_HEADERS: Final = ("x-fc-async-task-id", "x-fc-stateful-async-invocation-id")
_PATHS: Final = re.compile(r"/(?:2023-03-30|2016-08-15|2021-04-06)/")


@dataclass(frozen=True, slots=True)
class Call:
    """One request with its path taken apart. `service` is empty on 3.0."""

    request: HttpRequest
    function: str = ""
    service: str = ""
    qualifier: str = ""
    item: str = ""

    def option(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return parse_qs(self.request.query).get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """Return a query parameter that is a number."""
        text = self.option(name) or str(default)
        if not text.isdigit():
            raise FcError(400, "InvalidArgument", f"{name} is '{text}', it must be a number")
        return int(text)

    def header(self, name: str, default: str = "") -> str:
        """Return a header."""
        return self.request.headers.get(name, default)


def wants(request: HttpRequest) -> bool:
    """Whether the request is one for Function Compute, by its path."""
    return _PATHS.match(request.path) is not None


def action_of(request: HttpRequest) -> str:
    """Return what RAM calls the request; reads have no name here and need no permission."""
    if request.method == "POST" and request.path.endswith("/invocations"):
        return "fc:InvokeFunction"
    if request.method == "PUT":
        return "fc:StopAsyncTask" if "/async-tasks/" in request.path else "fc:StopStatefulAsyncInvocation"
    return ""


class FunctionApi:
    """The handler to mount. Every refusal is an answer in the form of the version that was asked."""

    def __init__(self, service: FunctionService) -> None:
        """Answer for this service."""
        self._service = service
        functions, one = _V3, rf"{_V3}/(?P<function>[^/]+)"
        services = rf"{_V2}/(?P<service>[^/.]+)(?:\.(?P<qualifier>[^/]+))?"
        one_v2 = rf"{services}/functions/(?P<function>[^/]+)"
        routes: list[tuple[str, str, Callable[[Call], HttpResponse]]] = [
            ("GET", functions, self._list_functions),
            ("GET", rf"{services}/functions", self._list_functions),
            ("GET", one, self._get_function),
            ("GET", one_v2, self._get_function),
            ("GET", rf"{one}/triggers", self._list_triggers),
            ("GET", rf"{one}/triggers/(?P<item>[^/]+)", self._get_trigger),
            ("GET", rf"{one}/async-invoke-config", self._get_async_config),
            ("POST", rf"{one}/invocations", self._invoke),
            ("POST", rf"{one_v2}/invocations", self._invoke),
            ("GET", rf"{one}/async-tasks", self._list_tasks),
            ("GET", rf"{one}/async-tasks/(?P<item>[^/]+)", self._get_task),
            ("PUT", rf"{one}/async-tasks/(?P<item>[^/]+)/stop", self._stop_task),
            ("GET", rf"{one_v2}/stateful-async-invocations", self._list_tasks),
            ("GET", rf"{one_v2}/stateful-async-invocations/(?P<item>[^/]+)", self._get_task),
            ("PUT", rf"{one_v2}/stateful-async-invocations/(?P<item>[^/]+)", self._stop_task),
        ]
        self._routes = [(method, re.compile(path), answer) for method, path, answer in routes]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        try:
            for method, path, answer in self._routes:
                match = path.fullmatch(request.path)
                if match and method == request.method:
                    parts = {name: unquote(value) for name, value in match.groupdict().items() if value}
                    return answer(Call(request, **parts))
        except FcError as error:
            return _refusal(error, request.path)
        unknown = f"'{request.method}' against '{request.path}' is not supported"
        return _refusal(FcError(400, "PathNotSupported", unknown), request.path)

    def _list_functions(self, call: Call) -> HttpResponse:
        prefix = call.option("prefix")
        names = [each for each in self._service.functions() if each.name.startswith(prefix)]
        return _json({"functions": [function_view(self._service, each) for each in names]})

    def _get_function(self, call: Call) -> HttpResponse:
        return _json(function_view(self._service, self._service.find(call.function, call.service)))

    def _list_triggers(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function)
        return _json(
            {"triggers": [trigger_view(self._service, function, each) for each in function.triggers]}
        )

    def _get_trigger(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function)
        for trigger in function.triggers:
            if trigger.name == call.item:
                return _json(trigger_view(self._service, function, trigger))
        raise FcError(404, "TriggerNotFound", f"trigger '{call.item}' does not exist in '{function.name}'")

    def _get_async_config(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function)
        config = function.asynchronous
        return _json(
            {
                "functionArn": self._service.arn(function),
                "qualifier": "LATEST",
                "asyncTask": config.task,
                "maxAsyncRetryAttempts": config.max_retries,
                "maxAsyncEventAgeInSeconds": config.max_age_s,
                "destinationConfig": {
                    "onSuccess": {"destination": config.on_success},
                    "onFailure": {"destination": config.on_failure},
                },
            }
        )

    def _invoke(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function, call.service)
        qualifier = call.qualifier or call.option("qualifier") or "LATEST"
        invocation = self._service.request(
            function, call.request.body, service=call.service, qualifier=qualifier
        )
        kind = call.header("x-fc-invocation-type", "Sync")
        if kind == "Async":
            task_id = next((call.header(name) for name in _TASK_HEADERS if call.header(name)), "")
            task = self._service.enqueue(invocation, task_id)
            headers = dict.fromkeys(_TASK_HEADERS, task.id)
            return HttpResponse(202, b"", {"x-fc-request-id": invocation.request_id, **headers})
        if kind != "Sync":
            raise FcError(400, "InvalidArgument", f"x-fc-invocation-type is '{kind}', it is Sync or Async")
        return _result(self._service.invoke(invocation), tail=call.header("x-fc-log-type") == "Tail")

    def _list_tasks(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function, call.service)
        status, prefix = call.option("status"), call.option("prefix")
        tasks = [
            task
            for task in self._service.tasks.of(function.name)
            if (not status or task.state.value == status) and task.id.startswith(prefix)
        ]
        if call.option("sortOrderByTime") != "asc":
            tasks.reverse()
        start, limit = call.number("nextToken", 0), call.number("limit", 20)
        payload = call.option("includePayload") == "true"
        shown = [_task_view(task, call, payload=payload) for task in tasks[start : start + limit]]
        more = {"nextToken": str(start + limit)} if start + limit < len(tasks) else {}
        return _json({"invocations" if call.service else "tasks": shown, **more})

    def _get_task(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function, call.service)
        return _json(_task_view(self._service.tasks.get(function.name, call.item), call, payload=True))

    def _stop_task(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function, call.service)
        self._service.tasks.stop(self._service.tasks.get(function.name, call.item))
        return HttpResponse(204)


def _task_view(task: Task, call: Call, *, payload: bool) -> dict[str, Any]:
    view = task.view(payload=payload)
    if not call.service:
        return view
    view["serviceName"] = call.service
    names = {
        "taskId": "invocationId",
        "taskPayload": "invocationPayload",
        "taskErrorMessage": "invocationErrorMessage",
    }
    return {names.get(key, key): value for key, value in view.items()}


def _result(outcome: Outcome, *, tail: bool) -> HttpResponse:
    headers = {
        "content-type": "application/octet-stream",
        "x-fc-request-id": outcome.request_id,
        "x-fc-instance-id": outcome.instance_id,
        "x-fc-invocation-duration": str(outcome.duration_ms),
    }
    if outcome.error_type:
        headers |= {"x-fc-error-type": outcome.error_type, "content-type": "application/json"}
    if tail:
        headers["x-fc-log-result"] = base64.b64encode(outcome.log[-TAIL_BYTES:]).decode()
    return HttpResponse(200, outcome.body, headers)


def _json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode(), {"content-type": "application/json"})


def _refusal(error: FcError, path: str) -> HttpResponse:
    request_id = new_request_id()
    if path.startswith("/2023-03-30/"):
        body = {"Code": error.code, "Message": error.message, "RequestId": request_id}
    else:
        body = {"ErrorCode": error.code, "ErrorMessage": error.message}
    headers = {"content-type": "application/json", "x-fc-request-id": request_id}
    return HttpResponse(error.status, json.dumps(body).encode(), headers)
