"""The configuration in the guest survives a reboot.

Fact: addresses, routes and rules made at run time are gone after a reboot, and a network manager removes
them earlier (measured in guests).
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


def check(facts: Facts) -> Verdict:
    """Fail where the guest holds the EIPs only until it restarts."""
    found = interface(facts)
    if isinstance(found, Verdict):
        return found
    _, nic = found
    if not nic.persistent:
        return failed(
            f"{nic.name} is configured until the next reboot only (manager {nic.manager or 'unknown'})",
            *facts.group.enis,
        )
    return passed(f"{nic.name} is kept by {nic.writer or nic.manager}")


RULE = Rule(
    id="survives-reboot",
    severity=Severity.WARNING,
    phase=Phase.AFTER,
    title="The configuration survives a reboot",
    why="What is set at run time is lost at a reboot, and the EIPs are silent until the next run.",
    source=sources.OUR_GUEST,
    remedy="Run the group with action apply. If the guest's network manager is not supported, the event of "
    "the restart or the next sweep configures it again; until then the EIPs are silent.",
    needs=(Reading.ENI, Reading.INSTANCE, Reading.GUEST),
    check=check,
    may_exempt=True,
)
