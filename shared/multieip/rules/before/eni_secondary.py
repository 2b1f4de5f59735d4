"""The ENI is a secondary one.

Fact: only secondary ENIs take EIPs in this mode (user guide); a primary ENI can be neither detached nor
attached elsewhere (AttachNetworkInterface), and it carries the instance's own way out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import replace
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.examples import BEFORE, ENI
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where any ENI of the group is a primary one, also where the group has too many."""
    if not facts.enis:
        return NO_ENI
    primary = [eni.id for eni in facts.enis if eni.primary]
    if primary:
        return failed(f"{listed(primary)} is the primary ENI of an instance", *primary)
    return passed(f"{listed(eni.id for eni in facts.enis)} is secondary")


RULE = Rule(
    id="eni-secondary",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The ENI is a secondary ENI",
    why="The mode binds EIPs to a secondary ENI. A primary ENI cannot be detached, and this product never "
    "touches the primary interface of an instance.",
    source=f"{sources.MODE}; {sources.ENI_OVERVIEW}",
    remedy="Remove the group's tag from the primary ENI; create a secondary ENI in the instance's zone and "
    "tag that one.",
    predicts=("InvalidOperation.DetachPrimaryEniNotAllowed", "InvalidOperation.InvalidEniType"),
    needs=("eni",),
    check=check,
    passing=BEFORE,
    failing=replace(BEFORE, enis=(replace(ENI, primary=True),)),
    may_exempt=False,
)
