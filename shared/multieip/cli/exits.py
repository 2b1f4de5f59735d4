"""What the command's exit status means, and which one a result has."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multieip.ports import Json


class Exit(IntEnum):
    """The exit status, the same for every word of the command."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    UNSEEN = 3
    FAILED = 4


_GOOD: Final = frozenset({"ready", "released", "planned"})


def of_run(body: Json) -> Exit:
    """Return the status of one run of a group."""
    state = body["state"]
    if state == "refused":
        return Exit.USAGE
    if state == "failed":
        # A run that never saw the group has neither a time of its look nor a step behind it.
        return Exit.FAILED if body["as_of"] or body["steps"] else Exit.UNSEEN
    if state not in _GOOD or body["blocked_eips"]:
        return Exit.FINDINGS
    return Exit.FINDINGS if state == "planned" and body["plan"]["waits_for"] else Exit.CLEAN


def of_report(body: Json) -> Exit:
    """Return the status of a sweep: what could not be read weighs more than what was found."""
    if not body["complete"]:
        return Exit.UNSEEN
    totals = body["totals"]
    found = totals["ok"] < totals["groups"] or totals["ungrouped"] or body["missing_groups"]
    return Exit.FINDINGS if found else Exit.CLEAN
