"""The payload of `sweep`, from a timer or by hand → a typed request, with every fault named."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass
from multieip.errors import RequestError
from multieip.intent import GROUP_NAMES, is_group_name
from multieip.json_text import echoed
from multieip.model.resources import Region
from multieip.runs.cursor import Cursor, read_cursor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Json

_KNOWN: Final = ("mode", "regions", "groups", "max_repairs", "tell", "full", "sweeps_a_day", "keep", "cursor")
_REGION: Final = re.compile(r"[a-z]{2}-[a-z0-9-]{2,40}")
_MOST_REPAIRS: Final = 10_000
_LONGEST_NAME: Final = 40
_SWEEPS_A_DAY: Final = 24
_MOST_A_DAY: Final = 1440


class SweepMode(str, Enum):
    """What a sweep may do: only tell, or also start a `bind` for what needs one."""

    REPORT = "report"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """One sweep. No regions are those of the settings; no groups are all of them.

    `tell` sends a short form of the report to the robot of the settings, `keep` puts the report into the
    bucket of the settings. `full` writes good groups in full and reads every gateway; else each group's are
    read once a day, of `sweeps_a_day` sweeps.
    """

    mode: SweepMode = SweepMode.REPORT
    regions: tuple[Region, ...] = ()
    groups: tuple[str, ...] = ()
    max_repairs: int | None = None
    tell: bool = False
    full: bool = False
    sweeps_a_day: int = _SWEEPS_A_DAY
    keep: bool = False
    cursor: Cursor | None = None

    def going_on(self, cursor: Cursor) -> Json:
        """Return the payload with which the next part goes on."""
        most = {} if self.max_repairs is None else {"max_repairs": self.max_repairs}
        return {
            "mode": self.mode.value,
            **({"regions": list(self.regions)} if self.regions else {}),
            **({"groups": list(self.groups)} if self.groups else {}),
            **most,
            "tell": self.tell,
            "full": self.full,
            "keep": self.keep,
            "sweeps_a_day": self.sweeps_a_day,
            "cursor": cursor.as_json(),
        }


def read_sweep_request(payload: Mapping[str, Any]) -> SweepRequest:
    """Return the request; raises `RequestError` that names every fault."""
    faults = _unknown(payload)
    mode = payload.get("mode", SweepMode.REPORT.value)
    if mode not in [each.value for each in SweepMode]:
        faults.append(f"mode {echoed(mode)}: must be report or repair")
    all_regions = payload.get("regions", "all") == "all"
    regions = () if all_regions else _texts(payload, "regions", faults)
    faults += [
        f"region {echoed(each)} is not a valid region id" for each in regions if not _REGION.fullmatch(each)
    ]
    groups = _texts(payload, "groups", faults)
    faults += [
        f"group {echoed(each)} is not a valid group name: {GROUP_NAMES}"
        for each in groups
        if not is_group_name(each)
    ]
    most = None
    if payload.get("max_repairs") is not None:
        most = _number(payload, "max_repairs", range(_MOST_REPAIRS + 1), faults)
    asked = {"sweeps_a_day": _SWEEPS_A_DAY, **payload}
    a_day = _number(asked, "sweeps_a_day", range(1, _MOST_A_DAY + 1), faults)
    tell, full, keep = (_flag(payload, key, faults) for key in ("tell", "full", "keep"))
    if faults:
        raise RequestError("sweep: " + "; ".join(faults))
    return SweepRequest(
        mode=SweepMode(mode),
        regions=tuple(Region(each) for each in regions),
        groups=groups,
        max_repairs=most,
        tell=tell,
        full=full,
        sweeps_a_day=a_day,
        keep=keep,
        cursor=read_cursor(payload["cursor"]) if "cursor" in payload else None,
    )


def _unknown(payload: Mapping[str, Any]) -> list[str]:
    known = ", ".join(_KNOWN)
    return [
        f"unknown: {str(key)[:_LONGEST_NAME]}; known are {known}"
        for key in sorted(set(payload) - set(_KNOWN))
    ]


def _number(payload: Mapping[str, Any], key: str, allowed: range, faults: list[str]) -> int:
    value = payload[key]
    if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
        return value
    faults.append(f"{key} {echoed(value)}: must be a number from {allowed[0]} to {allowed[-1]}")
    return allowed[0]


def _flag(payload: Mapping[str, Any], key: str, faults: list[str]) -> bool:
    value = payload.get(key, False)
    if not isinstance(value, bool):
        faults.append(f"{key} {echoed(value)}: must be true or false")
    return value is True


def _texts(payload: Mapping[str, Any], key: str, faults: list[str]) -> tuple[str, ...]:
    value = payload.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        faults.append(
            f"{key} {echoed(value)}: must be a list of strings" + (', or "all"' if key == "regions" else "")
        )
        return ()
    if key in payload and not value:
        faults.append(f"{key} is empty; leave it out to mean all")
    return tuple(dict.fromkeys(value))
