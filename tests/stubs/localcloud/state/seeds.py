"""What a new cloud has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seeds:
    """The ids of what was planted."""

    region: str
    zone: str
    vpc: str
    vswitch: str
    security_group: str
    instance: str
    instance_windows: str
