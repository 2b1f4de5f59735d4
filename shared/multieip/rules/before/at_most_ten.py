"""At most ten EIPs on one ENI.

Fact: "A secondary ENI can be associated with at most 10 EIPs" (user guide); code QuotaExceed.MultiBindedEip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.model.resources import MAX_EIPS
from multieip.rules import sources
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for the members that find no room; those that are bound keep theirs, and nobody else is chosen."""
    rows = {eip.id: eip for eip in facts.eips}
    members = tuple(dict.fromkeys((*facts.group.eips, *rows)))
    bound = [each for each, eip in rows.items() if facts.is_bound(eip)]
    staying = tuple(eip.id for eip in facts.eips_staying)
    new = [each for each in members if each not in bound and each not in facts.group.refused]
    there = len(bound) + len(staying)
    if not (members or staying):
        return NO_EIPS
    if there + len(new) <= MAX_EIPS:
        return passed(f"{there + len(new)} of at most {MAX_EIPS} EIPs")
    others = f", {len(staying)} of them bound but not in the group" if staying else ""
    return failed(
        f"{facts.group.label} would have {there + len(new)} EIPs{others}; {MAX_EIPS} are allowed",
        *(new or (*bound, *staying)),
    )


RULE = Rule(
    id="at-most-ten",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="At most ten EIPs belong to one ENI",
    why="A secondary ENI can be associated with at most 10 EIPs in this mode.",
    source=sources.MODE,
    remedy="Move some EIPs to a second group with its own ENI. Where EIPs outside the group take up room, "
    "unbind them or tag the ENI multi-eip:prune=allow.",
    predicts=("QuotaExceed.MultiBindedEip",),
    needs=(Reading.EIPS, Reading.BOUND),
    check=check,
    reach=Reach.EIPS,
)
