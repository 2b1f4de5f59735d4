"""The regions of the cloud and their zones, as DescribeRegions and DescribeZones list them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Region:
    """One region: its id, the name people use, and the letters of its zones."""

    region_id: str
    name: str
    zones: str = "ab"

    @property
    def zone_ids(self) -> list[str]:
        """The ids of its zones; outside China a zone is a letter glued to the region id."""
        join = "-" if self.region_id.startswith("cn-") else ""
        return [f"{self.region_id}{join}{letter}" for letter in self.zones]


def _read() -> dict[str, Region]:
    rows = json.loads(Path(__file__).with_name("regions.json").read_text(encoding="utf-8"))
    return {row["id"]: Region(row["id"], row["name"], row["zones"]) for row in rows}


REGIONS: Mapping[str, Region] = _read()
