"""EventBridge of the local cloud: event patterns, and a bus that delivers at least once."""

from __future__ import annotations

from localcloud.eventbridge.bus import Delivery, DeliveryOptions, EventBus, RetryPolicy, Rule
from localcloud.eventbridge.pattern import Pattern, PatternError, parse_pattern

__all__ = [
    "Delivery",
    "DeliveryOptions",
    "EventBus",
    "Pattern",
    "PatternError",
    "RetryPolicy",
    "Rule",
    "parse_pattern",
]
