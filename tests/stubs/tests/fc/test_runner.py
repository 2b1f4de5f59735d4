"""Functions run as Function Compute runs Python 3.10: own process, one request at a time, warm instances."""

from __future__ import annotations

import dataclasses
import json
import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.fc.config import function_from_props
from localcloud.fc.errors import FcError
from localcloud.fc.runner import Invocation, Platform, Runner

if TYPE_CHECKING:
    from localcloud.fc.runner import Outcome
    from localcloud.fc.service import FunctionService


def call(service: FunctionService, name: str, event: object, *, fc2: str = "") -> Outcome:
    """Invoke a function and wait for it."""
    payload = event if isinstance(event, bytes) else json.dumps(event).encode()
    return service.invoke(service.request(service.find(name, fc2), payload, service=fc2))


def result(service: FunctionService, name: str, event: object, *, fc2: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Invoke a function and return its result."""
    outcome = call(service, name, event, fc2=fc2)
    assert not outcome.failed, outcome
    return json.loads(outcome.body)


def is_alive(pid: int) -> bool:
    """Say whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Gate:
    """Two named pipes: the function says when it is there, and waits until it may go on."""

    def __init__(self, folder: Path) -> None:
        """Make the pipes."""
        self.ready, self.go = folder / "ready", folder / "go"
        os.mkfifo(self.ready)
        os.mkfifo(self.go)

    def event(self) -> dict[str, str]:
        """Return the event that makes the function wait here."""
        return {"do": "wait-for", "ready": str(self.ready), "go": str(self.go)}

    def arrived(self) -> int:
        """Wait for the function; return its process id."""
        return int(self.ready.read_text(encoding="utf-8"))

    def open(self) -> None:
        """Let the function go on."""
        self.go.write_text("go", encoding="utf-8")


def test_the_event_is_bytes_and_the_result_is_json(service: FunctionService) -> None:
    """What the handler gets is what was sent, what it returns is encoded as FC does."""
    assert result(service, "fx-echo", {"a": 1}) == {"type": "bytes", "event": {"a": 1}}
    assert call(service, "fx-echo", b"no json").body == b"no json"


def test_the_environment_is_the_functions_own(service: FunctionService) -> None:
    """FC's variables, credentials and the function's own; of the machine's only three."""
    assert "PYTEST_CURRENT_TEST" in os.environ

    found = result(service, "fx-echo", {"do": "environment"})

    assert {name for name in found if not name.startswith(("FC_", "ALIBABA_CLOUD_"))} <= {
        *("PATH", "HOME", "LANG", "LC_CTYPE", "PYTHONPATH", "PYTHONUNBUFFERED", "SHARED", "NAME", "OWN"),
    }
    assert found["FC_FUNCTION_NAME"] == "fx-echo"
    assert found["FC_FUNCTION_HANDLER"] == "index.handler"
    assert found["FC_FUNCTION_MEMORY_SIZE"] == "256"
    assert found["FC_REGION"] == "cn-shanghai"
    assert found["FC_ACCOUNT_ID"] == "1234567890123456"
    assert Path(found["FC_FUNC_CODE_PATH"]).name == "echo"
    assert found["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "STS.acs:ram::1234567890123456:role/fixture"
    assert found["ALIBABA_CLOUD_SECURITY_TOKEN"] == "token"
    assert (found["SHARED"], found["NAME"], found["OWN"]) == ("from-template", "echo", "1")
    assert "FC_SERVICE_NAME" not in found


def test_the_context_is_that_of_python_3_10(service: FunctionService) -> None:
    """Request id, function, region, account and temporary credentials are on the context."""
    outcome = call(service, "fx-echo", {"do": "context"})

    assert json.loads(outcome.body) == {
        "request_id": outcome.request_id,
        "function": ["fx-echo", "index.handler", 256, 30],
        "service": "",
        "credentials": ["STS.acs:ram::1234567890123456:role/fixture", "secret-fc-session", "token"],
        "region": "cn-shanghai",
        "account_id": "1234567890123456",
    }


def test_fc_2_0_names_its_service(service: FunctionService) -> None:
    """The same function, invoked through its service, runs in instances of its own and can tell."""
    found = result(service, "echo", {"do": "environment"}, fc2="multi-eip")

    assert found["FC_SERVICE_NAME"] == "multi-eip"
    assert found["FC_FUNCTION_NAME"] == "echo"
    assert result(service, "fx-echo", {"do": "environment"})["FC_INSTANCE_ID"] != found["FC_INSTANCE_ID"]


def test_an_instance_is_used_again_and_initialised_once(service: FunctionService) -> None:
    """Module globals survive between calls of one instance."""
    first = result(service, "fx-stateful", 1)
    second = result(service, "fx-stateful", 2)

    assert (first["calls"], first["initialized"]) == (1, 1)
    assert (second["calls"], second["initialized"], second["pid"]) == (2, 1, first["pid"])


def test_an_exception_is_a_result_with_an_error_type(service: FunctionService) -> None:
    """The body has message, type and stack; the instance lives on."""
    outcome = call(service, "fx-echo", {"do": "raise", "text": "no luck"})

    body = json.loads(outcome.body)
    assert (outcome.error_type, outcome.cause) == ("UnhandledInvocationError", "raised")
    assert (body["errorMessage"], body["errorType"]) == ("no luck", "ValueError")
    assert body["stackTrace"][-1][2] == "in handler"
    assert not any("worker.py" in frame[0] for frame in body["stackTrace"])
    assert b"ValueError: no luck" in outcome.log
    assert call(service, "fx-echo", 1).instance_id == outcome.instance_id


def test_the_log_is_that_of_one_request(service: FunctionService) -> None:
    """Standard output and error are the log; what an earlier request wrote is not in it."""
    call(service, "fx-echo", {"do": "log", "text": "before"})
    outcome = call(service, "fx-echo", {"do": "log", "text": "now"})

    assert outcome.log.splitlines() == [
        f"FC Invoke Start RequestId: {outcome.request_id}".encode(),
        b"now",
        b"to stderr",
        f"FC Invoke End RequestId: {outcome.request_id}".encode(),
    ]


def test_a_function_that_takes_too_long_is_ended(service: FunctionService) -> None:
    """The timeout is enforced; the next request gets a new instance."""
    first = result(service, "fx-stateful", 1)
    short = dataclasses.replace(service.find("fx-stateful"), timeout_s=1)
    outcome = service.invoke(service.request(short, b"hang"))

    assert (outcome.cause, outcome.error_type) == ("timeout", "UnhandledInvocationError")
    assert json.loads(outcome.body)["errorMessage"] == "Function timed out after 1 seconds"
    assert not is_alive(first["pid"])
    assert result(service, "fx-stateful", 2)["calls"] == 1


def test_a_killed_process_is_a_function_error(service: FunctionService, tmp_path: Path) -> None:
    """A crash in the middle of a run is reported, not waited for."""
    gate = Gate(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(call, service, "fx-echo", gate.event())
        os.kill(gate.arrived(), signal.SIGKILL)
        outcome = future.result(timeout=100)

    assert (outcome.cause, outcome.error_type) == ("exited", "UnhandledInvocationError")
    assert "Process exited unexpectedly" in outcome.error_message()
    assert result(service, "fx-echo", 1)["event"] == 1


def test_two_requests_at_once_get_two_instances(service: FunctionService, tmp_path: Path) -> None:
    """One request at a time per instance; who finds it busy gets another."""
    gate = Gate(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(call, service, "fx-echo", gate.event())
        busy = gate.arrived()
        assert list(service.runner.running().values()) == [busy]
        other = call(service, "fx-echo", {"do": "environment"})
        gate.open()

        assert future.result(timeout=100).instance_id != other.instance_id


def test_reserved_concurrency_refuses_with_429(service: FunctionService, tmp_path: Path) -> None:
    """A function that may have one instance refuses the second request while the first runs."""
    gate = Gate(tmp_path)
    function = dataclasses.replace(service.find("fx-echo"), reserved_concurrency=1)
    with ThreadPoolExecutor(1) as pool:
        first = service.request(function, json.dumps(gate.event()).encode())
        future = pool.submit(service.invoke, first)
        gate.arrived()
        with pytest.raises(FcError) as refusal:
            service.invoke(service.request(function, b"1"))
        gate.open()

        assert not future.result(timeout=100).failed
    assert (refusal.value.status, refusal.value.code) == (429, "ResourceExhausted")


def test_closing_leaves_no_process(service: FunctionService) -> None:
    """Warm instances end with the service."""
    pid = result(service, "fx-stateful", 1)["pid"]
    assert is_alive(pid)

    service.close()

    assert not is_alive(pid)


def test_a_worker_dies_with_its_owner(tmp_path: Path) -> None:
    """Even when the owner is killed and cannot clean up, nothing stays behind."""
    gate = Gate(tmp_path)
    program = (
        "import sys, json\nfrom pathlib import Path\n"
        "from localcloud.fc.config import read_functions\n"
        "from localcloud.fc.runner import Invocation, Platform, Runner\n"
        "app = read_functions(Path(sys.argv[1]), {})\n"
        "runner = Runner(Platform('1', 'cn-shanghai', lambda role, session: ('a', 'b', 'c')))\n"
        "runner.run(Invocation(app.functions['echo'], 'r', sys.argv[2].encode()))\n"
    )
    file = Path(__file__).parent / "fixtures" / "s.yaml"
    owner = subprocess.Popen(
        [sys.executable, "-c", program, str(file), json.dumps(gate.event())],
    )
    pid = gate.arrived()
    lifeline = os.pidfd_open(pid)
    owner.kill()
    owner.wait()

    # A process descriptor becomes readable when the process has ended.
    readable, _, _ = select.select([lifeline], [], [], 60)
    os.close(lifeline)
    assert readable


def test_a_function_that_cannot_be_started_is_an_error_of_the_cloud(service: FunctionService) -> None:
    """500 as when the platform fails, which an asynchronous call would try again; the next call works."""
    broken = dataclasses.replace(service.find("fx-echo"), code_dir=Path("/nowhere"))
    with pytest.raises(FcError, match="fx-echo cannot be started") as refusal:
        service.invoke(service.request(broken, b"1"))

    assert refusal.value.status == 500
    assert service.runner.running() == {}
    assert result(service, "fx-echo", 1)["event"] == 1


def test_functions_share_the_folder_beside_their_s_yaml(tmp_path: Path) -> None:
    """What is in `shared` can be imported, whatever the folder that the server was started in."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "common_ground.py").write_text("NAME = 'shared'\n", encoding="utf-8")
    (tmp_path / "one").mkdir()
    code = "import common_ground\n\ndef handler(event, context):\n    return common_ground.NAME\n"
    (tmp_path / "one" / "index.py").write_text(code, encoding="utf-8")
    props = {
        "functionName": "one",
        "region": "cn-shanghai",
        "runtime": "python3.10",
        "handler": "index.handler",
        "code": "./one",
    }
    function = function_from_props("one", props, tmp_path / "s.yaml")
    runner = Runner(Platform("1", "cn-shanghai", lambda _role, _session: ("a", "b", "c")))
    try:
        outcome = runner.run(Invocation(function, "r", b"{}"))
    finally:
        runner.close()

    assert (outcome.error_type, outcome.body) == ("", b"shared")
