"""The function `sweep`: every group of every region, its findings, and repairs where asked for."""  # noqa: INP001

from __future__ import annotations

import json
import uuid

from multieip.app import App
from multieip.errors import RunFailedError
from multieip.events import Timer, payload_of, read_trigger
from multieip.report.as_json import as_json
from multieip.sweep import Outside, Sweep, Terms
from multieip.sweep_request import read_sweep_request


def handler(event: bytes, context: object) -> str:
    """Return the report as JSON; raises where not one region could be read."""
    trigger = read_trigger(event)
    request = read_sweep_request(payload_of(trigger))
    app = App.from_function(context)
    cause = f"{trigger.name} {trigger.time}" if isinstance(trigger, Timer) else app.request_id
    terms = Terms.of(app.settings, app.catalog, deadline=app.deadline, cause=cause)
    outside = Outside(app.api, app.clock, app.invoker, app.log, lambda: uuid.uuid4().hex)
    report = Sweep(request, outside, terms).run()
    body = json.dumps(as_json(report), ensure_ascii=False)
    if report.unread and not report.regions:
        raise RunFailedError(f"sweep: none of {len(report.unread)} regions could be read", body)
    return body
