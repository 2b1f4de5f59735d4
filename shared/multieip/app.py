"""The composition root: settings → adapters → use cases. The only place that wires."""

from __future__ import annotations

import json
import os
import uuid
from typing import TYPE_CHECKING, Any, Final

from multieip.clock import SystemClock
from multieip.cloud.api import Limits, SdkApi
from multieip.cloud.catalog import catalog
from multieip.cloud.credentials import Credentials, find_credentials
from multieip.cloud.fc import FunctionInvoker, Place
from multieip.dataclass import dataclass
from multieip.errors import MultiEipError, RunFailedError
from multieip.events.triggers import Timer, payload_of, read_trigger
from multieip.log import CallLog, Log
from multieip.observe.directory import Directory
from multieip.observe.group import Observer
from multieip.report.as_json import as_json
from multieip.runs.bind import Binder, Terms
from multieip.runs.bind_request import read_request
from multieip.runs.bind_result import RunState
from multieip.runs.outside import Outside
from multieip.runs.react import react
from multieip.runs.sweep import Outside as SweepOutside
from multieip.runs.sweep import Sweep
from multieip.runs.sweep import Terms as SweepTerms
from multieip.runs.sweep_request import read_sweep_request
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multieip.events.triggers import CloudCall
    from multieip.model.facts import Catalog
    from multieip.ports import Api, Clock, Invoker
    from multieip.runs.react import Options as ReactOptions
    from multieip.runs.react import ReactResult

_LONGEST_RUN_S: Final = 600.0
"""What a run takes for its limit where nobody says one (a call outside of Function Compute)."""


@dataclass(frozen=True, slots=True)
class App:
    """Everything a use case needs, wired for one invocation."""

    settings: Settings
    api: Api
    clock: Clock
    invoker: Invoker
    log: Log
    calls: CallLog
    catalog: Catalog
    deadline: float
    request_id: str = ""

    @classmethod
    def from_function(cls, context: object, environ: Mapping[str, str] | None = None) -> App:
        """Wire the real adapters from what the runtime gives: its environment and the call's context."""
        environ = os.environ if environ is None else environ
        settings = Settings.read(environ)
        clock = SystemClock()
        request_id = str(getattr(context, "request_id", "") or "")
        log = Log(clock).bind(request=request_id, function=environ.get("FC_FUNCTION_NAME", ""))
        calls = CallLog(log)

        def credentials() -> Credentials:
            return find_credentials(environ, context)

        place = Place.of(
            environ, region=settings.region, prefix=settings.function_prefix, endpoint=settings.endpoint
        )
        deadline = clock.monotonic() + _time_limit(context) - settings.deadline_margin_seconds
        return cls(
            settings=settings,
            api=SdkApi(
                credentials, clock, calls, endpoint=settings.endpoint, limits=Limits(ends_at=deadline)
            ),
            clock=clock,
            invoker=FunctionInvoker(place, credentials, clock, calls),
            log=log,
            calls=calls,
            catalog=catalog(settings.extra_regions, settings.extra_families),
            deadline=deadline,
            request_id=request_id,
        )

    def bind(self, payload: object) -> dict[str, Any]:
        """Run `bind` for one payload and return its result as data.

        Raises `RequestError` for a payload that cannot be understood, `RunFailedError` where the run ended in
        state `failed`, so that whoever called (Function Compute's retry, a shell) notices.
        """
        settings = self.settings
        request = read_request(payload, region=settings.region, settle_seconds=settings.settle_seconds)
        target = request.target
        name = target.name or (target.explicit.label if target.explicit else "")
        log = self.log.bind(group=name, region=target.region, turn=request.turn or None)
        observer = Observer(
            self.api,
            target,
            self.catalog,
            prefix=settings.tag_prefix,
            clock=self.clock,
            bind_while_attached=settings.bind_while_attached,
        )
        outside = Outside(self.api, self.clock, self.invoker, log, self.calls, _new_token)
        terms = Terms(self.deadline, settings.max_turns, self.request_id)
        result = Binder(request, observer, outside, terms).run()
        body = result.as_json()
        if result.state is RunState.FAILED:
            raise RunFailedError(f"bind {name}: {result.message}", json.dumps(body, ensure_ascii=False))
        return body

    def react(self, calls: Sequence[CloudCall], options: ReactOptions) -> ReactResult:
        """Start a `bind` for every group that the events concern; see `multieip.react`."""
        prefix = options.tag_prefix
        return react(calls, lambda r: Directory(self.api, r, prefix), self.invoker, self.log, options)

    def sweep(self, payload: Mapping[str, Any], cause: str) -> dict[str, Any]:
        """Run `sweep` for one payload and return its report as data.

        Raises `RequestError` for a payload that cannot be understood, `RunFailedError` where not one region
        could be read.
        """
        request = read_sweep_request(payload)
        terms = SweepTerms.of(self.settings, self.catalog, deadline=self.deadline, cause=cause)
        outside = SweepOutside(self.api, self.clock, self.invoker, self.log, _new_token)
        report = Sweep(request, outside, terms).run()
        body = as_json(report)
        if report.unread and not report.regions:
            message = f"sweep: none of {len(report.unread)} regions could be read"
            raise RunFailedError(message, json.dumps(body, ensure_ascii=False))
        return body


def run_bind(event: bytes, context: object) -> str:
    """Decode, run `bind`, encode: the whole of the bind function."""
    app = App.from_function(context)
    try:
        return json.dumps(app.bind(payload_of(read_trigger(event or b"{}"))), ensure_ascii=False)
    except MultiEipError as error:
        app.log.say("failed", error=type(error).__name__, message=str(error))
        raise


def run_sweep(event: bytes, context: object) -> str:
    """Decode, run `sweep`, encode: the whole of the sweep function."""
    app = App.from_function(context)
    trigger = read_trigger(event)
    # What a repeated delivery of one timer has in common; a call by hand stands for itself.
    cause = f"{trigger.name} {trigger.time}" if isinstance(trigger, Timer) else app.request_id
    return json.dumps(app.sweep(payload_of(trigger), cause), ensure_ascii=False)


def _time_limit(context: object) -> float:
    """Return the function's timeout in seconds; Python 3.10's context carries it, a shell does not."""
    limit = getattr(getattr(context, "function", None), "timeout", None)
    try:
        return float(str(limit))
    except ValueError:
        return _LONGEST_RUN_S


def _new_token() -> str:
    return uuid.uuid4().hex
