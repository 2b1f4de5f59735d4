"""The ENI is in a state that it can be worked on.

Fact: Available → Attaching → InUse → Detaching → Available → Deleting; while one change runs, the next is
refused (AttachNetworkInterface). An instance that the ENI says it is attached to, and that no list shows, is
unknown: it may be hidden from this role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import EniStatus
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for an ENI that is changing (time cures it) or being deleted."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    if eni.status is EniStatus.DELETING:
        return failed(f"{eni.id} is being deleted", eni.id)
    if eni.status.settles:
        return failed(f"{eni.id} is {eni.status.value}; one change at a time", eni.id, settles=True)
    if eni.status is EniStatus.OTHER:
        return failed(f"{eni.id} is in a state that the vendor's pages do not name", eni.id)
    return passed(f"{eni.id} is {eni.status.value}", eni.id)


RULE = Rule(
    id="eni-state",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The ENI is Available or InUse, and nobody else's",
    why="An ENI that is being attached, detached or deleted refuses every other change, and one that a cloud "
    "service made is not ours to change.",
    source=f"{sources.ATTACH}; {sources.ENI_OVERVIEW}",
    remedy="Wait until the ENI is Available or InUse. If it stays Detaching, detach it again, then restart "
    "the instance. Replace an ENI that is being deleted or that a service manages by one of your own.",
    predicts=(
        "HasMemberEniAttached",
        "InvalidOperation.EniLinked",
        "InvalidOperation.InvalidEniState",
        "InvalidStatus.EniStatusNotSupport",
        "InvalidStatus.NotAllow",
    ),
    needs=(Reading.ENI, Reading.ATTACHED_INSTANCE),
    check=check,
    guards_release=True,
)
