"""The guest's default route is where it was, and not on the ENI's interface.

Fact: following the vendor's recipe to the letter moves or doubles the default route on some systems
(measured in guests); this product promises never to touch it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.interface import interface
from multieip.rules.rule import Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts
    from multieip.model.guest import Route


def check(facts: Facts) -> Verdict:
    """Fail where the run changed the default route, or where it lies on the ENI."""
    found = interface(facts)
    if isinstance(found, Verdict):
        return found
    said, nic = found
    route, ids = said.default_route, [instance.id for instance in facts.instances]
    if not route.unchanged:
        return failed(f"the default route changed during the run; it is now {_shown(route)}", *ids)
    if route.dev is not None and route.dev == nic.name:
        return failed(f"the default route is {_shown(route)}, the ENI's interface", *ids)
    return passed(f"the default route is {_shown(route)}")


def _shown(route: Route) -> str:
    return f"by {route.via or 'no gateway'} on {route.dev or 'no interface'}"


RULE = Rule(
    id="default-route-untouched",
    severity=Severity.ERROR,
    phase=Phase.AFTER,
    title="The default route is untouched",
    why="The default route carries the instance's own traffic and the operator's way in; it belongs to the "
    "primary interface.",
    source=sources.OUR_GUEST,
    remedy="In the guest, give the secondary interface's default route a worse metric than the primary's, or "
    "none. The guest script restores what it found when it sees a change.",
    needs=(Reading.ENI, Reading.INSTANCE, Reading.GUEST),
    check=check,
)
