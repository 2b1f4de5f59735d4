"""Where a sweep of several invocations goes on: what is left, what was found so far, and since when."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from multieip.dataclass import dataclass
from multieip.errors import RequestError
from multieip.intent import is_group_name
from multieip.model.resources import Region

if TYPE_CHECKING:
    from multieip.ports import Json

MOST_PARTS = 100
"""A sweep that has not ended after so many invocations has lost its way."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """What the next part begins with. `after` is the last group of the first region that was reported.

    `at` is when the first part began, whose turn all parts share; `cause` is what started it. `repairs`
    counts the runs that were started, `seen` are those of the groups asked for by name that were found.
    """

    at: datetime
    cause: str
    regions: tuple[Region, ...]
    after: str = ""
    part: int = 2
    repairs: int = 0
    seen: tuple[str, ...] = ()

    def as_json(self) -> Json:
        """Return it as the field of a payload."""
        return {
            "at": self.at.isoformat(),
            "cause": self.cause,
            "regions": list(self.regions),
            "after": self.after,
            "part": self.part,
            "repairs": self.repairs,
            "seen": list(self.seen),
        }


def read_cursor(value: Any) -> Cursor:  # noqa: ANN401  JSON from outside
    """Return the cursor of a payload; raises `RequestError` for one that no sweep has written."""
    try:
        at = datetime.fromisoformat(value["at"])
        found = Cursor(
            at=at if at.tzinfo else at.replace(tzinfo=timezone.utc),
            cause=str(value["cause"]),
            regions=tuple(Region(str(each)) for each in value["regions"]),
            after=str(value["after"]),
            part=int(value["part"]),
            repairs=int(value["repairs"]),
            seen=tuple(str(each) for each in value["seen"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise RequestError(f"sweep: cursor is not one that a sweep has written: {fault!r}") from None
    good_name = not found.after or is_group_name(found.after)
    if not found.regions or not good_name or not 1 < found.part <= MOST_PARTS:
        raise RequestError("sweep: cursor is not one that a sweep has written")
    return found
