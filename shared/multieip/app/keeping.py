"""A report in a bucket: the answer of a call by timer goes nowhere, and the log has lines only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multieip.cloud.oss import Bucket
from multieip.errors import MultiEipError

if TYPE_CHECKING:
    from multieip.app.wiring import App
    from multieip.report.growing import Report


def keep_report(app: App, report: Report, cause: str) -> None:
    """Keep one part of a sweep; a report that cannot be kept is logged, nothing more.

    The name comes from what started the sweep, so a timer that is delivered twice is kept once.
    """
    if app.keys is None:
        return
    settings = app.settings
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", cause)
    key = f"{settings.report_prefix}{name}-part{report.head['part']}.json"
    text = "".join(report.pieces())
    try:
        Bucket(settings.report_bucket, settings.region, settings.endpoint).put(key, text, app.keys())
    except MultiEipError as error:
        app.log.say("not kept", level="warning", key=key, reason=str(error))
    else:
        app.log.say("kept", key=key, size=len(text.encode()))
