"""The function `sweep`, composed: every group of every region, from a timer or a payload to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.app.wiring import on_event
from multieip.cloud.catalog import catalog
from multieip.errors import RunFailedError
from multieip.events.triggers import TimerEvent, payload_of, read_trigger
from multieip.runs.sweep import Sweep
from multieip.runs.sweep_request import read_sweep_request
from multieip.runs.sweep_terms import PIECE, SweepOutside, SweepTerms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from multieip.app.wiring import App
    from multieip.ports import Json
    from multieip.report.growing import Report


def handle(event: bytes, context: object) -> str:
    """Decode, run `sweep`, encode."""
    return on_event(_on_trigger, event, context)


def _on_trigger(app: App, event: bytes) -> str:
    trigger = read_trigger(event)
    payload, cause = payload_of(trigger), app.request_id
    if isinstance(trigger, TimerEvent):
        # Nobody waits for the answer of a call by timer, and a repeated delivery of one has this in common.
        payload, cause = {"keep": True, **payload}, f"{trigger.name} {trigger.time}"
    return "".join(run(app, payload, cause).pieces())


def sweep(app: App, payload: Mapping[str, Any], cause: str, *, piece: int = PIECE) -> Json:
    """Run `sweep` for one payload and return its report as data; raises like `run`."""
    return run(app, payload, cause, piece=piece).data()


def run(app: App, payload: Mapping[str, Any], cause: str, *, piece: int = PIECE) -> Report:
    """Run `sweep` for one payload and return its report; `piece` groups are read at a time.

    Raises `RequestError` for a payload that cannot be understood, `RunFailedError` where not one region
    could be read.
    """
    settings = app.settings
    request = read_sweep_request(payload)
    known = catalog(settings.extra_regions, settings.extra_families)
    account = app.account if settings.webhook and app.deployed else None
    terms = SweepTerms.of(settings, known, deadline=app.deadline, cause=cause, piece=piece, calls_for=account)
    outside = SweepOutside(app.api, app.clock, app.invoker, app.log, app.new_token, app.parallel)
    report = Sweep(request, outside, terms).run()
    app.log.say("swept", **report.summary())
    if request.keep and settings.report_bucket:
        from multieip.app.keeping import keep_report  # noqa: PLC0415  hardly a sweep is kept

        keep_report(app, report, request.cursor.cause if request.cursor else cause)
    if request.tell:
        # Only a sweep that tells somebody loads it.
        from multieip.app.robot import tell_report  # noqa: PLC0415

        tell_report(app, report.data())
    if report.head["unread"] and not report.head["totals"]["regions"]:
        message = f"sweep: none of {len(report.head['unread'])} regions could be read"
        raise RunFailedError(message, "".join(report.pieces()))
    return report
