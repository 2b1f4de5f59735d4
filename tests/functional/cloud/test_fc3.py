"""Our FC 3.0 adapter on the wire: it sends what the vendor's client sends, and no answer is mistaken."""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from localcloud import attach_functions
from multieip.app.wiring import new_token
from multieip.clock import SystemClock
from multieip.cloud.credentials import Credentials
from multieip.cloud.fc import FunctionInvoker, FunctionPlace
from multieip.cloud.fc3 import Fc3, trusted_context
from multieip.errors import LostAnswerError, RefusedError
from multieip.log import CallLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from localcloud import MockCloud

S_YAML = Path(__file__).resolve().parents[3] / "s.yaml"
BODY = json.dumps({"group": "网站"}, ensure_ascii=False).encode()
KEYS = pytest.mark.parametrize(
    "keys", [Credentials("key", "secret"), Credentials("key", "secret", "token")], ids=["key", "token"]
)


@KEYS
def test_it_sends_what_the_vendors_client_sends(keys: Credentials) -> None:
    """The same request line, body and headers; what differs is the moment, the nonce and who says to call."""
    with _heard(lambda handler: handler.answer(202, b"")) as (endpoint, heard):
        Fc3(endpoint, lambda: keys, SystemClock().now, new_token).send("multi-eip-bind", BODY, "task-1", 5.0)
        _vendor(endpoint, keys)

    ours, theirs = heard
    own_words = {"user-agent", "accept-encoding", "accept", "connection", "content-type"}
    own_words |= {"x-acs-date", "x-acs-signature-nonce", "authorization", "x-acs-credentials-provider"}

    def kept(request: _Heard) -> dict[str, str]:
        return {name: value for name, value in request.headers.items() if name not in own_words}

    assert (ours.line, ours.body, kept(ours)) == (theirs.line, theirs.body, kept(theirs))


@KEYS
def test_the_vendors_code_finds_our_signature_right(keys: Credentials) -> None:
    """Every header that decides what is done is signed, over what was really sent."""
    with _heard(lambda handler: handler.answer(202, b"")) as (endpoint, heard):
        Fc3(endpoint, lambda: keys, SystemClock().now, new_token).send("multi-eip-bind", BODY, "task-1", 5.0)

    (request,) = heard
    claimed = request.headers["authorization"]
    names = claimed.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    unsigned = {n for n in request.headers if n.startswith(("x-", "host", "content-type")) and n not in names}
    assert unsigned == set()
    request.headers = {name: request.headers[name] for name in names}
    digest = request.headers["x-acs-content-sha256"]
    assert claimed == Utils.get_authorization(request, "ACS3-HMAC-SHA256", digest, "key", "secret")


def test_a_wrong_secret_is_refused_by_the_cloud(local_cloud_http: MockCloud) -> None:
    """The local cloud computes the signature anew; its code, status and request id arrive."""
    local = local_cloud_http
    functions = attach_functions(local.cloud, s_yaml=S_YAML, react=False, endpoint=local.endpoint)
    key = local.cloud.accounts.user_key
    wrong = Credentials(key.key_id, key.secret + "x")

    with pytest.raises(RefusedError) as refused:
        Fc3(local.endpoint, lambda: wrong, SystemClock().now, new_token).send(
            "multi-eip-bind", BODY, "t", 5.0
        )

    functions.close()
    assert (refused.value.code, refused.value.http_status) == ("SignatureNotMatch", 403)
    assert refused.value.request_id


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (502, b"<html>bad gateway</html>", "HTTP502"),
        (503, b"", "HTTP503"),
        (403, b'["no object"]', "HTTP403"),
        (301, b"", "HTTP301"),
        (400, b'{"Code": "InvalidArgument", "Message": "no", "RequestId": "r"}', "InvalidArgument"),
    ],
)
def test_an_answer_in_no_known_form_is_a_refusal_with_its_status(status: int, body: bytes, code: str) -> None:
    """A proxy's page is no success and no lost answer: the status says whether it passes."""
    with _heard(lambda handler: handler.answer(status, body)) as (endpoint, _):
        adapter = Fc3(endpoint, lambda: Credentials("key", "secret"), SystemClock().now, new_token)

        with pytest.raises(RefusedError) as refused:
            adapter.send("bind", BODY, "t", 5.0)

    assert (refused.value.code, refused.value.http_status) == (code, status)


@pytest.mark.parametrize("way", ["nobody listens", "closed at once", "never answered", "half an answer"])
def test_no_whole_answer_is_a_lost_answer(way: str) -> None:
    """Whether the run was queued is not known; nothing else is raised, and it does not take for ever."""
    adapter_of = {
        "nobody listens": lambda: _listener(lambda _: None, listen=False),
        "closed at once": lambda: _listener(lambda peer: peer.close()),
        "never answered": lambda: _listener(lambda _: None),
        "half an answer": lambda: _listener(
            lambda peer: (peer.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nx"), peer.close())
        ),
    }
    with adapter_of[way]() as endpoint, pytest.raises(LostAnswerError):
        Fc3(endpoint, lambda: Credentials("key", "secret"), SystemClock().now, new_token).send(
            "bind", BODY, "t", 0.5
        )


def test_a_host_that_its_certificate_does_not_name_is_not_told_anything() -> None:
    """The context checks names and authorities, whichever authorities it found."""
    context = trusted_context()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def _keys() -> Credentials:
    return Credentials("key", "secret")


class _SlowClock:
    """Each look at it finds the next moment some seconds on, as after slow answers."""

    def __init__(self, step_s: float) -> None:
        self.time = 0.0
        self._step_s = step_s

    def now(self) -> datetime:
        return SystemClock().now()

    def monotonic(self) -> float:
        self.time += self._step_s
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.mark.parametrize("service", ["", "multi-eip"], ids=["FC 3.0", "FC 2.0"])
@pytest.mark.parametrize(("step_s", "tries"), [(0.0, 4), (1.5, 2), (9.0, 1)])
def test_a_start_ends_within_ten_seconds(step_s: float, tries: int, service: str) -> None:
    """A run that hands over in its last seconds is not killed while it tries once more."""
    clock = _SlowClock(step_s)
    calls = CallLog()
    with _heard(lambda handler: handler.answer(503, b"{}")) as (endpoint, _):
        place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", service, endpoint)
        invoker = FunctionInvoker(place, _keys, clock, calls, new_nonce=new_token)

        with pytest.raises(RefusedError):
            invoker.start("bind", {}, task_id="t")

    assert calls.total == tries


def test_another_conflict_than_a_taken_id_is_tried_again() -> None:
    """409 has several codes; only the one of a repeated task means that the event collapsed."""
    said = iter([(409, b'{"Code": "ConcurrentUpdateError"}'), (202, b"")])
    calls = CallLog()
    with _heard(lambda handler: handler.answer(*next(said))) as (endpoint, _):
        place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", "", endpoint)
        invoker = FunctionInvoker(place, _keys, _SlowClock(0.0), calls, new_nonce=new_token)

        assert invoker.start("bind", {}, task_id="t")

    assert calls.total == 2


def _vendor(endpoint: str, keys: Credentials) -> None:
    config = Config(
        access_key_id=keys.key_id,
        access_key_secret=keys.secret,
        security_token=keys.token or None,
        endpoint=endpoint.partition("://")[2],
        protocol="http",
        region_id="cn-shanghai",
    )
    headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_async_task_id="task-1")
    request = models.InvokeFunctionRequest(body=io.BytesIO(BODY), qualifier="LATEST")
    Client(config).invoke_function_with_options("multi-eip-bind", request, headers, RuntimeOptions())


class _Heard:
    """One request as it arrived; the names are those that the vendor's signing code reads."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.line = f"{handler.command} {handler.path}"
        self.method = handler.command
        self.pathname, _, query = handler.path.partition("?")
        self.query = dict(parse_qsl(query))
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = handler.rfile.read(int(self.headers.pop("content-length", "0")))


class _Recorder(BaseHTTPRequestHandler):
    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def _heard(answer: Callable[[_Recorder], None]) -> Iterator[tuple[str, list[_Heard]]]:
    """Serve on a free port, keep every request, and answer each in one way."""
    heard: list[_Heard] = []

    class Handler(_Recorder):
        def do_POST(self) -> None:
            heard.append(_Heard(self))
            answer(self)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _listener(act: Callable[[socket.socket], object], *, listen: bool = True) -> Iterator[str]:
    """Accept one connection, read what comes first, and do one thing with it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        if not listen:
            listening.close()
            yield endpoint
            return
        kept: list[socket.socket] = []

        def serve() -> None:
            peer, _ = listening.accept()
            kept.append(peer)
            peer.recv(65536)
            act(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield endpoint
        thread.join()
        for peer in kept:
            peer.close()
