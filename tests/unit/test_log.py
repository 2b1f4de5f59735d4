"""The log: one line of JSON per thing that happened; the count of calls."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from localcloud import VirtualClock
from multieip.log import CallLog, Log


def test_a_line_carries_what_was_bound_and_what_was_said() -> None:
    """Request id and group are bound once; empty fields are left out, zero is not empty."""
    lines: list[str] = []
    log = Log(VirtualClock(), lines.append).with_fields(
        request="r-1", group="web", function="", turn=None, zero=0
    )

    log.say("step", state="done", ids=["eip-1"])

    body = json.loads(lines[0])
    assert body.pop("time").endswith("+00:00")
    assert body == {
        "level": "info", "event": "step", "request": "r-1", "group": "web", "zero": 0,
        "state": "done", "ids": ["eip-1"],
    }  # fmt: skip


def test_any_value_can_be_bound() -> None:
    """A list or an object is no reason to fail."""
    lines: list[str] = []

    Log(VirtualClock(), lines.append).with_fields(ids=["eip-1"], cause={"event": "e"}).say("start")

    assert json.loads(lines[0])["ids"] == ["eip-1"]


def test_a_line_is_one_line_whatever_is_said() -> None:
    """Line breaks in the cloud's words do not break the log."""
    lines: list[str] = []

    Log(VirtualClock(), lines.append).say(
        "refused", message="first\nsecond \u2028 third", error=ValueError("x")
    )

    assert "\n" not in lines[0]
    assert json.loads(lines[0])["error"] == "x"


def test_binding_leaves_the_log_it_came_from_alone() -> None:
    """Two groups of one invocation do not mix."""
    lines: list[str] = []
    log = Log(VirtualClock(), lines.append)

    log.with_fields(group="web")
    log.say("start")

    assert "group" not in json.loads(lines[0])


def test_calls_are_counted_from_many_threads() -> None:
    """Reads run side by side; none is lost."""
    calls = CallLog()
    with ThreadPoolExecutor(8) as pool:
        for n in range(400):
            pool.submit(calls.record, "Vpc" if n % 2 else "Ecs", "Read", "ok", 0.0)

    assert calls.total == 400
    assert calls.by_action() == {"Ecs.Read": 200, "Vpc.Read": 200}


def test_each_call_has_its_line() -> None:
    """Action, outcome and milliseconds."""
    lines: list[str] = []
    CallLog(Log(VirtualClock(), lines.append)).record("Ecs", "RunCommand", "Throttling.User", 0.25)

    body = json.loads(lines[0])
    assert (body["action"], body["outcome"], body["ms"]) == ("Ecs.RunCommand", "Throttling.User", 250)
