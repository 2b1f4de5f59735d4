"""What to make of a refusal, by the table of fates.

A code that stands nowhere is judged by its HTTP status: the cloud's own trouble passes, a fault of ours does
not.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from multieip.cloud.fates import ANY, FATES, Fate
from multieip.errors import ContradictionError, GarbledError, LostAnswerError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.errors import CloudError

_DENIED: Final = frozenset(
    {
        "Forbidden",
        "Forbbiden",  # the vendor's spelling in older VPC pages
        "Forbidden.RAM",
        "Forbidden.SubUser",
        "Forbidden.NotSupportRAM",
        "Forbidden.Unauthorized",
        "AccessDenied",
    }
)


def fate_of(action: str, code: str, http_status: int) -> Fate:
    """Say what to do after `action` was refused with `code`."""
    for table in (FATES.get(action, {}), FATES[ANY]):
        fate = _look_up(table, code)
        if fate is not None:
            return fate
    passing = http_status >= HTTPStatus.INTERNAL_SERVER_ERROR or http_status in {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.CONFLICT,
    }
    return Fate.WAIT if passing else Fate.NEVER


def passes(fault: CloudError) -> bool:
    """Whether the same call may be answered later without anybody's doing, be it a read or a write.

    A write is never sent again for it alone: its caller looks first, for it may have come about.
    """
    if isinstance(fault, RefusedError):
        return fate_of(fault.action, fault.code, fault.http_status) in {Fate.WAIT, Fate.READ}
    return isinstance(fault, LostAnswerError | ContradictionError | GarbledError)


def is_throttling(code: str) -> bool:
    """Whether the cloud only asks to come back later (`Throttling`, `Throttling.User`, …)."""
    return "throttling" in code.lower()


def is_denied(code: str) -> bool:
    """Whether the caller lacks the permission for the action."""
    return code in _DENIED or code.startswith("NoPermission")


def _look_up(table: Mapping[str, Fate], code: str) -> Fate | None:
    if code in table:
        return table[code]
    return next((fate for pattern, fate in table.items() if fnmatchcase(code, pattern)), None)
