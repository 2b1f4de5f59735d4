"""Makes every service register its actions, once."""

from __future__ import annotations

from importlib import import_module

from tests.stubs.operations import PRODUCTS

_MODULES = (
    "tests.stubs.sts.responses",
    "tests.stubs.vpc.responses",
    "tests.stubs.vpc.association",
    "tests.stubs.vpc.network_responses",
    "tests.stubs.vpc.tagging",
    "tests.stubs.ecs.interfaces",
    "tests.stubs.ecs.addresses",
    "tests.stubs.ecs.attachment",
    "tests.stubs.ecs.instances",
    "tests.stubs.ecs.power",
    "tests.stubs.ecs.inventory",
    "tests.stubs.ecs.tagging",
    "tests.stubs.assistant.responses",
)


def load() -> None:
    """Import the services; importing one is what registers it."""
    for module in _MODULES:
        import_module(module)


def actions() -> frozenset[str]:
    """Return the name of every action, Function Compute's invocation among them."""
    load()
    return frozenset({"InvokeFunction", *(name for product in PRODUCTS for name in product.actions)})
