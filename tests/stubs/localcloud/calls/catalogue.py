"""Makes every service register its actions, once."""

from __future__ import annotations

from importlib import import_module

from localcloud.calls.operations import PRODUCTS

_MODULES = (
    "localcloud.sts.responses",
    "localcloud.vpc.responses",
    "localcloud.vpc.association",
    "localcloud.vpc.network_responses",
    "localcloud.vpc.tagging",
    "localcloud.ecs.interfaces",
    "localcloud.ecs.addresses",
    "localcloud.ecs.attachment",
    "localcloud.ecs.instances",
    "localcloud.ecs.power",
    "localcloud.ecs.inventory",
    "localcloud.ecs.tagging",
    "localcloud.assistant.responses",
)


def load() -> None:
    """Import the services; importing one is what registers it."""
    for module in _MODULES:
        import_module(module)


def actions() -> frozenset[str]:
    """Return the name of every action, Function Compute's invocation among them."""
    load()
    return frozenset({"InvokeFunction", *(name for product in PRODUCTS for name in product.actions)})
