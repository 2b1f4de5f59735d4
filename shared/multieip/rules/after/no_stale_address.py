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
from multieip.rules.rule import Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for public addresses that are not bound to the ENI, and for EIPs kept for an ENI that is gone."""
    found = interface(facts)
    if isinstance(found, Verdict):
        return found
    said, nic = found
    eni = facts.eni
    bound = {eip.address for eip in (*facts.bound, *facts.eips) if eni and eip.bound_to == eni.id}
    stale = sorted(set(shown(nic)) - bound)
    if stale:
        return failed(f"{nic.name} has {', '.join(stale)}, bound to nothing here", *facts.group.enis)
    if said.detached:
        # Another group's run may have taken its ENI off for this moment.
        kept = f"the guest keeps EIPs for the ENI {listed(said.detached)}, which is not attached"
        return failed(kept, *facts.group.instances, settles=True)
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
    "configured by hand has to be removed by hand. EIPs kept for an ENI that is not attached go when that "
    "ENI's group is applied, or when it is attached and its group released.",
    needs=(Reading.ENI, Reading.EIPS, Reading.BOUND, Reading.INSTANCE, Reading.GUEST),
    check=check,
)
