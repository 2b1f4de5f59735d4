"""At most ten EIPs on one ENI.

Fact: "A secondary ENI can be associated with at most 10 EIPs" (user guide); code QuotaExceed.MultiBindedEip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import replace
from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import MAX_EIPS, AllocationId, Eip, EipStatus
from multieip.rules import sources
from multieip.rules.examples import BEFORE, GROUP, REGION
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the members, with the strangers that stay, are more than ten."""
    members = dict.fromkeys((*facts.group.eips, *(eip.id for eip in facts.eips)))
    staying = () if facts.group.prune else tuple(eip.id for eip in facts.strangers)
    ids = tuple(dict.fromkeys((*members, *staying)))
    if not ids:
        return NO_EIPS
    if len(ids) > MAX_EIPS:
        others = (
            f", {len(ids) - len(members)} of them bound but not in the group"
            if len(ids) > len(members)
            else ""
        )
        return failed(f"{facts.group.label} would have {len(ids)} EIPs{others}; {MAX_EIPS} are allowed", *ids)
    return passed(f"{len(ids)} of at most {MAX_EIPS} EIPs")


_ELEVEN = tuple(
    Eip(AllocationId(f"eip-example{n}"), f"198.51.100.{10 + n}", EipStatus.AVAILABLE, REGION)
    for n in range(1, MAX_EIPS + 2)
)

RULE = Rule(
    id="at-most-ten",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="At most ten EIPs belong to one ENI",
    why="A secondary ENI can be associated with at most 10 EIPs in this mode.",
    source=sources.MODE,
    remedy="Move some EIPs to a second group with its own ENI. Where EIPs outside the group take up room, "
    "unbind them or tag the ENI multi-eip:prune=allow. If the vendor has raised your quota, tag the ENI "
    "multi-eip:ignore=at-most-ten.",
    predicts=("QuotaExceed.MultiBindedEip",),
    needs=(Reading.EIPS, Reading.BOUND),
    check=check,
    passing=BEFORE,
    failing=replace(BEFORE, group=replace(GROUP, eips=tuple(eip.id for eip in _ELEVEN)), eips=_ELEVEN),
)
