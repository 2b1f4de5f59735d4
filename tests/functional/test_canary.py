"""Item 10: a key with a recognisable text goes through every failure, and no sink tells it.

The cloud here is the worst one: whatever it is sent, it sends back, as a page or as the words of a refusal.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest

from localcloud import VirtualClock
from multieip.app.bind import bind
from multieip.app.sweep import sweep
from multieip.app.wiring import App, new_token
from multieip.cloud.api import CallLimits, SdkApi
from multieip.cloud.credentials import Credentials
from multieip.cloud.fc import FunctionInvoker, FunctionPlace
from multieip.cloud.webhook import post
from multieip.errors import CloudError, MultiEipError, RunFailedError
from multieip.log import CallLog, Log
from multieip.report.csv_table import render_csv
from multieip.report.html import render_html
from multieip.report.junit import render_junit
from multieip.report.markdown import render_markdown, robot_message
from multieip.report.sarif import render_sarif
from multieip.report.text import render_text
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from multieip.ports import Json

KEYS = Credentials("STS.NUc4naryc4naryId", "c4narySecretc4narySecret", "CAISc4nary/Token+c4nary/Token==")
CANARIES = ("NUc4naryc4", "Secretc4nary", "c4nary/Token", "Token+c4nary")
FORMS: tuple[Callable[[Json], str], ...] = (
    render_csv,
    render_html,
    render_junit,
    render_markdown,
    render_sarif,
    render_text,
    lambda report: json.dumps(robot_message("https://oapi.dingtalk.com/robot", render_markdown(report))),
    json.dumps,
)


@dataclass
class Echo:
    """A server that answers with what it was sent."""

    status: int
    form: str
    heard: list[str] = field(default_factory=list)

    def answer(self, sent: str) -> bytes:
        """Return everything that was sent: plain, in percent and in base64, as a page or a refusal."""
        self.heard.append(sent)
        told = f"{sent} {quote(sent)} {quote(quote(sent))} {base64.b64encode(sent.encode()).decode()}"
        if self.form == "page":
            return f"<html>{told}</html>".encode()
        of_a_robot = {"errcode": 1, "errmsg": told}
        of_the_cloud = {"Code": "InvalidParameter", "Message": told, "RequestId": "1"}
        return json.dumps(of_a_robot | of_the_cloud).encode()


@contextmanager
def served(echo: Echo) -> Iterator[str]:
    """Serve it on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            content = echo.answer(f"{self.requestline}\n{self.headers}\n{body.decode()}")
            self.send_response(echo.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


# The vendor's SDK names an old protocol of the standard library.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS:DeprecationWarning")

FAILURES = ("nobody", "tls", "page 200", "page 403", "page 502", "refusal 400")


@pytest.fixture(params=FAILURES)
def failing(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a cloud that fails in one way."""
    kind = str(request.param)
    if kind == "nobody":
        yield "http://127.0.0.1:1"
        return
    form, _, status = ("page 200" if kind == "tls" else kind).partition(" ")
    with served(Echo(int(status), form)) as address:
        yield address.replace("http:", "https:") if kind == "tls" else address


class Sinks:
    """Everything that is told of one invocation."""

    def __init__(self, endpoint: str) -> None:
        """Wire an invocation with the canary's keys; its time is virtual."""
        self.told: list[str] = []
        clock = VirtualClock()
        log = Log(clock, self.told.append)
        calls = CallLog(log)
        place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", endpoint=endpoint)
        self.invoker = FunctionInvoker(place, lambda: KEYS, clock, calls, new_nonce=new_token)
        self.app = App(
            settings=Settings.read({"MULTI_EIP_REGION": "cn-shanghai", "FC_REGION": "cn-shanghai"}),
            api=SdkApi(lambda: KEYS, clock, calls, endpoint=endpoint, limits=CallLimits(call_deadline_s=1.0)),
            clock=clock,
            invoker=self.invoker,
            log=log,
            calls=calls,
            deadline=clock.monotonic() + 20,
            request_id="request-1",
        )

    def of(self, run: Callable[[], Json]) -> Json | None:
        """Run, and keep the result, or the error with all that a traceback would print."""
        try:
            body = run()
        except MultiEipError as error:
            self.told += [str(error), repr(error), "".join(traceback.format_exception(error))]
            return json.loads(error.result) if isinstance(error, RunFailedError) else None
        self.told.append(json.dumps(body, ensure_ascii=False))
        return body

    def nothing_slipped(self) -> None:
        """Search everything for the canary in each form, and for a signature."""
        assert self.told
        for text in self.told:
            _nothing_in(text)


def _nothing_in(text: str) -> None:
    plain = unquote(unquote(text))
    decoded = [_from_base64(each) for each in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", plain)]
    for form in (text, plain, *decoded):
        found = [canary for canary in CANARIES if canary in form]
        # What follows is a signature, unless it is the place where one was.
        found += re.findall(r"Signature=(?!\(left out\)).{20}", form)
        assert found == []


def _from_base64(text: str) -> str:
    return " ".join(
        base64.b64decode(text[shift:] + "===").decode(errors="replace")
        for shift in range(4)
        if len(text[shift:].rstrip("=")) % 4 != 1
    )


def test_no_sink_of_bind_tells_what_signs_a_call(failing: str) -> None:
    """Log, result, exception and its traceback."""
    sinks = Sinks(failing)

    sinks.of(lambda: bind(sinks.app, {"group": "web", "action": "apply"}))

    sinks.nothing_slipped()


def test_no_form_of_a_report_tells_what_signs_a_call(failing: str) -> None:
    """Every form of the sweep's report, a robot's message among them."""
    sinks = Sinks(failing)
    report = sinks.of(lambda: sweep(sinks.app, {"regions": ["cn-shanghai"]}, "t1"))
    assert report is not None

    sinks.told += [form(report) for form in FORMS]

    sinks.nothing_slipped()


@pytest.mark.parametrize("service", ["", "multi-eip"], ids=["FC 3.0", "FC 2.0"])
def test_no_start_of_a_function_tells_what_signs_it(failing: str, service: str) -> None:
    """Both generations of Function Compute."""
    sinks = Sinks(failing)
    place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", service=service, endpoint=failing)
    invoker = FunctionInvoker(place, lambda: KEYS, sinks.app.clock, sinks.app.calls, new_nonce=new_token)

    sinks.of(lambda: {"fresh": invoker.start("bind", {"group": "web"}, task_id="t-1")})

    sinks.nothing_slipped()


def test_a_robot_that_sends_its_address_back_is_not_quoted() -> None:
    """The token in its address is all that protects it."""
    place = f"/robot/{CANARIES[0]}-path?access_token={CANARIES[1]}-token"

    with served(Echo(200, "refusal")) as address, pytest.raises(CloudError) as caught:
        post(address + place, {"text": "a report"})

    _nothing_in("".join(traceback.format_exception(caught.value)))


def test_the_command_tells_nothing_on_its_terminal(tmp_path: Path) -> None:
    """Standard output, standard error, and what it leaves in the folder."""
    with served(Echo(400, "refusal")) as address:
        environ = {
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "MULTI_EIP_ENDPOINT": address,
            "MULTI_EIP_REGION": "cn-shanghai",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEYS.key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEYS.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": KEYS.token,
        }
        script = str(Path(sys.executable).with_name("multieip"))
        done = subprocess.run(
            [script, "plan", "web"],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )

    assert done.returncode != 0
    assert "InvalidParameter" in done.stdout + done.stderr
    _nothing_in(done.stdout + done.stderr)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            _nothing_in(path.read_text(errors="replace"))
