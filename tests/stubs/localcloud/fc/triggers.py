"""Checks and reads the triggers of a function.

The published schema of component fc3 lets every typo inside `triggerConfig` pass, and a trigger that never
fires is found much later; so keys, patterns and timetables are checked here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from localcloud.eventbridge import PatternError, RetryPolicy, parse_pattern
from localcloud.fc.errors import ConfigError
from localcloud.fc.model import EventTrigger, OtherTrigger, TimerTrigger, Trigger

_TRIGGER_KEYS: Final = frozenset(
    {"triggerName", "triggerType", "triggerConfig", "qualifier", "description", "invocationRole", "sourceArn"}
)
# A nested mapping lists the keys of a nested section; None is a plain value or an unchecked section.
_KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "eventbridge": {
        "triggerEnable": None,
        "asyncInvocationType": None,
        "eventRuleFilterPattern": None,
        "eventSourceConfig": {"eventSourceType": None, "eventSourceParameters": None},
        "eventSinkConfig": {"deliveryOption": {"concurrency": None, "eventSchema": None}},
        "runOptions": {
            "mode": None,
            "errorsTolerance": None,
            "retryStrategy": {"PushRetryStrategy": None},
            "deadLetterQueue": {"Arn": None},
            "batchWindow": {"CountBasedWindow": None, "TimeBasedWindow": None},
            "maximumTasks": None,
        },
    },
    "timer": {"cronExpression": None, "enable": None, "payload": None},
    "http": {"authType": None, "methods": None, "disableURLInternet": None, "authConfig": None},
}
_UNCHECKED: Final = frozenset({"log", "oss", "mns_topic", "cdn_events", "tablestore"})
_EVERY: Final = re.compile(r"@every (?:[1-9]\d*[smh])+")
_CRON_FIELDS: Final = (
    ("seconds", 0, 59),
    ("minutes", 0, 59),
    ("hours", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
)
_MONTHS: Final = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS: Final = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def read_trigger(raw: object, where: str) -> Trigger:
    """Return the checked trigger, or say in one line what is wrong with it and where."""
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{where}: a trigger is a mapping with triggerName, triggerType and triggerConfig")
    name = str(raw.get("triggerName") or "")
    if not name:
        raise ConfigError(f"{where}: triggerName is missing")
    where = f"{where}: trigger {name}"
    _check_keys(raw, dict.fromkeys(_TRIGGER_KEYS), where)
    kind = str(raw.get("triggerType") or "")
    config = raw.get("triggerConfig")
    if kind in _UNCHECKED:
        return OtherTrigger(name, kind)
    if kind not in _KEYS:
        raise ConfigError(
            f"{where}: triggerType {kind!r} is none of {', '.join(sorted({*_KEYS, *_UNCHECKED}))}"
        )
    if not isinstance(config, Mapping):
        raise ConfigError(f"{where}: triggerConfig is missing")
    _check_keys(config, _KEYS[kind], f"{where}: triggerConfig")
    if kind == "eventbridge":
        return _event_trigger(name, config, where)
    return _timer_trigger(name, config, where) if kind == "timer" else OtherTrigger(name, kind)


def _check_keys(found: Mapping[str, Any], known: Mapping[str, Any], where: str) -> None:
    for key, value in found.items():
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}, known are {', '.join(sorted(known))}")
        if isinstance(known[key], Mapping) and isinstance(value, Mapping):
            _check_keys(value, known[key], f"{where}: {key}")


def _flag(config: Mapping[str, Any], key: str, where: str, *, default: bool) -> bool:
    value = config.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: triggerConfig: {key} is {value!r}, it must be true or false")
    return value


def _event_trigger(name: str, config: Mapping[str, Any], where: str) -> Trigger:
    source = (config.get("eventSourceConfig") or {}).get("eventSourceType", "Default")
    if source != "Default":
        return OtherTrigger(name, f"eventbridge from {source}")
    text = config.get("eventRuleFilterPattern")
    if not isinstance(text, str):
        raise ConfigError(f"{where}: eventRuleFilterPattern must be a JSON string")
    try:
        pattern = parse_pattern(text)
    except PatternError as error:
        raise ConfigError(f"{where}: eventRuleFilterPattern: {error}") from error
    strategy = ((config.get("runOptions") or {}).get("retryStrategy") or {}).get(
        "PushRetryStrategy", "BACKOFF_RETRY"
    )
    try:
        retry = RetryPolicy(strategy)
    except ValueError as error:
        known = ", ".join(each.value for each in RetryPolicy)
        raise ConfigError(f"{where}: PushRetryStrategy {strategy!r} is none of {known}") from error
    return EventTrigger(
        name=name,
        pattern=pattern,
        pattern_text=text,
        async_flag=_flag(config, "asyncInvocationType", where, default=False),
        retry=retry,
        enabled=_flag(config, "triggerEnable", where, default=True),
        dead_letters=str(((config.get("runOptions") or {}).get("deadLetterQueue") or {}).get("Arn") or ""),
    )


def _timer_trigger(name: str, config: Mapping[str, Any], where: str) -> TimerTrigger:
    cron = config.get("cronExpression")
    problem = cron_problem(cron) if isinstance(cron, str) else "is missing"
    if problem:
        raise ConfigError(f"{where}: cronExpression {cron!r} {problem}")
    payload = config.get("payload", "")
    if not isinstance(payload, str):
        raise ConfigError(f"{where}: payload must be a string, JSON goes into quotes")
    enabled = _flag(config, "enable", where, default=True)
    return TimerTrigger(name, str(cron), payload, enabled)


def cron_problem(expression: str) -> str:
    """Say what is wrong with a timer's timetable; empty when nothing is."""
    if expression.startswith("@"):
        return "" if _EVERY.fullmatch(expression) else "is no interval such as `@every 10m`"
    fields = expression.split()
    if fields and fields[0].startswith("CRON_TZ="):
        fields = fields[1:]
    if len(fields) != len(_CRON_FIELDS) + 1:
        return "must have six fields: seconds minutes hours day month weekday, or be `@every 10m`"
    for text, (name, low, high) in zip(fields, (*_CRON_FIELDS, ("weekday", 0, 7)), strict=True):
        if not all(_cron_part(part, low, high) for part in text.upper().split(",")):
            return f"has {text!r} for {name}, which is outside {low}-{high} or no expression"
    return ""


def _cron_part(part: str, low: int, high: int) -> bool:
    span, slash, step = part.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return False
    if span in {"*", "?"}:
        return True
    bounds = [_cron_number(each) for each in span.split("-")]
    numbers = [each for each in bounds if each is not None]
    if len(numbers) != len(bounds) or len(bounds) > 2:
        return False
    return numbers == sorted(numbers) and all(low <= each <= high for each in numbers)


def _cron_number(text: str) -> int | None:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    if text in _DAYS:
        return _DAYS.index(text)
    return int(text) if text.isdigit() else None
