"""A sweep tells a robot what it found; one that does not listen costs it nothing, and nobody its address."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from multieip.errors import RequestError, SettingsError
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json
    from tests.functional.scene import Scene

SECRET = "s3cr3t-t0k3n"


class Robot:
    """A robot that hears by HTTP and answers what a test wants."""

    def __init__(self) -> None:
        """Listen at a port of its own."""
        self.status = 200
        self.answer: object = {"errcode": 0, "errmsg": "ok"}
        self.heard: list[Json] = []
        robot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                robot.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                content = json.dumps(robot.answer).encode() if robot.answer is not None else b"<html>"
                self.send_response(robot.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/robot/send?access_token={SECRET}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def robot() -> Iterator[Robot]:
    """Return a robot that listens."""
    made = Robot()
    yield made
    made.close()


def _told(scene: Scene) -> list[Json]:
    return [line for line in scene.lines if line["event"] in {"told", "not told"}]


def test_a_robot_is_told_what_is_silent_and_what_waits(scene: Scene, robot: Robot) -> None:
    """In the form that DingTalk takes, once."""
    scene.ready_group("web", scene.seeds.instance)
    scene.hand.eips(1, "web")
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address

    report = scene.sweep({"tell": True})

    (message,) = robot.heard
    assert message["msgtype"] == "markdown"
    silent = next(way for way in report["regions"][0]["groups"][0]["ways"] if way["silent"])
    assert silent["address"] in message["markdown"]["text"]
    assert "EIPs" in message["markdown"]["title"]
    assert [line["event"] for line in _told(scene)] == ["told"]


def test_nobody_is_told_unless_asked(scene: Scene, robot: Robot) -> None:
    """A sweep each hour would else fill a group with the same."""
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address

    scene.sweep()

    assert robot.heard == []
    assert _told(scene) == []


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (200, {"errcode": 310000, "errmsg": "keywords not in content"}, "keywords not in content"),
        (200, {"code": 19021, "msg": "sign match fail"}, "sign match fail"),
        (500, {}, "500"),
        (200, None, "not JSON"),
    ],
)
def test_a_robot_that_says_no_is_logged_without_its_address(
    scene: Scene, robot: Robot, status: int, answer: object, reason: str
) -> None:
    """The report is what it was."""
    robot.status, robot.answer = status, answer
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address

    assert scene.sweep({"tell": True})["complete"] is True

    (line,) = _told(scene)
    assert line["event"] == "not told"
    assert reason in line["reason"]
    assert SECRET not in json.dumps(scene.lines)


def test_a_robot_that_is_not_there_is_logged_without_its_address(scene: Scene, robot: Robot) -> None:
    """Nobody listens any more."""
    scene.environ["MULTI_EIP_WEBHOOK"] = robot.address
    robot.close()

    assert scene.sweep({"tell": True})["complete"] is True

    assert "no answer from 127.0.0.1" in _told(scene)[0]["reason"]
    assert SECRET not in json.dumps(scene.lines)


def test_without_an_address_the_log_says_so(scene: Scene) -> None:
    """A wish that nothing can fulfil is no silence."""
    scene.sweep({"tell": True})

    assert _told(scene)[0]["reason"] == "MULTI_EIP_WEBHOOK is not set"


def test_an_address_that_is_none_is_refused_and_not_repeated() -> None:
    """Whatever was pasted there may be a secret."""
    with pytest.raises(SettingsError) as refused:
        Settings.read({"MULTI_EIP_WEBHOOK": f"oapi.dingtalk.com?access_token={SECRET}"})

    assert SECRET not in str(refused.value)
    held = Settings.read({"MULTI_EIP_WEBHOOK": f"https://oapi.dingtalk.com/robot/send?access_token={SECRET}"})
    assert SECRET not in repr(held)


def test_tell_is_yes_or_no(scene: Scene) -> None:
    """Nothing else is guessed at."""
    with pytest.raises(RequestError, match="tell 'often'"):
        scene.sweep({"tell": "often"})
