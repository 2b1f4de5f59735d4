"""No word of the command is silent for more than two seconds, though the cloud takes longer to answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.functional.command.conftest import ROOT, SCRIPT
from tests.silence import MOST_S, Watched, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.command.conftest import Desk

SLOW_S = MOST_S + 1.0
EVENT = json.loads((ROOT / "events" / "call-tag-resources.json").read_text(encoding="utf-8"))


class SlowRoad:
    """Passes requests on to a cloud; the first after `slow` was set takes its time."""

    def __init__(self, endpoint: str) -> None:
        """Listen at a port of its own."""
        road, there = self, urlsplit(endpoint)
        self.slow = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if road.slow:
                    road.slow = False
                    time.sleep(SLOW_S)
                onward = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
                onward.request(self.command, self.path, body, dict(self.headers.items()))
                answer = onward.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {
                        "content-length",
                        "transfer-encoding",
                        "connection",
                        "date",
                        "server",
                    }:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                onward.close()

            do_GET = do_POST = _pass  # noqa: N815  the names that the standard library asks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def road(desk: Desk) -> Iterator[SlowRoad]:
    """Put a slow road between desk and cloud."""
    made = SlowRoad(desk.local.endpoint)
    desk.environ |= {"MULTI_EIP_ENDPOINT": made.endpoint, "TERM": "xterm-256color"}
    yield made
    made.close()


def _said(desk: Desk, road: SlowRoad, *words: str, answer: str = "") -> Watched:
    road.slow = True
    return watch([str(SCRIPT), *words], cwd=desk.home, environ=desk.environ, answer=answer)


@pytest.mark.nightly
def test_no_word_is_silent_while_the_cloud_takes_its_time(desk: Desk, road: SlowRoad) -> None:
    """One after the other, each with one call that takes three seconds."""
    eni = desk.hand.eni(desk.local.seeds)
    eips = desk.hand.eips(2)
    members = ["--eni", eni, *(word for eip in eips for word in ("--eip", eip))]
    (desk.home / "event.json").write_text(json.dumps(EVENT), encoding="utf-8")
    saved = ["--out", str(desk.home / "report.html")]
    story: list[tuple[tuple[str, ...], str]] = [
        (("doctor",), ""),
        (("tag", "web", *members, "--instance", desk.local.seeds.instance, "--size", "2"), ""),
        (("groups",), ""),
        (("plan", "web"), ""),
        (("apply", "web"), ""),
        (("hold", "web", "--reason", "maintenance"), ""),
        (("resume", "web"), ""),
        (("sweep", "--region", "cn-shanghai"), ""),
        (("report", *saved, "--region", "cn-shanghai"), ""),
        (("events", "replay", "event.json"), ""),
        (("release", "web"), "web"),
        (("rules",), ""),
        (("explain", "one-mode"), ""),
        (("completion", "bash"), ""),
    ]

    told = {" ".join(words[:2]): _said(desk, road, *words, answer=answer) for words, answer in story}

    assert {words: one.seen for words, one in told.items() if one.status not in {0, 1, 3}} == {}
    assert {words: one.longest for words, one in told.items() if one.is_silent} == {}
    # Who wants no progress has none: so the measure can fail.
    assert _said(desk, road, "plan", "web", "--quiet").is_silent
