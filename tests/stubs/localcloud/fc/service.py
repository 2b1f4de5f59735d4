"""Function Compute: finds functions, invokes them at once or later, serves destinations."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final, Literal

from localcloud.eventbridge.bus import Pushed
from localcloud.fc.errors import FcError
from localcloud.fc.journal import Journal
from localcloud.fc.runner import Invocation, Outcome, Platform, Runner, new_request_id
from localcloud.fc.tasks import RetryPauses, Task, TaskQueue, destination_event

if TYPE_CHECKING:
    from localcloud.eventbridge.timeline import Timeline
    from localcloud.fc.model import Application, EventTrigger, FunctionConfig, TimerTrigger

MAX_SYNC_BYTES: Final = 32 * 1024 * 1024
MAX_ASYNC_BYTES: Final = 128 * 1024
_LATEST: Final = "LATEST"
_FUNCTION_ARN: Final = re.compile(r"acs:fc:[^:]*:[^:]*:functions/(?P<name>[^/]+?)(?:/(?P<qualifier>[^/]+))?")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What the cloud's documents leave open, and how the functions are seen from FC 2.0.

    `service` is the FC 2.0 service in which the same functions live; a function answers there to its resource
    name and to its full name. `async_flag_means` says what a true `asyncInvocationType` is: the documents
    contradict each other.
    """

    service: str = "multi-eip"
    async_flag_means: Literal["async", "sync"] = "async"
    pauses: RetryPauses = field(default_factory=RetryPauses)


class FunctionService:
    """The functions of one application in one account."""

    def __init__(
        self,
        application: Application,
        platform: Platform,
        timeline: Timeline,
        settings: ServiceSettings | None = None,
    ) -> None:
        """Take the functions; nothing runs yet."""
        self.settings = settings or ServiceSettings()
        self.platform = platform
        self.application = application
        self.timeline = timeline
        self.journal = Journal(timeline.now)
        self.runner = Runner(platform)
        self.tasks = TaskQueue(
            self.runner,
            timeline,
            pauses=self.settings.pauses,
            on_change=lambda task, outcome: self.journal.function(
                task.invocation, task.state.value, task_id=task.id, outcome=outcome, error=task.error
            ),
            on_end=self._serve_destination,
        )
        self._by_name = {function.name: function for function in application.functions.values()}

    def functions(self) -> list[FunctionConfig]:
        """Return every function, by name."""
        return [self._by_name[name] for name in sorted(self._by_name)]

    def find(self, name: str, service: str = "") -> FunctionConfig:
        """Return the function; FC 2.0 callers name its service too. Refuses with 404."""
        if not service:
            found = self._by_name.get(name)
            if found is None:
                raise FcError(404, "FunctionNotFound", f"function '{name}' does not exist")
            return found
        if service != self.settings.service:
            raise FcError(404, "ServiceNotFound", f"service '{service}' does not exist")
        found = self._by_name.get(name) or self.application.functions.get(name)
        if found is None:
            raise FcError(404, "FunctionNotFound", f"function '{name}' does not exist in service '{service}'")
        return dataclasses.replace(found, name=name)

    def arn(self, function: FunctionConfig) -> str:
        """Return the function's ARN."""
        return f"acs:fc:{function.region}:{self.platform.account_id}:functions/{function.name}"

    def request(
        self, function: FunctionConfig, payload: bytes, *, service: str = "", qualifier: str = _LATEST
    ) -> Invocation:
        """Return a new request for the function, with an id of its own."""
        if qualifier != _LATEST:
            raise FcError(
                404, "VersionNotFound", f"qualifier '{qualifier}' of '{function.name}' does not exist"
            )
        return Invocation(function, new_request_id(), payload, service, qualifier)

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run the function now and return how it ended; a function error is an outcome."""
        _check_size(invocation.payload, MAX_SYNC_BYTES)
        self.journal.function(invocation, "Running")
        try:
            outcome = self.runner.run(invocation)
        except FcError as error:
            self.journal.function(invocation, "Refused", error=str(error))
            raise
        self.journal.function(invocation, "Failed" if outcome.failed else "Succeeded", outcome=outcome)
        return outcome

    def enqueue(self, invocation: Invocation, task_id: str = "") -> Task:
        """Accept the request for later; a repeated task id is refused with 409."""
        _check_size(invocation.payload, MAX_ASYNC_BYTES)
        return self.tasks.submit(invocation, task_id)

    def fire_timer(self, function: FunctionConfig, trigger: TimerTrigger) -> Task:
        """Do what the timer does when its time comes."""
        now = datetime.fromtimestamp(self.timeline.now(), timezone.utc)
        event = {
            "triggerTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "triggerName": trigger.name,
            "payload": trigger.payload,
        }
        return self.enqueue(self.request(function, json.dumps(event).encode()))

    def push(self, function: FunctionConfig, trigger: EventTrigger, event: bytes) -> Pushed:
        """Take one event from EventBridge as the trigger says: now, or into the queue."""
        asynchronous = trigger.async_flag == (self.settings.async_flag_means == "async")
        try:
            invocation = self.request(function, event)
            if asynchronous:
                self.enqueue(invocation)
                return Pushed(True, 202, invocation.request_id)
            outcome = self.invoke(invocation)
        except FcError as error:
            return Pushed(False, error.status, detail=str(error))
        return Pushed(not outcome.failed, 200, outcome.request_id, outcome.error_message())

    def close(self) -> None:
        """End every function; may be called twice."""
        self.runner.close()

    def _serve_destination(self, task: Task, outcome: Outcome | None) -> str:
        config = task.invocation.function.asynchronous
        if outcome is None:
            return ""
        arn = config.on_failure if outcome.failed else config.on_success
        if not arn:
            return ""
        match = _FUNCTION_ARN.fullmatch(arn)
        if match is None:
            return f"Unsupported: {arn} is no function, and nothing else is a destination here"
        try:
            target = self.find(match["name"])
            event = destination_event(task, outcome, self.arn(task.invocation.function))
            self.enqueue(self.request(target, event, qualifier=match["qualifier"] or _LATEST))
        except FcError as error:
            return f"Failed: {error}"
        return "Succeeded"


def _check_size(payload: bytes, limit: int) -> None:
    if len(payload) > limit:
        raise FcError(400, "EntityTooLarge", f"payload size exceeds maximum allowed size ({limit} bytes)")
