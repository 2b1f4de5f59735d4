"""Starting functions through both generations of Function Compute, over real HTTP."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from localcloud import VirtualClock, attach_functions
from multieip.app.wiring import new_token
from multieip.cloud.credentials import Credentials
from multieip.cloud.fc import FunctionInvoker, FunctionPlace
from multieip.errors import LostAnswerError, RefusedError
from multieip.log import CallLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud import AccessKey, Functions, MockCloud

S_YAML = Path(__file__).resolve().parents[3] / "s.yaml"
PAYLOAD = {"region": "cn-shanghai", "group": "web", "action": "apply"}
GENERATIONS = pytest.mark.parametrize("service", ["", "multi-eip"], ids=["FC 3.0", "FC 2.0"])


@pytest.fixture
def functions(local_cloud_http: MockCloud) -> Iterator[Functions]:
    """Give the product's functions on the local cloud; their queue moves with virtual time only."""
    local = local_cloud_http
    attached = attach_functions(local.cloud, s_yaml=S_YAML, react=False, endpoint=local.endpoint)
    yield attached
    attached.close()


def _invoker(endpoint: str, key: AccessKey, service: str, calls: CallLog | None = None) -> FunctionInvoker:
    environ = {"FC_ACCOUNT_ID": "1234567890123456", "FC_REGION": "cn-shanghai", "FC_SERVICE_NAME": service}
    place = FunctionPlace.of(environ, region="", prefix="multi-eip-", endpoint=endpoint)
    given = Credentials(key.key_id, key.secret, key.token)
    return FunctionInvoker(place, lambda: given, VirtualClock(), calls or CallLog(), new_nonce=new_token)


@GENERATIONS
def test_a_start_is_queued_once_per_task_id(
    local_cloud_http: MockCloud, functions: Functions, service: str
) -> None:
    """The payload arrives whole; the same task id a second time collapses; another one does not."""
    invoker = _invoker(local_cloud_http.endpoint, local_cloud_http.cloud.accounts.user_key, service)

    started = [invoker.start("bind", PAYLOAD, task_id=task) for task in ("t-1", "t-1", "t-2")]

    assert started == [True, False, True]
    queued = functions.service.tasks.of("multi-eip-bind")
    assert {task.id for task in queued} == {"t-1", "t-2"}
    assert [json.loads(task.invocation.payload) for task in queued] == [PAYLOAD] * 2
    assert {task.invocation.service for task in queued} == {service}


@GENERATIONS
def test_another_conflict_than_a_taken_id_is_tried_again(
    local_cloud_http: MockCloud, functions: Functions, service: str
) -> None:
    """A 409 that is not about the task id means that the start has not happened."""
    calls = CallLog()
    fault = local_cloud_http.cloud.faults.add("InvokeFunction:conflict:code=ConcurrentUpdateError,times=1")
    invoker = _invoker(local_cloud_http.endpoint, local_cloud_http.cloud.accounts.user_key, service, calls)

    assert invoker.start("bind", PAYLOAD, task_id="t-1")

    assert (fault.struck, calls.total) == (1, 2)
    assert [task.id for task in functions.service.tasks.of("multi-eip-bind")] == ["t-1"]


@GENERATIONS
@pytest.mark.usefixtures("functions")
def test_temporary_credentials_are_signed_with_their_token(local_cloud_http: MockCloud, service: str) -> None:
    """A function calls with what its role gave it."""
    role = "acs:ram::1234567890123456:role/multi-eip"
    key_id, secret, token = local_cloud_http.cloud.issue_credentials(role, "fc-session")
    place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", service, local_cloud_http.endpoint)
    given = Credentials(key_id, secret, token)

    assert FunctionInvoker(place, lambda: given, VirtualClock(), CallLog(), new_nonce=new_token).start(
        "bind", {}, task_id="t-1"
    )


@GENERATIONS
@pytest.mark.usefixtures("functions")
def test_a_function_that_is_not_there_is_refused_at_once(local_cloud_http: MockCloud, service: str) -> None:
    """Trying again would not make it appear; the code and the status are the cloud's."""
    calls = CallLog()
    invoker = _invoker(local_cloud_http.endpoint, local_cloud_http.cloud.accounts.user_key, service, calls)

    with pytest.raises(RefusedError) as refused:
        invoker.start("nothing", PAYLOAD, task_id="t-1")

    assert (refused.value.code, refused.value.http_status) == ("FunctionNotFound", 404)
    assert calls.total == 1


@GENERATIONS
def test_nobody_there_is_a_lost_answer_after_some_tries(local_cloud_http: MockCloud, service: str) -> None:
    """The task id makes trying again safe; in the end the caller is told."""
    calls = CallLog()
    invoker = _invoker("http://127.0.0.1:9", local_cloud_http.cloud.accounts.user_key, service, calls)

    with pytest.raises(LostAnswerError):
        invoker.start("bind", PAYLOAD, task_id="t-1")

    assert calls.total == 4


@GENERATIONS
def test_a_busy_service_is_asked_again(local_cloud_http: MockCloud, service: str) -> None:
    """429 and 5xx pass; an answer after them is the answer."""
    calls = CallLog()
    with _answering(429, 503, 202) as endpoint:
        invoker = _invoker(endpoint, local_cloud_http.cloud.accounts.user_key, service, calls)

        assert invoker.start("bind", PAYLOAD, task_id="t-1")

    assert calls.total == 3


@contextmanager
def _answering(*statuses: int) -> Iterator[str]:
    """Serve one status after the other, in the form of Function Compute's errors."""

    class Handler(BaseHTTPRequestHandler):
        left: ClassVar[list[int]] = list(statuses)
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            status = self.left.pop(0)
            words: Mapping[str, str] = {"Code": "ResourceExhausted", "ErrorCode": "ResourceExhausted"}
            body = (
                b""
                if status == 202
                else json.dumps({**words, "Message": "busy", "ErrorMessage": "busy"}).encode()
            )
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
