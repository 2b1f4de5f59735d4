"""Which regions and instance families offer multi-EIP to ENI mode, by the vendor's pages.

The lists are data (`data/regions.json`, `data/families.json`), each entry with the pages that name it. The
default is the widest list the vendor published; the service's own refusal overrides it in the rules.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from multieip.model.facts import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.ports import Json

_FAMILY_PREFIX: Final = "ecs."
_CURRENT: Final = "current"
"""The name that the data give the vendor's page of today."""


def catalog(extra_regions: Iterable[str] = (), extra_families: Iterable[str] = ()) -> Catalog:
    """Return the published lists together with what the operator adds.

    A region that the operator adds counts as open, even where our data say that it closed. Families may be
    written with or without `ecs.`.
    """
    regions, families = _load("regions.json"), _load("families.json")
    added = frozenset(extra_regions)
    closed = {entry["id"] for entry in regions["regions"] if entry.get("closed")}
    own = {_full_name(family) for family in extra_families}
    listed = {entry["id"]: entry["on"] for entry in families["families"]}
    return Catalog(
        regions=frozenset(entry["id"] for entry in regions["regions"]) | added,
        closed_regions=frozenset(closed) - added,
        families=frozenset(listed) | own,
        dropped_families=frozenset(each for each, pages in listed.items() if _CURRENT not in pages) - own,
        as_of=min(regions["as_of"], families["as_of"]),
    )


@cache
def _load(name: str) -> Json:
    # Not by pathlib, which nothing else on the way to a run's first call imports.
    with open(f"{__file__.rpartition('/')[0]}/data/{name}", encoding="utf-8") as file:  # noqa: PTH123
        data: dict[str, Any] = json.load(file)
    return data


def _full_name(family: str) -> str:
    return family if family.startswith(_FAMILY_PREFIX) else _FAMILY_PREFIX + family
