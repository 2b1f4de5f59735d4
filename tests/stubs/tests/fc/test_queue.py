"""Asynchronous invocations: states, retries, ages, task ids, destinations, stopping."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from localcloud import FunctionConfig, TimerTrigger
from localcloud.fc.errors import FcError

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.eventbridge.timeline import VirtualTimeline
    from localcloud.fc.service import FunctionService
    from localcloud.fc.tasks import Task


def enqueue(service: FunctionService, name: str, event: object, task_id: str = "") -> Task:
    """Invoke a function asynchronously."""
    return service.enqueue(service.request(service.find(name), json.dumps(event).encode()), task_id)


def states(task: Task) -> list[str]:
    """Return the states that the task went through."""
    return [event.state.value for event in task.events]


def test_an_accepted_invocation_waits_and_then_runs(
    service: FunctionService, timeline: VirtualTimeline
) -> None:
    """Accepting returns at once; the result is kept with the task."""
    task = enqueue(service, "fx-echo", {"a": 1})
    before = states(task)
    timeline.drain()

    assert before == ["Enqueued"]
    assert states(task) == ["Enqueued", "Running", "Succeeded"]
    assert json.loads(task.result)["event"] == {"a": 1}


def test_a_function_error_is_retried_as_often_as_configured(
    service: FunctionService, timeline: VirtualTimeline
) -> None:
    """Two retries are configured, so the third failure is the last."""
    task = enqueue(service, "fx-task", {"do": "raise", "text": "never"})
    timeline.drain()

    assert states(task) == ["Enqueued", *["Running", "Retrying"] * 2, "Running", "Failed"]
    assert (task.retries, task.error) == (2, "never")


def test_a_retry_that_succeeds_ends_the_task(
    service: FunctionService, timeline: VirtualTimeline, tmp_path: Path
) -> None:
    """What failed once and then works is a success."""
    task = enqueue(service, "fx-task", {"do": "fail-until", "file": str(tmp_path / "n"), "times": 1})
    timeline.drain()

    assert states(task)[-1] == "Succeeded"
    assert (task.retries, task.error) == (1, "")


def test_a_process_killed_in_the_middle_is_retried(
    service: FunctionService, timeline: VirtualTimeline, tmp_path: Path
) -> None:
    """A crash is a function error like any other; the retry finishes the work."""
    ready, go = tmp_path / "ready", tmp_path / "go"
    os.mkfifo(ready)
    os.mkfifo(go)
    task = enqueue(service, "fx-task", {"do": "wait-for", "ready": str(ready), "go": str(go)})
    with ThreadPoolExecutor(1) as pool:
        drained = pool.submit(timeline.drain)
        os.kill(int(ready.read_text(encoding="utf-8")), signal.SIGKILL)
        ready.read_text(encoding="utf-8")
        go.write_text("go", encoding="utf-8")
        drained.result(timeout=100)

    assert states(task) == ["Enqueued", "Running", "Retrying", "Running", "Succeeded"]


def test_a_task_that_is_too_old_expires(service: FunctionService, timeline: VirtualTimeline) -> None:
    """After the maximum age an invocation is discarded and not run."""
    function = service.find("fx-task")
    young = dataclasses.replace(function.asynchronous, max_age_s=1, max_retries=8)
    old = dataclasses.replace(function, asynchronous=young)
    task = service.enqueue(service.request(old, b'{"do": "raise"}'))
    timeline.drain()

    assert states(task)[-1] == "Expired"
    assert task.retries < 8


def test_a_task_id_is_taken_for_good(service: FunctionService, timeline: VirtualTimeline) -> None:
    """A repeated id is refused with 409, also after the first task has ended."""
    enqueue(service, "fx-task", 1, "group-a")
    with pytest.raises(FcError) as at_once:
        enqueue(service, "fx-task", 1, "group-a")
    timeline.drain()
    with pytest.raises(FcError) as later:
        enqueue(service, "fx-task", 1, "group-a")

    assert (at_once.value.status, later.value.status) == (409, 409)
    assert enqueue(service, "fx-task", 1, "group-b").id == "group-b"


def test_without_tasks_an_id_may_be_repeated(service: FunctionService) -> None:
    """Only a function with asyncTask remembers ids."""
    enqueue(service, "fx-echo", 1, "same")

    assert enqueue(service, "fx-echo", 1, "same").id == "same"


@pytest.mark.parametrize("task_id", ["1abc", "a.b", "a" * 129, "ä"])
def test_a_task_id_has_a_form(service: FunctionService, task_id: str) -> None:
    """A letter or underscore, then letters, digits, _ and -, at most 128."""
    with pytest.raises(FcError) as refusal:
        enqueue(service, "fx-task", 1, task_id)

    assert refusal.value.status == 400


def test_a_waiting_task_can_be_stopped(service: FunctionService, timeline: VirtualTimeline) -> None:
    """What is stopped before it runs does not run."""
    task = enqueue(service, "fx-task", 1)
    service.tasks.stop(task)
    timeline.drain()

    assert states(task) == ["Enqueued", "Stopped"]
    with pytest.raises(FcError, match="has ended: Stopped"):
        service.tasks.stop(task)


def test_a_running_task_can_be_stopped(
    service: FunctionService, timeline: VirtualTimeline, tmp_path: Path
) -> None:
    """Stopping ends the instance and is no function error: nothing is retried."""
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    os.mkfifo(tmp_path / "go")
    task = enqueue(service, "fx-task", {"do": "wait-for", "ready": str(ready), "go": str(tmp_path / "go")})
    with ThreadPoolExecutor(1) as pool:
        drained = pool.submit(timeline.drain)
        ready.read_text(encoding="utf-8")
        service.tasks.stop(task)
        drained.result(timeout=100)

    assert states(task) == ["Enqueued", "Running", "Stopping", "Stopped"]


def test_a_throttled_task_waits_for_its_turn(service: FunctionService, timeline: VirtualTimeline) -> None:
    """A 429 is retried with growing pauses and does not count as a function error."""
    function = dataclasses.replace(service.find("fx-echo"), reserved_concurrency=0)
    task = service.enqueue(service.request(function, b"1"))
    start = timeline.now()
    timeline.drain(until=start + 4)
    times = [event.time - start for event in task.events if event.state.value == "Running"]

    assert times == pytest.approx([0, 0.5, 1.5, 3.5])
    assert (task.retries, task.state.value) == (0, "Retrying")


def test_a_destination_gets_the_result(service: FunctionService, timeline: VirtualTimeline) -> None:
    """OnSuccess invokes the function that it names, with request and response."""
    task = enqueue(service, "fx-task", {"a": 1})
    timeline.drain()
    (delivered,) = service.tasks.of("fx-echo")

    event = json.loads(delivered.invocation.payload)
    assert task.destination == "Succeeded"
    assert event["requestContext"]["requestId"] == task.invocation.request_id
    assert json.loads(event["requestPayload"]) == {"a": 1}
    assert json.loads(event["responsePayload"])["event"] == {"a": 1}


def test_a_payload_has_a_limit(service: FunctionService) -> None:
    """128 KB for asynchronous calls, 32 MB for synchronous ones."""
    function = service.find("fx-echo")
    with pytest.raises(FcError, match="131072 bytes") as asynchronous:
        service.enqueue(service.request(function, b"x" * (128 * 1024 + 1)))
    with pytest.raises(FcError, match="33554432 bytes"):
        service.invoke(service.request(function, b"x" * (32 * 1024 * 1024 + 1)))

    assert asynchronous.value.code == "EntityTooLarge"


def test_a_timer_sends_its_payload_as_text(service: FunctionService, timeline: VirtualTimeline) -> None:
    """The event of a timer has time, name and the configured string."""
    function: FunctionConfig = service.find("fx-echo")
    timer = next(each for each in function.triggers if isinstance(each, TimerTrigger))
    task = service.fire_timer(function, timer)
    timeline.drain()

    event = json.loads(task.result)["event"]
    assert (event["triggerName"], event["payload"]) == ("hourly", '{"mode":"report"}')
    assert event["triggerTime"].endswith("Z")


def test_the_journal_tells_each_step(service: FunctionService, timeline: VirtualTimeline) -> None:
    """Every state of a task is one line; the last has duration, result and log."""
    task = enqueue(service, "fx-echo", {"do": "log", "text": "hello"})
    timeline.drain()

    lines = [entry.view() for entry in service.journal.after(0)]
    assert [line["state"] for line in lines] == ["Enqueued", "Running", "Succeeded"]
    assert {line["task_id"] for line in lines} == {task.id}
    assert "hello" in lines[-1]["log"]
    assert service.journal.after(lines[-1]["number"]) == []
