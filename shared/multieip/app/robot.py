"""What the robot of the settings hears: a report's short form, or one group that waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.cloud.webhook import post
from multieip.errors import CloudError
from multieip.report.line import whole
from multieip.report.markdown import group_message, render_markdown, robot_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.app.wiring import App
    from multieip.log import Log
    from multieip.ports import Json


def tell_report(app: App, body: Json) -> None:
    """Send the report's short form."""
    _send(app, app.log, lambda: render_markdown(whole(body)))


def tell_group(app: App, log: Log, why: str, result: Json) -> None:
    """Send why a group waits, and what a dry run shows of it now."""
    _send(app, log, lambda: group_message(why, result))


def _send(app: App, log: Log, text: Callable[[], str]) -> None:
    """Send a message; one that does not arrive is logged, nothing more."""
    address = app.settings.webhook
    if not address:
        log.say("not told", level="warning", reason="MULTI_EIP_WEBHOOK is not set")
        return
    try:
        post(address, robot_message(address, text()))
    except CloudError as error:
        log.say("not told", level="warning", reason=str(error))
    else:
        log.say("told")
