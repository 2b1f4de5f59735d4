"""`localcloud serve` as its users start it: another process, a port, an environment file."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest

from localcloud.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where an s.yaml is, as users have it.
FOLDER = Path(__file__).parent / "fc" / "fixtures"
COMMAND = (sys.executable, "-m", "localcloud", "serve", "--guest", "simulated")
NAMES = {
    "STUB_ENDPOINT",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "STUB_REGION",
    "STUB_VPC",
    "STUB_VSWITCH",
    "STUB_SECURITY_GROUP",
    "STUB_INSTANCE",
    "STUB_INSTANCE_WINDOWS",
}


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Start the server and wait for its line; end it however the test ends."""
    process = subprocess.Popen(
        [*COMMAND, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=FOLDER,
    )
    try:
        if process.stdout is None:
            raise AssertionError("no pipe")
        assert process.stdout.readline().startswith("ready: http://127.0.0.1:")
        yield process
    finally:
        process.kill()
        process.communicate()


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """Let the command fail in this process, for it does not come to serving; give its only line on stderr."""
    assert main(["serve", "--guest", "simulated", "--port", "0", *options]) != 0

    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def failing(*options: str) -> str:
    """Start the server where it has to fail; give its only line on stderr."""
    done = subprocess.run(
        [*COMMAND, *options],
        capture_output=True,
        text=True,
        cwd=FOLDER,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()
    return line


def read_environment(path: Path) -> dict[str, str]:
    """Read the file as a shell would."""
    lines = path.read_text(encoding="utf-8").splitlines()
    matches = [re.fullmatch(r"export ([A-Z_]+)=(.*)", line) for line in lines]
    return {match[1]: match[2] for match in matches if match is not None}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_its_seeds_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """A client that knows only the environment file finds the instances; the signal ends it with 0."""
    file = tmp_path / "env"
    with running("--port", "0", "--env-file", str(file), "--no-react") as process:
        known = read_environment(file)
        assert known.keys() >= NAMES
        client = AcsClient(
            known["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            known["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            known["STUB_REGION"],
        )
        request = DescribeInstancesRequest()
        request.set_endpoint(known["STUB_ENDPOINT"].removeprefix("http://"))
        rows = json.loads(client.do_action_with_exception(request))["Instances"]["Instance"]
        process.send_signal(number)
        _, said = process.communicate(timeout=60)

    assert {row["InstanceId"] for row in rows} == {known["STUB_INSTANCE"], known["STUB_INSTANCE_WINDOWS"]}
    assert {row["InstanceTypeFamily"] for row in rows} == {"ecs.g5"}
    assert (process.returncode, said) == (0, "")


def test_in_the_background_it_gives_the_shell_back_when_it_is_ready(tmp_path: Path) -> None:
    """The line says how to end it; one that cannot start says why, as in the foreground."""
    file = tmp_path / "made" / "env"
    done = subprocess.run(
        [*COMMAND, "--background", "--port", "0", "--env-file", str(file), "--no-react"],
        capture_output=True,
        text=True,
        cwd=FOLDER,
        timeout=60,
        check=False,
    )
    found = re.search(r"to end it: kill (\d+) \(its messages: (\S+)\)", done.stdout)
    assert found, done
    try:
        assert done.stdout.startswith("ready: http://127.0.0.1:")
        assert _control(file, "GET", None)[0] == 404
        assert read_environment(file)["STUB_PID"] == found[1]
        port = read_environment(file)["STUB_ENDPOINT"].rpartition(":")[2]
        assert f"127.0.0.1:{port}" in failing("--background", "--port", port, "--no-react")
    finally:
        os.kill(int(found[1]), signal.SIGTERM)
        Path(found[2]).unlink()


def test_a_port_in_use_is_one_clear_line() -> None:
    """The port and the way out are named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        line = failing("--port", str(port), "--no-react")

    assert f"127.0.0.1:{port}" in line
    assert "--port" in line


def test_a_broken_s_yaml_is_one_clear_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The file is named."""
    broken = tmp_path / "s.yaml"
    broken.write_text("edition: 3.0.0\nresources: [\n", encoding="utf-8")

    assert str(broken) in refused(capsys, "--s-yaml", str(broken))


def test_a_missing_s_yaml_is_one_clear_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With functions asked for there have to be some."""
    assert "nowhere.yaml" in refused(capsys, "--s-yaml", str(tmp_path / "nowhere.yaml"))


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("--fault", "Attach:explode", "throttle"),
        ("--fault", "Attach:throttle:often=2", "times"),
        ("--fault", "Foo:throttle", "no API is called Foo"),
        ("--switch", "colour=red", "bind-while-attached"),
        ("--switch", "batch=maybe", "atomic"),
        ("--env-file", "/dev/null/env", "/dev/null/env"),
        ("--reads", "0", "read"),
        ("--eip-network", "198.51.100.1/24", "198.51.100.0/24"),
        ("--eip-network", "198.51.100.0/30", "take /28 or larger"),
        ("--port", "99999", "choose another --port"),
    ],
)
def test_a_wrong_option_says_what_is_possible(
    capsys: pytest.CaptureFixture[str], option: str, value: str, word: str
) -> None:
    """One line names the choices."""
    assert word in refused(capsys, "--no-react", option, value)


def test_control_is_off_unless_asked_for(tmp_path: Path) -> None:
    """Without --control the path is not there; with it faults and switches are set, and a reset seeds."""
    file = tmp_path / "env"
    with running("--port", "0", "--env-file", str(file), "--no-react"):
        assert _control(file, "GET", None)[0] == 404
    with running("--port", "0", "--env-file", str(file), "--no-react", "--control"):
        instance = read_environment(file)["STUB_INSTANCE"]
        order = {"fault": "DescribeInstances:throttle:times=1", "switch": {"batch": "partial"}}
        status, state = _control(file, "POST", {**order, "assistant": {instance: False}})
        assert (status, state["switches"]["batch"]) == (200, "partial")
        assert state["faults"] == ["DescribeInstances:throttle (struck 0 times)"]
        assert _control(file, "POST", {"fault": "x"})[0] == 400
        assert _control(file, "POST", {"frobnicate": 1})[0] == 400
        assert _control(file, "PUT", {})[0] == 405
        status, state = _control(file, "POST", {"reset": True})
        assert (state["faults"], state["switches"]["batch"]) == ([], "atomic")
        assert state["seeds"]["instance"] == instance


def _control(file: Path, method: str, body: object) -> tuple[int, dict[str, Any]]:
    port = int(read_environment(file)["STUB_ENDPOINT"].rpartition(":")[2])
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, "/__stub__/control", json.dumps(body))
    response = connection.getresponse()
    text = response.read()
    connection.close()
    is_json = response.headers.get("content-type", "") == "application/json"
    return response.status, json.loads(text) if is_json else {}


def test_a_role_is_given_its_policies(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file that is no policy is one clear line."""
    file = tmp_path / "policy.json"
    file.write_text('{"Version": "1", "Statement": [{"Effect": "Allow"}]}', encoding="utf-8")

    assert "Action is None" in refused(capsys, "--policy", f"multi-eip={file}")
    assert "No such file" in refused(capsys, "--policy", f"multi-eip={tmp_path}/nowhere.json")


def test_libcurl_is_told_to_go_on(tmp_path: Path) -> None:
    """A client that waits for `100 Continue` before its body gets it, and then its answer."""
    file = tmp_path / "env"
    with running("--port", "0", "--env-file", str(file), "--no-react"):
        port = int(read_environment(file)["STUB_ENDPOINT"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n"
            connection.sendall(head)
            assert connection.recv(1024).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b"Action=X")
            assert connection.recv(1024).startswith(b"HTTP/1.1 400 ")


def test_a_long_script_in_the_address_and_a_long_body_arrive(tmp_path: Path) -> None:
    """What the gateway takes is not refused by the server in front of it."""
    file = tmp_path / "env"
    with running("--port", "0", "--env-file", str(file), "--no-react"):
        port = int(read_environment(file)["STUB_ENDPOINT"].rpartition(":")[2])
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for path, body, status in (("/?A=" + "x" * 30_000, "", 400), ("/", "A=" + "x" * 3_000_000, 400)):
            connection.request("POST", path, body)
            response = connection.getresponse()
            assert (response.status, b"Missing" in response.read()) == (status, True)
        connection.request("POST", "/?A=" + "x" * 40_000)
        assert connection.getresponse().status == 414
        connection.close()
