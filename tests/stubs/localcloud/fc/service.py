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
from localcloud.fc.firing import Firing
from localcloud.fc.journal import Journal
from localcloud.fc.objects import ObjectStore
from localcloud.fc.packages import Packages
from localcloud.fc.published import LATEST
from localcloud.fc.registry import Registry
from localcloud.fc.runner import Invocation, Outcome, Platform, Runner, new_request_id
from localcloud.fc.tasks import RetryPauses, Task, TaskQueue, destination_event

if TYPE_CHECKING:
    from localcloud.eventbridge import EventBus
    from localcloud.eventbridge.timeline import Timeline
    from localcloud.fc.model import Application, EventTrigger, FunctionConfig, TimerTrigger

MAX_SYNC_BYTES: Final = 32 * 1024 * 1024
MAX_ASYNC_BYTES: Final = 128 * 1024
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
        # What went to queues, topics and buses that are not here, by their ARNs.
        self.kept: dict[str, list[bytes]] = {}
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
        self.packages = Packages()
        self.objects = ObjectStore()
        self.registry = Registry(timeline.now)
        for function in application.functions.values():
            self.registry.adopt(function)

    def connect(self, bus: EventBus, *, timers: bool) -> None:
        """Let triggers work on this bus; with `timers` those fire by themselves."""
        self.registry.connect(Firing(self, bus, timers=timers))

    def functions(self) -> list[FunctionConfig]:
        """Return every function, by name."""
        return [self.registry.get(name).config for name in self.registry.names()]

    def find(self, name: str, service: str = "", qualifier: str = LATEST) -> FunctionConfig:
        """Return what runs for a qualifier; FC 2.0 callers name the service too. Refuses with 404."""
        if not service:
            return self.registry.resolve(name, qualifier)
        own = service == self.settings.service
        if not own and service not in self.registry.services:
            raise FcError(404, "ServiceNotFound", f"service '{service}' does not exist")
        for key in (f"{service}${name}", *([name, self._full_name(name)] if own else [])):
            if self.registry.has(key):
                return dataclasses.replace(self.registry.resolve(key, qualifier, service), name=name)
        raise FcError(404, "FunctionNotFound", f"function '{name}' does not exist in service '{service}'")

    def _full_name(self, resource: str) -> str:
        known = self.application.functions.get(resource)
        return known.name if known else resource

    def keep(self, arn: str, message: bytes, why: str) -> None:
        """Keep a message for a queue, a topic or a bus that is not here; `localcloud log` shows it."""
        self.kept.setdefault(arn, []).append(message)
        self.journal.kept(arn, message, why)

    def arn(self, function: FunctionConfig) -> str:
        """Return the function's ARN."""
        return f"acs:fc:{function.region}:{self.platform.account_id}:functions/{function.name}"

    def request(
        self, function: FunctionConfig, payload: bytes, *, service: str = "", qualifier: str = LATEST
    ) -> Invocation:
        """Return a new request for the function, with an id of its own."""
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

    def push(self, name: str, trigger: EventTrigger, event: bytes, qualifier: str = LATEST) -> Pushed:
        """Take one event from EventBridge as the trigger says: now, or into the queue."""
        asynchronous = trigger.async_flag == (self.settings.async_flag_means == "async")
        try:
            invocation = self.request(self.find(name, qualifier=qualifier), event, qualifier=qualifier)
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
        self.packages.close()

    def _serve_destination(self, task: Task, outcome: Outcome | None) -> str:
        config = task.invocation.function.asynchronous
        if outcome is None:
            return ""
        arn = config.on_failure if outcome.failed else config.on_success
        if not arn:
            return ""
        event = destination_event(task, outcome, self.arn(task.invocation.function))
        match = _FUNCTION_ARN.fullmatch(arn)
        if match is None:
            self.keep(arn, event, f"destination of {task.invocation.function.name}")
            return "Succeeded"
        try:
            qualifier = match["qualifier"] or LATEST
            target = self.find(match["name"], qualifier=qualifier)
            self.enqueue(self.request(target, event, qualifier=qualifier))
        except FcError as error:
            return f"Failed: {error}"
        return "Succeeded"


def _check_size(payload: bytes, limit: int) -> None:
    if len(payload) > limit:
        raise FcError(400, "EntityTooLarge", f"payload size exceeds maximum allowed size ({limit} bytes)")
