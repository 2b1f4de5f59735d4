"""Asynchronous invocations: their states, retries and destinations.

An accepted invocation becomes a task that runs on the timeline. A function error is retried as often as the
function's configuration says, a 429 or 5xx with growing pauses until the task is too old.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.errors import FcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.eventbridge.timeline import Timeline
    from localcloud.fc.runner import Invocation, Outcome, Runner

_TASK_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_THROTTLED_FOR_S: Final = 5 * 3600.0
_LONGEST_PAUSE_S: Final = 60.0
_DETAIL: Final = 1024


class TaskState(str, Enum):
    """The states of an asynchronous task, by the cloud's names."""

    ENQUEUED = "Enqueued"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    EXPIRED = "Expired"
    RETRYING = "Retrying"

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self in _FINAL


_FINAL: Final = frozenset({TaskState.SUCCEEDED, TaskState.FAILED, TaskState.STOPPED, TaskState.EXPIRED})


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One change of state."""

    state: TaskState
    time: float
    detail: str = ""


@dataclass(slots=True)
class Task:
    """One asynchronous invocation and what became of it. Changed by its queue only."""

    id: str
    invocation: Invocation
    enqueued: float
    state: TaskState = TaskState.ENQUEUED
    started: float = 0.0
    ended: float = 0.0
    retries: int = 0
    throttled: int = 0
    instance_id: str = ""
    result: bytes = b""
    error: str = ""
    destination: str = ""
    events: list[TaskEvent] = field(default_factory=list)

    def view(self, *, payload: bool = False) -> dict[str, Any]:
        """Return the task as GetAsyncTask answers it."""
        view: dict[str, Any] = {
            "taskId": self.id,
            "requestId": self.invocation.request_id,
            "functionName": self.invocation.function.name,
            "qualifier": self.invocation.qualifier,
            "status": self.state.value,
            "startedTime": _ms(self.started or self.enqueued),
            "endTime": _ms(self.ended),
            "durationMs": _ms(self.ended - self.started) if self.ended and self.started else 0,
            "alreadyRetriedTimes": self.retries,
            "instanceId": self.instance_id,
            "destinationStatus": self.destination,
            "taskErrorMessage": self.error,
            "events": [
                {
                    "eventId": i,
                    "status": each.state.value,
                    "timestamp": _ms(each.time),
                    "eventDetail": each.detail,
                }
                for i, each in enumerate(self.events, 1)
            ],
        }
        if payload:
            view["taskPayload"] = self.invocation.payload.decode(errors="replace")
            view["returnPayload"] = self.result.decode(errors="replace")
        return view


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@dataclass(frozen=True, slots=True)
class RetryPauses:
    """How long the queue waits before it tries again; the cloud publishes the second only."""

    function_error_s: float = 1.0
    throttled_s: float = 0.5


class TaskQueue:
    """The queue of every function of one account."""

    def __init__(
        self,
        runner: Runner,
        timeline: Timeline,
        *,
        pauses: RetryPauses | None = None,
        on_change: Callable[[Task, Outcome | None], None] = lambda _task, _outcome: None,
        on_end: Callable[[Task, Outcome | None], str] = lambda _task, _outcome: "",
    ) -> None:
        """Start empty. `on_end` serves the destination and says what became of it."""
        self._runner = runner
        self._timeline = timeline
        self._pauses = pauses or RetryPauses()
        self._on_change = on_change
        self._on_end = on_end
        self._lock = threading.RLock()
        self._tasks: dict[tuple[str, str], Task] = {}

    def submit(self, invocation: Invocation, task_id: str = "") -> Task:
        """Accept an invocation, or refuse it: 409 when its id is taken, 400 when the id has no right form."""
        if task_id and not _TASK_ID.fullmatch(task_id):
            raise FcError(400, "InvalidArgument", f"task id {task_id!r} must match {_TASK_ID.pattern}")
        function = invocation.function
        task = Task(task_id or invocation.request_id, invocation, self._timeline.now())
        key = (function.name, task.id)
        with self._lock:
            if key in self._tasks and function.asynchronous.task:
                raise FcError(
                    409,
                    "StatefulAsyncInvocationAlreadyExists"
                    if invocation.service
                    else "AsyncTaskAlreadyExists",
                    f"async task {task.id} of function {function.name} already exists",
                )
            self._tasks[key] = task
        self._move(task, TaskState.ENQUEUED)
        self._timeline.after(0, lambda: self._attempt(task))
        return task

    def get(self, function_name: str, task_id: str) -> Task:
        """Return a task of the function or refuse with 404."""
        with self._lock:
            task = self._tasks.get((function_name, task_id))
        if task is None:
            raise FcError(
                404, "AsyncTaskNotFound", f"async task {task_id} of function {function_name} not found"
            )
        return task

    def of(self, function_name: str) -> list[Task]:
        """Return the tasks of a function, oldest first."""
        with self._lock:
            return [task for (name, _), task in self._tasks.items() if name == function_name]

    def stop(self, task: Task) -> None:
        """Stop a task: at once while it waits, by ending its instance while it runs."""
        with self._lock:
            if task.state.final:
                raise FcError(400, "InvalidArgument", f"async task {task.id} has ended: {task.state.value}")
            running = task.state is TaskState.RUNNING
            self._move(task, TaskState.STOPPING if running else TaskState.STOPPED)
        if running:
            self._runner.kill(task.invocation.request_id)

    def _attempt(self, task: Task) -> None:
        with self._lock:
            if task.state not in {TaskState.ENQUEUED, TaskState.RETRYING}:
                return
            if self._timeline.now() - task.enqueued > task.invocation.function.asynchronous.max_age_s:
                self._end(task, TaskState.EXPIRED, None)
                return
            task.started = task.started or self._timeline.now()
            self._move(task, TaskState.RUNNING)
        try:
            outcome = self._runner.run(task.invocation)
        except FcError as error:
            self._throttled(task, error)
        else:
            self._finished(task, outcome)

    def _finished(self, task: Task, outcome: Outcome) -> None:
        task.instance_id, task.result, task.error = outcome.instance_id, outcome.body, outcome.error_message()
        with self._lock:
            if task.state is TaskState.STOPPING:
                self._end(task, TaskState.STOPPED, outcome)
            elif not outcome.failed:
                self._end(task, TaskState.SUCCEEDED, outcome)
            elif task.retries >= task.invocation.function.asynchronous.max_retries:
                self._end(task, TaskState.FAILED, outcome)
            else:
                self._retry(task, self._pauses.function_error_s * 2**task.retries, outcome)
                task.retries += 1

    def _throttled(self, task: Task, error: FcError) -> None:
        with self._lock:
            task.error = str(error)
            if self._timeline.now() - task.enqueued > _THROTTLED_FOR_S:
                self._end(task, TaskState.FAILED, None)
                return
            pause_s = min(self._pauses.throttled_s * 2**task.throttled, _LONGEST_PAUSE_S)
            task.throttled += 1
            self._retry(task, pause_s, None)

    def _retry(self, task: Task, pause_s: float, outcome: Outcome | None) -> None:
        self._move(task, TaskState.RETRYING, outcome)
        self._timeline.after(pause_s, lambda: self._attempt(task))

    def _end(self, task: Task, state: TaskState, outcome: Outcome | None) -> None:
        task.ended = self._timeline.now()
        self._move(task, state, outcome)
        task.destination = self._on_end(task, outcome)

    def _move(self, task: Task, state: TaskState, outcome: Outcome | None = None) -> None:
        task.state = state
        task.events.append(TaskEvent(state, self._timeline.now(), task.error[:_DETAIL]))
        self._on_change(task, outcome)


def destination_event(task: Task, outcome: Outcome, function_arn: str) -> bytes:
    """Return what a destination receives about an ended task."""
    return json.dumps(
        {
            "timestamp": _ms(task.ended),
            "requestContext": {
                "requestId": task.invocation.request_id,
                "functionArn": function_arn,
                "condition": outcome.error_type,
                "approximateInvokeCount": task.retries + 1,
            },
            "requestPayload": task.invocation.payload.decode(errors="replace"),
            "responseContext": {"statusCode": 200, "functionError": outcome.error_type},
            "responsePayload": outcome.body.decode(errors="replace"),
        }
    ).encode()
