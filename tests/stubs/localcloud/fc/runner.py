"""Runs handlers as Function Compute does: processes that serve one request at a time and are used again."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from localcloud.fc.errors import FcError
from localcloud.fc.instance import Answer, Instance, Launch
from localcloud.fc.interpreters import interpreter_for

if TYPE_CHECKING:
    from localcloud.fc.model import FunctionConfig

UNHANDLED: Final = "UnhandledInvocationError"
_HOST_VARIABLES: Final = ("PATH", "HOME", "LANG")

Keys = tuple[str, str, str]
IssueCredentials = Callable[[str, str], Keys]


@dataclass(frozen=True, slots=True)
class Platform:
    """What every function of one account shares."""

    account_id: str
    region: str
    issue_credentials: IssueCredentials
    extra_environment: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable
    session: str = "fc-session"
    max_instances: int = 300
    idle_instances: int = 8


@dataclass(frozen=True, slots=True)
class Invocation:
    """One request for one function. `service` is empty on FC 3.0."""

    function: FunctionConfig
    request_id: str
    payload: bytes
    service: str = ""
    qualifier: str = "LATEST"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended. `error_type` is FC's header; empty means success."""

    request_id: str
    body: bytes
    error_type: str
    cause: str  # "", "raised", "timeout", "exited"
    log: bytes
    duration_ms: int
    instance_id: str

    @property
    def failed(self) -> bool:
        """Whether it was a function error."""
        return bool(self.error_type)

    def error_message(self) -> str:
        """Return the function's own message, empty when it succeeded."""
        if not self.failed:
            return ""
        try:
            return str(json.loads(self.body).get("errorMessage", ""))
        except (ValueError, AttributeError):
            return self.body.decode(errors="replace")


# Service, function, and its revision: an instance never serves code that it was not started with.
_Key = tuple[str, str, int]


class Runner:
    """A pool of instances. `run` blocks until the function has ended; it is thread-safe."""

    def __init__(self, platform: Platform) -> None:
        """Start nothing yet."""
        self._platform = platform
        self._lock = threading.Lock()
        self._idle: dict[_Key, list[Instance]] = {}
        self._busy: dict[str, tuple[_Key, Instance]] = {}
        self._starting: list[_Key] = []
        self._closed = False

    def run(self, invocation: Invocation) -> Outcome:
        """Run one request on an idle or a new instance; FcError 429 when there may be no more."""
        key = (invocation.service, invocation.function.name, invocation.function.revision)
        instance = self._acquire(key, invocation)
        started = time.monotonic()
        try:
            answer = instance.ask(self._header(invocation), invocation.payload, invocation.function.timeout_s)
            duration_ms = round((time.monotonic() - started) * 1000)
            return _outcome(invocation, instance, answer, duration_ms)
        finally:
            self._release(key, invocation.request_id, instance)

    def running(self) -> dict[str, int]:
        """Return the process id of each request that runs now."""
        with self._lock:
            return {request_id: instance.pid for request_id, (_, instance) in self._busy.items()}

    def live_log(self, request_id: str) -> bytes:
        """Return what a running request has logged so far; empty when it does not run."""
        with self._lock:
            entry = self._busy.get(request_id)
            return entry[1].log() if entry else b""

    def kill(self, request_id: str) -> bool:
        """End the instance that serves a request, as a crash would; say whether there was one."""
        with self._lock:
            entry = self._busy.get(request_id)
        if entry:
            entry[1].kill()
        return entry is not None

    def retire(self, name: str, revisions: Collection[int]) -> None:
        """End the idle instances of a function whose revisions are served no more."""
        with self._lock:
            gone = [key for key in self._idle if key[1] == name and key[2] not in revisions]
            instances = [each for key in gone for each in self._idle.pop(key)]
        for instance in instances:
            instance.discard()

    def close(self) -> None:
        """End every instance, also those that are busy; may be called twice."""
        with self._lock:
            self._closed = True
            idle = [instance for pool in self._idle.values() for instance in pool]
            busy = [instance for _, instance in self._busy.values()]
            self._idle.clear()
        for instance in idle:
            instance.discard()
        for instance in busy:
            instance.kill()

    def _acquire(self, key: _Key, invocation: Invocation) -> Instance:
        reserved = invocation.function.reserved_concurrency
        with self._lock:
            if self._closed:
                raise FcError(503, "ServiceUnavailable", "the local cloud is shutting down")
            in_use = [each[:2] for each, _ in self._busy.values()] + [each[:2] for each in self._starting]
            if reserved is not None and in_use.count(key[:2]) >= reserved:
                raise FcError(
                    429, "ResourceExhausted", f"function {key[1]}: reserved concurrency is {reserved}"
                )
            if len(in_use) >= self._platform.max_instances:
                raise FcError(
                    429, "ResourceExhausted", f"{self._platform.max_instances} instances are in use"
                )
            pool = self._idle.get(key)
            if pool:
                instance = pool.pop()
                self._busy[invocation.request_id] = (key, instance)
                return instance
            self._starting.append(key)
        return self._start(key, invocation)

    def _start(self, key: _Key, invocation: Invocation) -> Instance:
        function = invocation.function
        interpreter = interpreter_for(function.runtime) if function.deployed else None
        launch = Launch(
            python=interpreter.program if interpreter else self._platform.python,
            code_dir=function.code_dir,
            initializer=function.initializer,
            environment=self._environment(invocation),
            memory_mb=function.memory_mb,
            alone=function.deployed,
            remark=interpreter.remark if interpreter else "",
        )
        try:
            instance = Instance(launch)
        except OSError as error:
            raise FcError(
                500, "InternalServerError", f"function {key[1]} cannot be started: {error}"
            ) from error
        else:
            with self._lock:
                self._busy[invocation.request_id] = (key, instance)
                too_late = self._closed
            if too_late:  # closing has not seen this one
                instance.kill()
            return instance
        finally:
            with self._lock:
                self._starting.remove(key)

    def _release(self, key: _Key, request_id: str, instance: Instance) -> None:
        surplus: list[Instance] = []
        with self._lock:
            self._busy.pop(request_id, None)
            if self._closed or not instance.alive():
                surplus.append(instance)
            else:
                pool = self._idle.setdefault(key, [])
                pool.append(instance)
                surplus += pool[: -self._platform.idle_instances]
                del pool[: -self._platform.idle_instances]
        for each in surplus:
            each.discard()

    def _environment(self, invocation: Invocation) -> dict[str, str]:
        function, platform = invocation.function, self._platform
        key_id, secret, token = self._keys(function)
        folders = (function.code_dir, function.shared_dir)
        environment = {name: os.environ[name] for name in _HOST_VARIABLES if name in os.environ}
        environment |= {
            "PYTHONPATH": os.pathsep.join(str(each) for each in folders if each is not None),
            "PYTHONUNBUFFERED": "1",
            "FC_FUNC_CODE_PATH": str(function.code_dir),
            "FC_ACCOUNT_ID": platform.account_id,
            "FC_REGION": function.region,
            "FC_FUNCTION_NAME": function.name,
            "FC_FUNCTION_HANDLER": function.handler,
            "FC_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "FC_VER_ID": function.version,
        }
        if key_id:
            environment |= {"ALIBABA_CLOUD_ACCESS_KEY_ID": key_id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret}
        if token:  # the runtime of a function always has one; a user's own keys have none
            environment["ALIBABA_CLOUD_SECURITY_TOKEN"] = token
        if invocation.service:
            environment |= {"FC_SERVICE_NAME": invocation.service, "FC_QUALIFIER": invocation.qualifier}
        return environment | dict(platform.extra_environment) | dict(function.environment)

    def _keys(self, function: FunctionConfig) -> Keys:
        """Return temporary credentials of the function's role; without a role there are none."""
        if not function.role:
            return ("", "", "")
        return self._platform.issue_credentials(function.role, self._platform.session)

    def _header(self, invocation: Invocation) -> dict[str, object]:
        function, platform = invocation.function, self._platform
        key_id, secret, token = self._keys(function)
        return {
            "request_id": invocation.request_id,
            "credentials": {"access_key_id": key_id, "access_key_secret": secret, "security_token": token},
            "function": {
                "name": function.name,
                "handler": function.handler,
                "memory": function.memory_mb,
                "timeout": function.timeout_s,
            },
            "service": {
                "name": invocation.service,
                "log_project": "",
                "log_store": "",
                "qualifier": invocation.qualifier,
                "version_id": function.version,
            },
            "region": function.region,
            "account_id": platform.account_id,
        }


def new_request_id() -> str:
    """Return a request id in the cloud's form."""
    raw = uuid.uuid4().hex
    return f"1-{raw[:8]}-{raw[8:16]}-{raw[16:28]}"


def _outcome(invocation: Invocation, instance: Instance, answer: Answer, duration_ms: int) -> Outcome:
    body, cause = answer.body, answer.ended or ("raised" if answer.failed else "")
    if answer.ended == "timeout":
        body = _message(f"Function timed out after {invocation.function.timeout_s} seconds")
    elif answer.ended == "exited":
        body = _message(f"Process exited unexpectedly before completing request (duration: {duration_ms}ms)")
    request_id = invocation.request_id
    remark = f"local cloud: {instance.remark}\n" if instance.remark else ""
    log = b"FC Invoke Start RequestId: %b\n%b%bFC Invoke End RequestId: %b\n" % (
        request_id.encode(),
        remark.encode(),
        instance.log(),
        request_id.encode(),
    )
    error_type = UNHANDLED if answer.failed else ""
    return Outcome(request_id, body, error_type, cause, log, duration_ms, instance.id)


def _message(text: str) -> bytes:
    return json.dumps({"errorMessage": text}).encode()
