"""A run of `bind` from its first look on: the loop, and everything that it may come to need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from multieip.errors import RunFailedError
from multieip.permissions import whose_keys
from multieip.runs.bind import Binder
from multieip.runs.bind_result import RunState
from multieip.runs.outside import Outside
from multieip.runs.terms import Terms
from multieip.runs.waiting import Durations

if TYPE_CHECKING:
    from multieip.app.wiring import App
    from multieip.observe.group import Observer
    from multieip.ports import Json
    from multieip.runs.bind_request import BindRequest


DURATIONS: Final = Durations()
"""How long changes took, over all calls that this process serves; nothing else outlives a call."""


def run(app: App, request: BindRequest, observer: Observer, durations: Durations | None) -> Json:
    """Run a request and return its result as data.

    Raises `RunFailedError` where the run ended in state `failed`, so that whoever called (Function Compute's
    retry, a shell) notices.
    """
    target = request.target
    name = target.name or (target.explicit.label if target.explicit else "")
    outside = Outside(
        app.api,
        app.clock,
        app.invoker,
        app.log.with_fields(group=name, region=target.region, turn=request.turn or None),
        app.calls,
        app.new_token,
        durations or Durations(),
        lambda: app.settings.writes and app.writable(),
    )
    result = Binder(request, observer, outside, _terms(app)).run()
    body = result.as_json()
    if result.state is RunState.FAILED:
        raise RunFailedError(f"bind {name}: {result.message}", json.dumps(body, ensure_ascii=False))
    return body


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
