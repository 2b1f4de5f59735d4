"""The interface has no public address that is not bound to the ENI.

Fact: the cloud does not deliver to an address that is not bound, and it may belong to somebody else by then;
the guest would answer itself instead of that host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.interface import interface, shown
from multieip.rules.rule import Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for public addresses on the interface that the cloud does not show as bound to the ENI."""
    found = interface(facts)
    if isinstance(found, Verdict):
        return found
    _, nic = found
    eni = facts.eni
    bound = {eip.address for eip in (*facts.bound, *facts.eips) if eni and eip.bound_to == eni.id}
    stale = sorted(set(shown(nic)) - bound)
    if stale:
        return failed(f"{nic.name} has {', '.join(stale)}, bound to nothing here", *facts.group.enis)
    return passed(f"{nic.name} has no address that is not bound")


RULE = Rule(
    id="no-stale-address",
    severity=Severity.WARNING,
    phase=Phase.AFTER,
    title="No address in the guest that is no longer bound",
    why="An EIP that was unbound may be somebody else's by now. A guest that still has it cannot reach its "
    "new owner.",
    source=sources.OUR_GUEST,
    remedy="Run the group with action apply: what this product configured goes. An address that somebody "
    "configured by hand has to be removed by hand.",
    needs=(Reading.ENI, Reading.EIPS, Reading.BOUND, Reading.INSTANCE, Reading.GUEST),
    check=check,
)
