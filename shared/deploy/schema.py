"""What Function Compute and its component take, said closed: a key that is not here is a typing error."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_YES_NO: Final[Schema] = {"type": "boolean"}
_NAME: Final[Schema] = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"}
_TRIGGER_NAME: Final[Schema] = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$"}
_REGION: Final[Schema] = {"type": "string", "pattern": r"^[a-z]{2}-[a-z0-9-]+$"}
_ROLE: Final[Schema] = {"type": "string", "pattern": r"^acs:ram::\d{16}:role/[A-Za-z0-9._-]{1,64}$"}
_DESTINATION: Final[Schema] = {
    "type": "string",
    "pattern": r"^acs:(fc|mns|eventbridge):[a-z0-9-]+:\d{16}:.+$",
}


def _whole(low: int, high: int, step: int = 1) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high, "multipleOf": step}


def _closed(properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, most: int) -> Schema:
    return {"type": "array", "items": items, "maxItems": most}


_ASYNC: Final = _closed(
    {
        "asyncTask": _YES_NO,
        "maxAsyncRetryAttempts": _whole(0, 8),
        "maxAsyncEventAgeInSeconds": _whole(1, 604_800),
        "destinationConfig": _closed(
            {
                "onFailure": _closed({"destination": _DESTINATION}, "destination"),
                "onSuccess": _closed({"destination": _DESTINATION}, "destination"),
            }
        ),
        "qualifier": _TEXT,
    }
)

_EVENTBRIDGE: Final = _closed(
    {
        "triggerEnable": _YES_NO,
        "asyncInvocationType": _YES_NO,
        "eventRuleFilterPattern": {"type": "string", "minLength": 2, "maxLength": 65_536},
        "eventSourceConfig": _closed(
            {"eventSourceType": {"enum": ["Default", "MNS", "RocketMQ", "RabbitMQ", "Kafka", "MQTT", "DTS"]}},
            "eventSourceType",
        ),
        "runOptions": _closed(
            {
                "mode": {"enum": ["event-driven", "event-streaming"]},
                "errorsTolerance": {"enum": ["ALL", "NONE"]},
                "retryStrategy": _closed(
                    {"PushRetryStrategy": {"enum": ["BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"]}},
                    "PushRetryStrategy",
                ),
                "deadLetterQueue": _closed({"Arn": _TEXT}, "Arn"),
            },
            "mode",
            "errorsTolerance",
        ),
    },
    "triggerEnable",
    "asyncInvocationType",
    "eventRuleFilterPattern",
    "eventSourceConfig",
    "runOptions",
)

_TIMER: Final = _closed(
    {
        "cronExpression": {"type": "string", "pattern": r"^(@every \d+m|(CRON_TZ=\S+ )?(\S+ ){5}\S+)$"},
        "enable": _YES_NO,
        "payload": {"type": "string", "maxLength": 4096},
    },
    "cronExpression",
    "enable",
)


def _trigger(name: str, kind: str, config: str) -> Schema:
    """Return one trigger, whose configuration depends on its kind; 2.0 and 3.0 name the keys differently."""
    kinds = {"eventbridge": _EVENTBRIDGE, "timer": _TIMER}
    properties = {name: _TRIGGER_NAME, kind: {"enum": sorted(kinds)}, config: {"type": "object"}}
    closed = _closed({**properties, "qualifier": _TEXT, "role": _ROLE}, name, kind, config)
    closed["allOf"] = [
        {"if": {"properties": {kind: {"const": each}}}, "then": {"properties": {config: schema}}}
        for each, schema in kinds.items()
    ]
    return closed


_ENVIRONMENT: Final[Schema] = {
    "type": "object",
    "propertyNames": {"pattern": r"^(?!FC_)[A-Za-z][A-Za-z0-9_]*$"},
    "additionalProperties": {"type": "string"},
}

_SHARED: Final[Schema] = {
    "description": {"type": "string", "maxLength": 256},
    "runtime": {"const": "python3.10"},
    "handler": {"type": "string", "pattern": r"^[\w/-]+\.[A-Za-z_]\w*$"},
    "timeout": _whole(1, 86_400),
    "cpu": {"type": "number", "minimum": 0.05, "maximum": 16},
    "memorySize": _whole(128, 32_768, 64),
    "diskSize": {"enum": [512, 10_240]},
    "environmentVariables": _ENVIRONMENT,
}

_LOG: Final = _closed(
    {
        "project": _TEXT,
        "logstore": _TEXT,
        "enableRequestMetrics": _YES_NO,
        "enableInstanceMetrics": _YES_NO,
        "logBeginRule": {"enum": ["DefaultRegex", "None"]},
    },
    "project",
    "logstore",
)

FUNCTION_3: Final = _closed(
    {
        **_SHARED,
        "region": _REGION,
        "functionName": _NAME,
        "code": _TEXT,
        "role": _ROLE,
        "internetAccess": _YES_NO,
        "logConfig": {"anyOf": [{"const": "auto"}, _LOG]},
        "tags": _list(_closed({"key": _TEXT, "value": {"type": "string"}}, "key", "value"), 20),
        "concurrencyConfig": _closed({"reservedConcurrency": _whole(0, 300)}, "reservedConcurrency"),
        "asyncInvokeConfig": _ASYNC,
        "triggers": _list(_trigger("triggerName", "triggerType", "triggerConfig"), 50),
    },
    *("region", "functionName", "runtime", "handler", "code", "role", "timeout", "cpu", "memorySize"),
    *("logConfig", "environmentVariables", "asyncInvokeConfig"),
)
"""The `props` of a function of FC 3.0 (component `fc3`), as far as ours need them."""

FUNCTION_2: Final = _closed(
    {
        "region": _REGION,
        "service": _closed(
            {
                "name": _NAME,
                "description": {"type": "string", "maxLength": 256},
                "role": _ROLE,
                "internetAccess": _YES_NO,
                "logConfig": {"anyOf": [{"const": "auto"}, _LOG]},
            },
            *("name", "role", "logConfig"),
        ),
        "function": _closed(
            {
                **_SHARED,
                "name": _NAME,
                "codeUri": _TEXT,
                "asyncConfiguration": _closed(
                    {
                        "statefulInvocation": _YES_NO,
                        "maxAsyncRetryAttempts": _whole(0, 8),
                        "maxAsyncEventAgeInSeconds": _whole(1, 604_800),
                        "destination": _closed({"onFailure": _DESTINATION, "onSuccess": _DESTINATION}),
                    }
                ),
            },
            *("name", "runtime", "handler", "codeUri", "timeout", "cpu", "memorySize"),
            *("environmentVariables", "asyncConfiguration"),
        ),
        "triggers": _list(_trigger("name", "type", "config"), 50),
    },
    *("region", "service", "function"),
)
"""The same for FC 2.0 (component `fc`), where a service has the role and the logs."""
