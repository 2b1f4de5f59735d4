"""Function Compute's API on the wire: 3.0 (2023-03-30) and 2.0 (2016-08-15, 2021-04-06)."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from localcloud.calls.watchers import WATCHERS, Exchange
from localcloud.fc.code import Code
from localcloud.fc.errors import FcError
from localcloud.fc.exchange import V2, V3, Call, Route, answer
from localcloud.fc.journal import TAIL_BYTES
from localcloud.fc.management import Management
from localcloud.fc.permission import asks
from localcloud.fc.qualifiers import Qualifiers
from localcloud.fc.refused import refused_routes
from localcloud.fc.runner import new_request_id
from localcloud.fc.service_versions import ServiceVersions
from localcloud.fc.services import Services
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.fc.runner import Outcome
    from localcloud.fc.service import FunctionService
    from localcloud.fc.tasks import Task
    from localcloud.wire.http import HttpRequest

_TASK_HEADERS: Final = ("x-fc-async-task-id", "x-fc-stateful-async-invocation-id")
_REFUSED: Final = 300
_PATHS: Final = re.compile(r"/(?:2023-03-30|2016-08-15|2021-04-06)/")


def wants(request: HttpRequest) -> bool:
    """Whether the request is one for Function Compute, by its path."""
    return _PATHS.match(request.path) is not None


class FunctionApi:
    """The handler to mount. Every refusal is an answer in the form of the version that was asked."""

    def __init__(self, service: FunctionService) -> None:
        """Answer for this service."""
        self._service = service
        of_service = rf"{V2}/services/(?P<service>[^/.]+)(?:\.(?P<qualifier>[^/]+))?"
        one, one_v2 = rf"{V3}/functions/(?P<function>[^/]+)", rf"{of_service}/functions/(?P<function>[^/]+)"
        item = "/(?P<item>[^/]+)"
        stateful = f"{one_v2}/stateful-async-invocations"
        rows: list[tuple[str, str, str, Callable[[Call], HttpResponse]]] = [
            ("POST", f"{one}/invocations", "InvokeFunction", self._invoke),
            ("POST", f"{one_v2}/invocations", "InvokeFunction", self._invoke),
            ("GET", f"{one}/async-tasks", "ListAsyncTasks", self._list_tasks),
            ("GET", f"{one}/async-tasks{item}", "GetAsyncTask", self._get_task),
            ("PUT", f"{one}/async-tasks{item}/stop", "StopAsyncTask", self._stop_task),
            ("GET", stateful, "ListStatefulAsyncInvocations", self._list_tasks),
            ("GET", f"{stateful}{item}", "GetStatefulAsyncInvocation", self._get_task),
            ("PUT", f"{stateful}{item}", "StopStatefulAsyncInvocation", self._stop_task),
        ]
        own = [Route(method, re.compile(path), action, reply) for method, path, action, reply in rows]
        services = Services(service)
        others = (
            Management(service),
            Qualifiers(service),
            services,
            ServiceVersions(service, services),
            Code(service, services),
        )
        self.served = [*own, *(route for each in others for route in each.routes())]
        self.routes = [*self.served, *refused_routes()]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        try:
            found = self._found(request)
            if found is not None:
                route, parts = found
                reply = route.reply(Call(request, **parts))
                if WATCHERS and request.path.startswith(V3) and reply.status < _REFUSED:
                    _tell(route, request, reply)
                return reply
        except FcError as error:
            return _refusal(error, request.path)
        unknown = f"'{request.method}' against '{request.path}' is not supported"
        return _refusal(FcError(400, "PathNotSupported", unknown), request.path)

    def action_of(self, request: HttpRequest) -> str:
        """Return what RAM calls the request; what is not supported has no name and needs no permission."""
        found = self._found(request)
        return f"fc:{found[0].action}" if found else ""

    def asks(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return what RAM is asked: actions, each with the ARN that it is done to."""
        found = self._found(request)
        if found is None:
            return []
        platform = self._service.platform
        where = f"acs:fc:{platform.region}:{platform.account_id}"
        return asks(found[0].action, Call(request, **found[1]), where)

    def _found(self, request: HttpRequest) -> tuple[Route, dict[str, str]] | None:
        for route in self.routes:
            match = route.path.fullmatch(request.path) if route.method == request.method else None
            if match:
                parts = {name: unquote(value) for name, value in match.groupdict().items() if value}
                return route, parts
        return None

    def _invoke(self, call: Call) -> HttpResponse:
        qualifier = call.asked
        function = self._service.find(call.function, call.service, qualifier)
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
        return answer({"invocations" if call.service else "tasks": shown, **more})

    def _get_task(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function, call.service)
        return answer(_task_view(self._service.tasks.get(function.name, call.item), call, payload=True))

    def _stop_task(self, call: Call) -> HttpResponse:
        function = self._service.find(call.function, call.service)
        self._service.tasks.stop(self._service.tasks.get(function.name, call.item))
        return HttpResponse(204)


def _tell(route: Route, request: HttpRequest, reply: HttpResponse) -> None:
    """Show an accepted request and its answer to whoever compares them with the vendor's models."""
    if route.action == "InvokeFunction":
        return  # bytes in, bytes out
    body = json.loads(reply.body) if reply.body else {}
    sent = json.loads(request.body) if request.body else None
    told = Exchange("Fc", route.action, dict(parse_qsl(request.query)), body, sent)
    for watcher in list(WATCHERS):
        watcher(told)


def _task_view(task: Task, call: Call, *, payload: bool) -> dict[str, Any]:
    view = task.view(payload=payload)
    if not call.service:
        del view["functionName"]  # 3.0 does not tell what its own path says
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


def _refusal(error: FcError, path: str) -> HttpResponse:
    request_id = new_request_id()
    if path.startswith("/2023-03-30/"):
        body = {"Code": error.code, "Message": error.message, "RequestId": request_id}
    else:
        body = {"ErrorCode": error.code, "ErrorMessage": error.message}
    headers = {"content-type": "application/json", "x-fc-request-id": request_id}
    return HttpResponse(error.status, json.dumps(body).encode(), headers)
