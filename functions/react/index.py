"""The function `react`: events of the cloud → one asynchronous `bind` per group."""

from __future__ import annotations

import json
import os

from multieip.clock import SystemClock
from multieip.errors import RunFailedError
from multieip.events.triggers import read_triggers
from multieip.log import Log
from multieip.runs.react import Options, ReactResult, screen, tell
from multieip.settings import Settings


def handler(event: bytes, context: object) -> str:
    """Return what became of the events; raises where one must be delivered again."""
    options = Options.of(Settings.read(os.environ))
    calls, skipped = screen(read_triggers(event), options)
    request = str(getattr(context, "request_id", ""))
    tell(skipped, Log(SystemClock()).bind(request=request, function=os.environ.get("FC_FUNCTION_NAME")))
    result = ReactResult()
    if calls:
        # Most events end above; only the others pay for the adapters and the SDK behind them.
        from multieip.app import App  # noqa: PLC0415

        result = App.from_function(context).react(calls, options)
    result.skipped[:0] = skipped
    body = json.dumps(result.as_json(), ensure_ascii=False)
    if result.failed:
        raise RunFailedError(f"react: {len(result.failed)} not done", body)
    return body
