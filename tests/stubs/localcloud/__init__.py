"""The local cloud: moto's idea for the network part of Alibaba Cloud.

What is named here, in `localcloud.guests`, its `site` and its `windows` is public; everything else may
change without notice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localcloud.accounts.identity import AccessKey
    from localcloud.calls.watchers import Exchange, watched
    from localcloud.cloud import LocalCloud
    from localcloud.eventbridge import DeliveryOptions
    from localcloud.eventbridge.coats import dressed
    from localcloud.fc import ConfigError, FunctionOptions, Functions, ServiceSettings, attach_functions
    from localcloud.fc.attach import check_roles
    from localcloud.fc.config import read_functions
    from localcloud.fc.errors import FcError
    from localcloud.fc.journal import JournalEntry
    from localcloud.fc.model import EventTrigger, FunctionConfig, TimerTrigger
    from localcloud.fc.remote import Remote
    from localcloud.fc.render import read_application
    from localcloud.fc.rollout import Rollout
    from localcloud.fc.tasks import RetryPauses
    from localcloud.front.api import (
        AnswerGarbledError,
        AnswerLostError,
        CallRefusedError,
        DirectApi,
        InProcessApi,
    )
    from localcloud.front.server import serving
    from localcloud.mock import MockCloud, mock_cloud
    from localcloud.options import CloudOptions
    from localcloud.physics.clock import Clock, RealClock, VirtualClock
    from localcloud.physics.faults import Fault, Faults
    from localcloud.physics.switches import SWITCHES, Switches
    from localcloud.state.seeds import Seeds
    from localcloud.vendor.check import request_differences
    from localcloud.vendor.models import action_model
    from localcloud.vendor.wire import Watch
    from localcloud.wire.http import HttpRequest, HttpResponse

__all__ = [
    "SWITCHES",
    "AccessKey",
    "AnswerGarbledError",
    "AnswerLostError",
    "CallRefusedError",
    "Clock",
    "CloudOptions",
    "ConfigError",
    "DeliveryOptions",
    "DirectApi",
    "EventTrigger",
    "Exchange",
    "Fault",
    "Faults",
    "FcError",
    "FunctionConfig",
    "FunctionOptions",
    "Functions",
    "HttpRequest",
    "HttpResponse",
    "InProcessApi",
    "JournalEntry",
    "LocalCloud",
    "MockCloud",
    "RealClock",
    "Remote",
    "RetryPauses",
    "Rollout",
    "Seeds",
    "ServiceSettings",
    "Switches",
    "TimerTrigger",
    "VirtualClock",
    "Watch",
    "action_model",
    "attach_functions",
    "check_roles",
    "dressed",
    "mock_cloud",
    "read_application",
    "read_functions",
    "request_differences",
    "serving",
    "watched",
]

_HOMES = {
    "AccessKey": "localcloud.accounts.identity",
    "AnswerGarbledError": "localcloud.front.api",
    "AnswerLostError": "localcloud.front.api",
    "CallRefusedError": "localcloud.front.api",
    "Clock": "localcloud.physics.clock",
    "CloudOptions": "localcloud.options",
    "ConfigError": "localcloud.fc",
    "DeliveryOptions": "localcloud.eventbridge",
    "DirectApi": "localcloud.front.api",
    "EventTrigger": "localcloud.fc.model",
    "Exchange": "localcloud.calls.watchers",
    "Fault": "localcloud.physics.faults",
    "Faults": "localcloud.physics.faults",
    "FcError": "localcloud.fc.errors",
    "FunctionConfig": "localcloud.fc.model",
    "FunctionOptions": "localcloud.fc",
    "Functions": "localcloud.fc",
    "HttpRequest": "localcloud.wire.http",
    "HttpResponse": "localcloud.wire.http",
    "InProcessApi": "localcloud.front.api",
    "JournalEntry": "localcloud.fc.journal",
    "LocalCloud": "localcloud.cloud",
    "MockCloud": "localcloud.mock",
    "RealClock": "localcloud.physics.clock",
    "Remote": "localcloud.fc.remote",
    "RetryPauses": "localcloud.fc.tasks",
    "Rollout": "localcloud.fc.rollout",
    "SWITCHES": "localcloud.physics.switches",
    "Seeds": "localcloud.state.seeds",
    "ServiceSettings": "localcloud.fc",
    "Switches": "localcloud.physics.switches",
    "TimerTrigger": "localcloud.fc.model",
    "VirtualClock": "localcloud.physics.clock",
    "Watch": "localcloud.vendor.wire",
    "action_model": "localcloud.vendor.models",
    "attach_functions": "localcloud.fc",
    "check_roles": "localcloud.fc.attach",
    "dressed": "localcloud.eventbridge.coats",
    "mock_cloud": "localcloud.mock",
    "read_application": "localcloud.fc.render",
    "read_functions": "localcloud.fc.config",
    "request_differences": "localcloud.vendor.check",
    "serving": "localcloud.front.server",
    "watched": "localcloud.calls.watchers",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import the cloud only for those who want one: guests are imported alone as well."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
