"""What the product imports of others is declared, by name, where it is installed from."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions, requires

import grimp

BY_NAME = {"aliyun-python-sdk-ecs", "aliyun-python-sdk-vpc"}
"""Their request classes are imported by the action's name (`cloud/api.py`)."""


def _declared() -> set[str]:
    """Return the distributions that the product asks for, in an extra or always."""
    return {re.split(r"[ <>=!;\[(]", line, maxsplit=1)[0].lower() for line in requires("multieip") or ()}


def test_everything_imported_is_declared_and_everything_declared_is_imported() -> None:
    """Imports inside of functions included; what comes along with another package is not enough."""
    graph = grimp.build_graph("multieip", include_external_packages=True, cache_dir=None)
    outside = {name.split(".")[0] for name in graph.modules} - {"multieip"} - set(sys.stdlib_module_names)
    owners = packages_distributions()
    used = {name: {each.lower() for each in owners.get(name, ())} for name in outside}

    assert {name for name, found in used.items() if not found & _declared()} == set()
    assert _declared() - {each for found in used.values() for each in found} == BY_NAME
