"""The function `bind`, composed: one group, from its payload to its result."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from multieip.app.wiring import on_event
from multieip.cloud.catalog import catalog
from multieip.errors import RunFailedError, SettingsError
from multieip.events.triggers import payload_of, read_trigger
from multieip.observe.group import Observer
from multieip.permissions import whose_keys
from multieip.runs.bind import Binder
from multieip.runs.bind_payload import read_request
from multieip.runs.bind_result import RunState
from multieip.runs.outside import Outside
from multieip.runs.terms import Terms
from multieip.runs.waiting import Durations

if TYPE_CHECKING:
    from multieip.app.wiring import App
    from multieip.model.facts import Target
    from multieip.ports import Json


_DURATIONS: Final = Durations()
"""How long changes took, over all calls that this process serves; nothing else outlives a call."""


def handle(event: bytes, context: object) -> str:
    """Decode, run `bind`, encode. Settings that leave a run no time are refused before anything is read."""
    return on_event(_run, event, context)


def _run(app: App, raw: bytes) -> Json:
    faults = app.settings.against_timeout(app.timeout_s)
    if faults:
        raise SettingsError(faults)
    return bind(app, payload_of(read_trigger(raw or b"{}")), _DURATIONS)


def bind(app: App, payload: object, durations: Durations | None = None) -> Json:
    """Run `bind` for one payload and return its result as data; `durations` is what earlier runs learnt.

    Raises `RequestError` for a payload that cannot be understood, `RunFailedError` where the run ended in
    state `failed`, so that whoever called (Function Compute's retry, a shell) notices.
    """
    settings = app.settings
    request = read_request(payload, region=settings.region, settle_seconds=settings.settle_seconds)
    target = request.target
    name = target.name or (target.explicit.label if target.explicit else "")
    log = app.log.with_fields(group=name, region=target.region, turn=request.turn or None)
    outside = Outside(
        app.api,
        app.clock,
        app.invoker,
        log,
        app.calls,
        app.new_token or new_token,
        durations or Durations(),
        lambda: settings.writes and app.writable(),
    )
    result = Binder(request, _observer(app, target), outside, _terms(app)).run()
    body = result.as_json()
    if result.state is RunState.FAILED:
        raise RunFailedError(f"bind {name}: {result.message}", json.dumps(body, ensure_ascii=False))
    return body


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


def _terms(app: App) -> Terms:
    settings = app.settings
    return Terms(
        app.deadline,
        settings.max_turns,
        app.request_id,
        fresh_s=settings.fresh_seconds,
        patience_s=settings.patience_seconds,
        only=settings.only_groups,
        account=app.account,
        tag_prefix=settings.tag_prefix,
        keys=whose_keys("bind", deployed=app.deployed),
    )


def new_token() -> str:
    """Return a ClientToken that nobody has used."""
    return os.urandom(16).hex()
