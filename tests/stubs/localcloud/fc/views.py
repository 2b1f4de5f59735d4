"""How functions and triggers look in answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.fc.model import EventTrigger, TimerTrigger

if TYPE_CHECKING:
    from localcloud.fc.model import FunctionConfig, Trigger
    from localcloud.fc.service import FunctionService


def function_view(service: FunctionService, function: FunctionConfig) -> dict[str, Any]:
    """Return a function as GetFunction answers it."""
    return {
        "functionName": function.name,
        "functionArn": service.arn(function),
        "runtime": function.runtime,
        "handler": function.handler,
        "timeout": function.timeout_s,
        "memorySize": function.memory_mb,
        "role": function.role,
        "environmentVariables": dict(function.environment),
        "state": "Active",
        "lastUpdateStatus": "Successful",
    }


def trigger_view(service: FunctionService, function: FunctionConfig, trigger: Trigger) -> dict[str, Any]:
    """Return a trigger as GetTrigger answers it; its configuration is a JSON string."""
    config: dict[str, Any] = {}
    kind = "eventbridge" if isinstance(trigger, EventTrigger) else "timer"
    match trigger:
        case EventTrigger():
            config = {
                "triggerEnable": trigger.enabled,
                "asyncInvocationType": trigger.async_flag,
                "eventRuleFilterPattern": trigger.pattern_text,
                "eventSourceConfig": {"eventSourceType": "Default"},
            }
        case TimerTrigger():
            config = {"enable": trigger.enabled, "cronExpression": trigger.cron, "payload": trigger.payload}
        case _:
            kind = trigger.kind
    return {
        "triggerName": trigger.name,
        "triggerType": kind,
        "triggerConfig": json.dumps(config),
        "qualifier": "LATEST",
        "targetArn": service.arn(function),
    }
