"""All services together: importing them is what registers their actions."""

from __future__ import annotations

from localcloud import assistant, ecs, sts, vpc
from localcloud.calls.operations import PRODUCTS

__all__ = ["PRODUCTS", "SERVICES", "actions"]

SERVICES = (assistant, ecs, sts, vpc)


def actions() -> frozenset[str]:
    """Return the name of every action, Function Compute's invocation among them."""
    return frozenset({"InvokeFunction", *(name for product in PRODUCTS for name in product.actions)})
