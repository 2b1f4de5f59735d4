"""A run of `bind` from its first look on: the loop, and everything that it may come to need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from multieip.errors import RunFailedError
from multieip.permissions import whose_keys
from multieip.runs.bind import Binder
from multieip.runs.bind_request import Action
from multieip.runs.bind_result import RunState
from multieip.runs.outside import Outside
from multieip.runs.terms import Terms
from multieip.runs.waiting import Durations

if TYPE_CHECKING:
    from multieip.app.wiring import App
    from multieip.observe.group import Observer
    from multieip.ports import Json
    from multieip.runs.bind_request import BindRequest
    from multieip.runs.bind_result import RunResult


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
    _tell(app, request, result, outside)
    body = result.as_json()
    if result.state is RunState.FAILED:
        raise RunFailedError(f"bind {name}: {result.message}", json.dumps(body, ensure_ascii=False))
    return body


def _tell(app: App, request: BindRequest, result: RunResult, outside: Outside) -> None:
    """Let a person hear of a group that waits for one, where there is a robot to hear it from."""
    name = request.target.name
    if not app.settings.webhook or not app.deployed or name is None:
        return
    from multieip.runs.person import PersonCaller, still_waits, why_a_person  # noqa: PLC0415

    if request.tell and not still_waits(result):
        outside.log.say("not told", reason="the group waits for nobody any more")
    elif request.tell:
        from multieip.app.robot import tell_group  # noqa: PLC0415

        tell_group(app, outside.log, request.tell, result.as_json())
    elif request.action is not Action.PLAN and (why := why_a_person(result)):
        caller = PersonCaller(app.invoker, app.clock, outside.log, app.account, app.settings.tag_prefix)
        caller.call(request.target.region, name, why)


def _terms(app: App) -> Terms:
    settings = app.settings
    return Terms(
        app.deadline,
        settings.max_turns,
        app.request_id,
        fresh_s=settings.fresh_seconds,
        patience_s=settings.patience_seconds,
        rule_priority=settings.rule_priority,
        only=settings.only_groups,
        account=app.account,
        tag_prefix=settings.tag_prefix,
        keys=whose_keys("bind", deployed=app.deployed),
    )
