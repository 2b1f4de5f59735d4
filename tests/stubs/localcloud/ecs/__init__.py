"""ECS 2014-05-26: instances, network interfaces, security groups, tags."""

from __future__ import annotations

from localcloud.ecs import (
    addresses,
    attachment,
    eips,
    instances,
    interfaces,
    inventory,
    power,
    security_groups,
    tagging,
)

__all__ = [
    "addresses",
    "attachment",
    "eips",
    "instances",
    "interfaces",
    "inventory",
    "power",
    "security_groups",
    "tagging",
]
