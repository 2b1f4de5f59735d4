"""The function `bind`, composed: one group, from its payload to its result.

Here is what the first look takes. What comes after it is imported while that look is under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.app.wiring import on_event
from multieip.cloud.catalog import catalog
from multieip.errors import SettingsError
from multieip.events.triggers import payload_of, read_trigger
from multieip.observe.group import Observer
from multieip.runs.bind_payload import read_request

if TYPE_CHECKING:
    from multieip.app.wiring import App
    from multieip.model.facts import Target
    from multieip.ports import Json
    from multieip.runs.bind_request import BindRequest
    from multieip.runs.waiting import Durations


def handle(event: bytes, context: object) -> str:
    """Decode, run `bind`, encode. Settings that leave a run no time are refused before anything is read."""
    return on_event(_run, event, context)


def _run(app: App, raw: bytes) -> Json:
    faults = app.settings.against_timeout(app.timeout_s)
    if faults:
        raise SettingsError(faults)
    request, observer = _begun(app, payload_of(read_trigger(raw or b"{}")))
    from multieip.app.bind_run import DURATIONS, run  # noqa: PLC0415  while the first look is under way

    return run(app, request, observer, DURATIONS)


def bind(app: App, payload: object, durations: Durations | None = None) -> Json:
    """Run `bind` for one payload and return its result as data; see `multieip.app.bind_run.run`.

    `durations` is what earlier runs learnt of how long changes take.
    """
    request, observer = _begun(app, payload)
    from multieip.app.bind_run import run  # noqa: PLC0415

    return run(app, request, observer, durations)


def _begun(app: App, payload: object) -> tuple[BindRequest, Observer]:
    settings = app.settings
    request = read_request(payload, region=settings.region, settle_seconds=settings.settle_seconds)
    observer = _observer(app, request.target)
    # One thread imports what calls take; reads side by side would all wait for the first of them.
    app.load()
    if request.waits is None:
        observer.begin()
    return request, observer


def _observer(app: App, target: Target) -> Observer:
    settings = app.settings
    return Observer(
        app.api,
        target,
        catalog(settings.extra_regions, settings.extra_families),
        prefix=settings.tag_prefix,
        clock=app.clock,
        parallel=app.parallel,
        bind_while_attached=settings.bind_while_attached,
    )
