"""EIPs on the ENI that are not in the group stay, unless the operator consents to unbinding them.

Fact: unbinding cuts somebody off, so it needs the tag multi-eip:prune=allow (our tags).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where EIPs outside the group are on the ENI and no tag says what to do with them."""
    if facts.eni is None:
        return NO_ENI
    ids = [eip.id for eip in facts.eips_outside]
    if not ids:
        return passed(f"{facts.eni.id} has no EIP outside the group")
    if facts.group.prune:
        return passed(f"{listed(ids)} will be unbound, with the consent of the ENI's tag", *ids)
    return failed(f"{listed(ids)} on {facts.eni.id} is not in the group and stays", *ids)


RULE = Rule(
    id="foreign-eips-consent",
    severity=Severity.WARNING,
    phase=Phase.BEFORE,
    title="The group says what happens to other EIPs on its ENI",
    why="An EIP that somebody bound by hand, or that lost its tag, takes one of ten places and is not "
    "configured in the guest by this product.",
    source=sources.OUR_TAGS,
    remedy="Tag the EIP with the group's name to keep it, or tag the ENI multi-eip:prune=allow to have it "
    "unbound; a call by ids names the EIP too, or says prune=true.",
    needs=(Reading.ENI, Reading.EIPS, Reading.BOUND),
    check=check,
)
