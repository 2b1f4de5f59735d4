"""The operator's switches: what no run may write, whoever started it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from multieip.plan.steps import Attach, ConfigureGuest

if TYPE_CHECKING:
    from multieip.plan.steps import Step
    from multieip.runs.journal import Journal
    from multieip.runs.outside import Outside
    from multieip.runs.terms import Terms


def forbidden(step: Step, label: str, journal: Journal, outside: Outside, terms: Terms) -> str:
    """Say why a switch forbids this write; empty where none does. Read right before every write.

    A run that took the ENI off may put it back, whatever was switched meanwhile.
    """
    back = isinstance(step, Attach) or (isinstance(step, ConfigureGuest) and not step.narrow)
    if journal.took_off and back:
        return ""
    if not outside.writable():
        return "MULTI_EIP_WRITES=off: nothing is written"
    if terms.only and not any(fnmatchcase(label, pattern) for pattern in terms.only):
        return f"MULTI_EIP_ONLY_GROUPS ({', '.join(terms.only)}) leaves {label} alone"
    return ""
