"""The real handlers of `sweep` and `react` in a process of their own, with the real SDKs, over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.functional.operator_hand import Operator
from tests.stubs.mock import mock_cloud
from tests.stubs.options import CloudOptions
from tests.stubs.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json
    from tests.stubs.mock import MockCloud

ROOT = Path(__file__).parents[2]
DRIVER = """
import json, runpy, sys
from types import SimpleNamespace
name, event = sys.argv[1:]
handler = runpy.run_path(f"functions/{name}/index.py")["handler"]
context = SimpleNamespace(request_id="1-request", function=SimpleNamespace(timeout=60))
try:
    print(handler(event.encode(), context))
except Exception as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error)}))
"""


@dataclass
class Functions:
    """Runs handlers as a function of a role that may do everything, and keeps what they start."""

    local: MockCloud
    started: list[tuple[str, str, Json]] = field(default_factory=list)
    status: int = 202

    def __call__(self, name: str, event: object) -> Json:
        """Call one handler with one event; its answer, or the error that it raised."""
        key, secret, token = self.local.cloud.issue_credentials(
            "acs:ram::1234567890123456:role/multi-eip", "s"
        )
        environ = {
            "PYTHONPATH": "shared",
            "FC_REGION": "cn-shanghai",
            "FC_ACCOUNT_ID": "1234567890123456",
            "MULTI_EIP_ENDPOINT": self.local.endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": token,
        }
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, name, json.dumps(event)],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        answer: Json = json.loads(done.stdout)
        return answer

    def function_compute(self, request: HttpRequest) -> HttpResponse:
        """Stand in for FC 3.0's invocation API."""
        task = request.headers["x-fc-async-task-id"]
        if self.status == 202:
            self.started.append((request.path, task, json.loads(request.body)))
        return HttpResponse(self.status, json.dumps({"Code": "Refused", "Message": "no"}).encode(), {})


@pytest.fixture
def functions() -> Iterator[Functions]:
    """Serve a cloud whose changes are immediate, beside a Function Compute that only takes notes."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        made = Functions(local)
        local.cloud.mount(lambda request: request.path.startswith("/2023-03-30/"), made.function_compute)
        yield made


def test_a_timer_sweeps_and_repairs_through_function_compute(functions: Functions) -> None:
    """The payload in the timer's text is read, and the repair arrives at `bind` as a task."""
    hand = Operator(functions.local.cloud)
    hand.eni(functions.local.seeds, "web")
    hand.eips(2, "web")
    wish = {"mode": "repair", "regions": ["cn-shanghai"]}
    timer = {"triggerTime": "2026-11-20T04:00:00Z", "triggerName": "daily", "payload": json.dumps(wish)}

    report = functions("sweep", timer)

    assert (report["complete"], report["totals"]["groups"]) == (True, 1)
    ((path, task, payload),) = functions.started
    assert path == "/2023-03-30/functions/multi-eip-bind/invocations"
    assert task == report["repairs"]["groups"][0]["task_id"]
    assert payload["group"] == "web"


def test_a_sweep_of_all_regions_reads_those_that_offer_the_mode(functions: Functions) -> None:
    """Without wishes every open region is read, and none is missing."""
    report = functions("sweep", {})

    assert report["complete"] is True
    assert len(report["regions"]) >= 9
    assert "ap-south-1" not in {each["region"] for each in report["regions"]}


def test_a_sweep_that_could_read_nothing_fails(functions: Functions) -> None:
    """An empty report of nothing must not look like a clean cloud; the error carries the reasons."""
    answer = functions("sweep", {"regions": ["cn-nowhere"]})

    assert answer["error"] == "RunFailedError"
    assert "none of 1 regions could be read" in answer["message"]
    assert "cn-nowhere" in answer["message"]


def test_a_wrong_payload_fails_before_anything_is_read(functions: Functions) -> None:
    """The message is for whoever typed it."""
    answer = functions("sweep", {"mode": "repare"})

    assert answer == {"error": "RequestError", "message": "sweep: mode 'repare': say report or repair"}


def test_an_event_becomes_a_task(functions: Functions) -> None:
    """A real event of the cloud, the real SDK's read, a real asynchronous invocation."""
    events: list[Json] = []
    functions.local.cloud.subscribe(events.append)
    Operator(functions.local.cloud).eni(functions.local.seeds, "web")
    event = next(each for each in events if each["data"].get("eventName") == "CreateNetworkInterface")

    answer = functions("react", event)

    assert [each["group"] for each in answer["started"]] == ["web"]
    assert [payload["cause"]["event"] for _, _, payload in functions.started] == [event["id"]]


def test_a_task_id_that_is_taken_collapses(functions: Functions) -> None:
    """Function Compute answers 409 for it; that is no failure."""
    events: list[Json] = []
    functions.local.cloud.subscribe(events.append)
    Operator(functions.local.cloud).eips(1, "web")
    functions.status = 409

    answer = functions("react", events[-1])

    assert (answer["started"], [each["group"] for each in answer["collapsed"]]) == ([], ["web"])


def test_react_fails_when_a_group_could_not_be_queued(functions: Functions) -> None:
    """The event is delivered again then; the error carries what was done."""
    events: list[Json] = []
    functions.local.cloud.subscribe(events.append)
    Operator(functions.local.cloud).eips(1, "web")
    functions.status = 403

    answer = functions("react", events[-1])

    assert answer["error"] == "RunFailedError"
    assert "bind of web in cn-shanghai was not started" in answer["message"]
