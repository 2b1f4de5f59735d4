"""Function Compute's API, version 3.0 and 2.0, as requests and answers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import HttpRequest, HttpResponse
from localcloud.catalogue import FUNCTION_COMPUTE
from localcloud.fc.control import LOG_PATH, TIMER_PATH, ControlApi
from localcloud.fc.http import FunctionApi, wants

if TYPE_CHECKING:
    from localcloud.eventbridge.timeline import VirtualTimeline
    from localcloud.fc.service import FunctionService

V3 = "/2023-03-30/functions"
V2 = "/2016-08-15/services/multi-eip/functions"


@pytest.fixture
def api(service: FunctionService) -> FunctionApi:
    """Return the API of the fixture's functions."""
    return FunctionApi(service)


def ask(api: FunctionApi, method: str, path: str, body: object = b"", **headers: str) -> HttpResponse:
    """Send one request; header names are written with underscores."""
    path, _, query = path.partition("?")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return api(HttpRequest(method, path, query, names, raw))


def read(response: HttpResponse) -> Any:  # noqa: ANN401 - any JSON
    """Return the body."""
    assert response.status == 200, response
    return json.loads(response.body)


@pytest.mark.parametrize(
    "path",
    [
        f"{V3}/fx-echo/invocations",
        f"{V3}/fx-echo/invocations?qualifier=LATEST",
        f"{V2}/fx-echo/invocations",
        f"{V2}/echo/invocations",
        "/2021-04-06/services/multi-eip/functions/echo/invocations",
        "/2016-08-15/services/multi-eip.LATEST/functions/echo/invocations",
    ],
)
def test_a_function_is_invoked_by_each_version(api: FunctionApi, path: str) -> None:
    """The answer is the function's own, with the request's id."""
    response = ask(api, "POST", path, {"a": 1})

    assert (response.status, json.loads(response.body)["event"]) == (200, {"a": 1})
    assert response.headers["x-fc-request-id"].startswith("1-")
    assert "x-fc-error-type" not in response.headers
    assert "x-fc-log-result" not in response.headers


def test_a_function_error_is_an_answer_with_a_header(api: FunctionApi) -> None:
    """Status 200, and the header says that the function failed."""
    response = ask(api, "POST", f"{V3}/fx-echo/invocations", {"do": "raise"})

    assert (response.status, response.headers["x-fc-error-type"]) == (200, "UnhandledInvocationError")
    assert json.loads(response.body)["errorType"] == "ValueError"


def test_the_tail_of_the_log_comes_when_asked_for(api: FunctionApi) -> None:
    """The last four kilobytes, in Base64."""
    event = {"do": "log", "text": "x" * 5000 + "end"}

    response = ask(api, "POST", f"{V3}/fx-echo/invocations", event, x_fc_log_type="Tail")

    log = base64.b64decode(response.headers["x-fc-log-result"])
    assert len(log) == 4096
    assert b"end\nto stderr\nFC Invoke End" in log


@pytest.mark.parametrize(
    ("path", "header", "task_path", "key"),
    [
        (f"{V3}/fx-task", "x_fc_async_task_id", f"{V3}/fx-task/async-tasks", "taskId"),
        (
            f"{V2}/task",
            "x_fc_stateful_async_invocation_id",
            f"{V2}/task/stateful-async-invocations",
            "invocationId",
        ),
    ],
)
def test_an_asynchronous_call_is_a_task(
    api: FunctionApi, timeline: VirtualTimeline, path: str, header: str, task_path: str, key: str
) -> None:
    """202 at once, 409 for the same id again, and the task can be read."""
    headers = {"x_fc_invocation_type": "Async", header: "group-a"}

    accepted = ask(api, "POST", f"{path}/invocations", {"a": 1}, **headers)
    repeated = ask(api, "POST", f"{path}/invocations", {"a": 1}, **headers)
    waiting = read(ask(api, "GET", f"{task_path}/group-a"))
    timeline.drain()
    ended = read(ask(api, "GET", f"{task_path}/group-a"))

    assert (accepted.status, accepted.body) == (202, b"")
    assert accepted.headers[header.replace("_", "-")] == "group-a"
    assert accepted.headers["x-fc-request-id"] == waiting["requestId"]
    assert repeated.status == 409
    assert (waiting[key], waiting["status"], ended["status"]) == ("group-a", "Enqueued", "Succeeded")
    assert [event["status"] for event in ended["events"]] == ["Enqueued", "Running", "Succeeded"]


def test_tasks_are_listed_in_pages(api: FunctionApi, timeline: VirtualTimeline) -> None:
    """Newest first, filtered by prefix and state, with a token for the next page."""
    for number in range(3):
        headers = {"x_fc_invocation_type": "Async", "x_fc_async_task_id": f"t{number}"}
        ask(api, "POST", f"{V3}/fx-task/invocations", 1, **headers)
    timeline.drain()

    first = read(ask(api, "GET", f"{V3}/fx-task/async-tasks?limit=2&status=Succeeded"))
    second = read(ask(api, "GET", f"{V3}/fx-task/async-tasks?limit=2&nextToken={first['nextToken']}"))
    one = read(ask(api, "GET", f"{V3}/fx-task/async-tasks?prefix=t1&includePayload=true"))

    assert [task["taskId"] for task in first["tasks"]] == ["t2", "t1"]
    assert [task["taskId"] for task in second["tasks"]] == ["t0"]
    assert "nextToken" not in second
    assert [(task["taskId"], task["taskPayload"]) for task in one["tasks"]] == [("t1", "1")]
    assert read(ask(api, "GET", f"{V3}/fx-task/async-tasks?status=Failed"))["tasks"] == []


@pytest.mark.parametrize(
    ("path", "task_path"),
    [
        (f"{V3}/fx-task", f"{V3}/fx-task/async-tasks/t/stop"),
        (f"{V2}/task", f"{V2}/task/stateful-async-invocations/t"),
    ],
)
def test_a_task_is_stopped(api: FunctionApi, timeline: VirtualTimeline, path: str, task_path: str) -> None:
    """A stopped task does not run; a second stop is refused."""
    ask(api, "POST", f"{path}/invocations", 1, x_fc_invocation_type="Async", x_fc_async_task_id="t")

    stopped = ask(api, "PUT", task_path)
    again = ask(api, "PUT", task_path)
    timeline.drain()

    assert (stopped.status, again.status) == (204, 400)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", f"{V3}/nothing/invocations", 404, "FunctionNotFound"),
        ("POST", f"{V2}/nothing/invocations", 404, "FunctionNotFound"),
        ("POST", "/2016-08-15/services/other/functions/echo/invocations", 404, "ServiceNotFound"),
        ("POST", f"{V3}/fx-echo/invocations?qualifier=7", 404, "VersionNotFound"),
        ("GET", f"{V3}/fx-task/async-tasks/none", 404, "AsyncTaskNotFound"),
        ("GET", f"{V3}/fx-task/async-tasks?limit=many", 400, "InvalidArgument"),
        ("GET", f"{V3}/fx-echo/triggers/none", 404, "TriggerNotFound"),
        ("PATCH", f"{V3}/fx-echo", 400, "PathNotSupported"),
        ("GET", f"{V3}/fx-echo/whatever", 400, "PathNotSupported"),
    ],
)
def test_a_refusal_has_the_form_of_its_version(
    api: FunctionApi, method: str, path: str, status: int, code: str
) -> None:
    """3.0 answers Code and Message, 2.0 ErrorCode and ErrorMessage."""
    response = ask(api, method, path)

    body = json.loads(response.body)
    assert (response.status, body["Code" if path.startswith("/2023") else "ErrorCode"]) == (status, code)
    assert body["Message" if path.startswith("/2023") else "ErrorMessage"]


def test_an_unknown_invocation_type_is_refused(api: FunctionApi) -> None:
    """Sync or Async, nothing else."""
    response = ask(api, "POST", f"{V3}/fx-echo/invocations", 1, x_fc_invocation_type="Later")

    assert (response.status, json.loads(response.body)["Code"]) == (400, "InvalidArgument")


def test_functions_and_triggers_are_listed(api: FunctionApi) -> None:
    """What a client needs to find its way."""
    functions = read(ask(api, "GET", f"{V3}?prefix=fx-e"))["functions"]
    triggers = read(ask(api, "GET", f"{V3}/fx-echo/triggers"))["triggers"]

    assert [function["functionName"] for function in functions] == ["fx-echo"]
    assert read(ask(api, "GET", f"{V3}/fx-echo"))["handler"] == "index.handler"
    assert [trigger["triggerType"] for trigger in triggers] == ["eventbridge", "timer"]
    assert json.loads(triggers[1]["triggerConfig"])["cronExpression"] == "@every 1h"
    assert read(ask(api, "GET", f"{V3}/fx-echo/triggers/eni"))["triggerName"] == "eni"
    assert read(ask(api, "GET", f"{V3}/fx-task/async-invoke-config"))["maxAsyncRetryAttempts"] == 2


def test_only_paths_of_function_compute_are_wanted() -> None:
    """Everything else belongs to the other services."""
    assert wants(HttpRequest("GET", "/2023-03-30/functions"))
    assert wants(HttpRequest("POST", "/2016-08-15/services/s/functions/f/invocations"))
    assert not wants(HttpRequest("POST", "/"))
    assert not wants(HttpRequest("GET", "/2014-05-26/functions"))


def test_the_control_paths_answer_on_loopback_only(
    service: FunctionService, timeline: VirtualTimeline
) -> None:
    """The log can be read and a timer fired without a signature, but by a loopback address."""
    control = ControlApi(service)

    def send(method: str, path: str, query: str = "", host: str = "127.0.0.1:8000") -> HttpResponse:
        return control(HttpRequest(method, path, query, {"host": host}))

    fired = read(send("POST", TIMER_PATH, "function=echo"))
    timeline.drain()
    log = read(send("GET", LOG_PATH))

    assert (fired["function"], fired["trigger"]) == ("fx-echo", "hourly")
    assert [entry["state"] for entry in log["entries"]] == ["Enqueued", "Running", "Succeeded"]
    assert log["entries"][0]["request_id"] == fired["request_id"]
    assert read(send("GET", LOG_PATH, "after=2"))["entries"][0]["number"] == 3
    assert send("GET", LOG_PATH, host="stub.example:8000").status == 403
    assert send("GET", LOG_PATH, host="[::1]:8000").status == 200
    assert send("POST", TIMER_PATH, "function=fx-task").status == 404
    assert send("POST", TIMER_PATH, "function=none").status == 404
    assert send("DELETE", LOG_PATH).status == 400


def test_faults_may_name_every_action(api: FunctionApi) -> None:
    """The catalogue lists what is answered here, no more and no less."""
    assert {route.action for route in api.served} == FUNCTION_COMPUTE


ROLE = "acs:ram::1234567890123456:role/fx"


@pytest.mark.parametrize(
    ("method", "path", "body", "asked"),
    [
        ("GET", "/fx-echo", {}, [("fc:GetFunction", "functions/fx-echo")]),
        ("GET", "", {}, [("fc:ListFunctions", "functions/*")]),
        ("POST", "", {"functionName": "new"}, [("fc:CreateFunction", "functions/new")]),
        (
            "PUT",
            "/fx-echo",
            {"role": ROLE},
            [("fc:UpdateFunction", "functions/fx-echo"), ("ram:PassRole", ROLE)],
        ),
        (
            "POST",
            "/fx-echo/triggers",
            {"triggerName": "t"},
            [("fc:CreateTrigger", "functions/fx-echo/triggers/t")],
        ),
        ("GET", "/fx-echo/triggers", {}, [("fc:ListTriggers", "functions/fx-echo/triggers/*")]),
        ("DELETE", "/fx-echo/aliases/a", {}, [("fc:DeleteAlias", "functions/fx-echo/aliases/a")]),
        ("POST", "/fx-echo/versions", {}, [("fc:PublishFunctionVersion", "functions/fx-echo/versions")]),
        ("GET", "/fx-echo/versions", {}, [("fc:ListFunctionVersions", "functions/fx-echo/versions/*")]),
        (
            "PUT",
            "/fx-echo/async-invoke-config",
            {},
            [("fc:PutFunctionAsyncInvokeConfig", "functions/fx-echo")],
        ),
        ("POST", "/fx-echo/invocations?qualifier=a", {}, [("fc:InvokeFunction", "functions/fx-echo/a")]),
        ("GET", "/fx-echo/vpc-bindings", {}, [("fc:ListVpcBindings", "functions/fx-echo/vpc-bindings/*")]),
        ("PUT", "/fx-echo/concurrency", {}, [("fc:PutConcurrencyConfig", "functions/fx-echo")]),
    ],
    ids=lambda value: value[0][0] if isinstance(value, list) else "",
)
def test_ram_is_asked_by_its_own_names(
    api: FunctionApi, method: str, path: str, body: dict[str, str], asked: list[tuple[str, str]]
) -> None:
    """Actions and ARNs are those of the vendor's page of custom policies."""
    place, _, query = path.partition("?")
    request = HttpRequest(method, f"{V3}{place}", query, {}, json.dumps(body).encode())
    where = "acs:fc:cn-shanghai:1234567890123456:"

    found = [(action, resource.removeprefix(where)) for action, resource in api.asks(request)]

    assert found == asked
