"""An EIP belongs to one group only.

Fact: an EIP is associated with one resource at a time (AssociateEipAddress), so two groups would take it
from each other for ever.
"""

from __future__ import annotations

from multieip.model.facts import Facts, Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.before.group_shape import about_eips
from multieip.rules.rule import NO_EIPS, Rule, Verdict, failed, passed


def check(facts: Facts) -> Verdict:
    """Fail for EIPs that another group claims too."""
    if not facts.group.eips:
        return NO_EIPS
    faults = [fault for fault in facts.group.faults if about_eips(facts, fault)]
    if faults:
        ids = dict.fromkeys(found for fault in faults for found in fault.ids)
        return failed("; ".join(fault.text for fault in faults), *ids)
    return passed(f"no other group claims the {len(facts.group.eips)} EIPs")


RULE = Rule(
    id="one-group-per-eip",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="An EIP belongs to one group",
    why="An EIP can be associated with one ENI at a time; two groups that claim it would take it from each "
    "other at every run.",
    source=f"{sources.ASSOCIATE}; {sources.OUR_TAGS}",
    remedy="Keep the EIP in one group: remove the group tag that is wrong, or leave the EIP out of the call.",
    needs=(Reading.EIPS,),
    check=check,
    reach=Reach.EIPS,
    guards_release=True,
)
