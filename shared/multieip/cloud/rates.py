"""How often the cloud may be asked: published limits, per account, region and action, by the minute."""

from __future__ import annotations

from typing import Final

MINUTE_S: Final = 60.0
"""The cloud counts by the minute; what was refused in one passes in the next."""

BATCHES: Final = 30
"""AssociateEipAddressBatch a minute."""

SINGLE_BINDINGS: Final = 120
"""AssociateEipAddress a minute."""

SPREAD_S: Final = 8.0
"""Who waits for a minute comes back spread over its first seconds, not all in its first moment."""


def minute_of(moment: float) -> int:
    """Return the number of the minute that a time stamp is in."""
    return int(moment // MINUTE_S)


def seconds_to_next_minute(moment: float) -> float:
    """Return the seconds from a time stamp until the next minute begins."""
    return (minute_of(moment) + 1) * MINUTE_S - moment


def share_by_batch(eips: int) -> float:
    """Return which share of groups with so many EIPs to bind the batch can take, if all go one way for good.

    A batch binds a whole group; the calls for single EIPs are as many as its EIPs.
    """
    return BATCHES / (BATCHES + SINGLE_BINDINGS / max(eips, 1))
