"""The function `react`, composed. Most events end unread; what only the others need is imported for them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from multieip import __version__
from multieip.app.failures import is_cold, logged, refused
from multieip.clock import SystemClock
from multieip.errors import RequestError, RunFailedError
from multieip.events.triggers import read_triggers
from multieip.log import Log
from multieip.runs.concerned import Options
from multieip.runs.react import ReactResult, react, screen, tell
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.app.wiring import App
    from multieip.events.cloud_call import CloudCall


def handle(event: bytes, context: object) -> str:
    """Return what became of the events; raises where one must be delivered again."""
    request = str(getattr(context, "request_id", ""))
    log = Log(SystemClock()).with_fields(
        version=__version__,
        request=request,
        function=os.environ.get("FC_FUNCTION_NAME"),
        cold_start=is_cold(),
    )
    return logged(log, lambda: _handled(event, context, log))


def _handled(event: bytes, context: object, log: Log) -> str:
    options = Options.of(Settings.read(os.environ), os.environ.get("FC_ACCOUNT_ID", ""))
    try:
        calls, skipped = screen(read_triggers(event), options)
    except RequestError as error:
        return json.dumps(refused(log, error), ensure_ascii=False)
    tell(skipped, log)
    result = _wired(calls, context, options) if calls else ReactResult()
    result.skipped[:0] = skipped
    body = json.dumps(result.as_json(), ensure_ascii=False)
    if result.failed:
        raise RunFailedError(f"react: {len(result.failed)} not done", body)
    return body


def _wired(calls: Sequence[CloudCall], context: object, options: Options) -> ReactResult:
    from multieip.app.wiring import App  # noqa: PLC0415

    return start_binds(App.from_function(context), calls, options)


def start_binds(app: App, calls: Sequence[CloudCall], options: Options) -> ReactResult:
    """Start a `bind` for every group that the events concern; see `multieip.runs.react`."""
    from multieip.observe.directory import Directory  # noqa: PLC0415

    prefix = options.tag_prefix
    return react(
        calls,
        lambda region: Directory(app.api, region, prefix, app.parallel),
        app.invoker,
        app.log,
        options,
    )
