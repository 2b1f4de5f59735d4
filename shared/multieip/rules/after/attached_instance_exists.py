"""The instance that the ENI is attached to is there.

Fact: an instance that is released gives its secondary ENIs back, which are Available then; a list that lags
behind shows an ENI on an instance that no list shows any more (DescribeNetworkInterfaces, DescribeInstances).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, not_applicable, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where the ENI names an instance that this role would see, and that the cloud does not show."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    if eni.instance is None or eni.on_other:
        return not_applicable(f"{eni.id} is attached to no instance")
    unread = facts.unread.get(Reading.ATTACHED_INSTANCE)
    if unread is not None and unread.gone:
        return failed(
            f"{eni.id} says that it is attached to {eni.instance}, which the cloud does not show",
            eni.id,
            eni.instance,
            settles=True,
        )
    if facts.attached_instance is None:
        return not_applicable(f"{eni.instance} was not looked for")
    return passed(f"{eni.instance} is there", eni.instance)


RULE = Rule(
    id="attached-instance-exists",
    severity=Severity.WARNING,
    phase=Phase.AFTER,
    title="The instance that the ENI is attached to exists",
    why="An instance that is gone serves nobody, and as long as the ENI names it, the ENI can be attached to "
    "no other.",
    source=f"{sources.ENI_OVERVIEW}; {sources.ATTACH}",
    remedy="Look again in a few minutes; the cloud's lists may lag behind. If the ENI still names the "
    "instance, detach it from there, tag another instance for the group, and ask the vendor where the detach "
    "is refused.",
    needs=(Reading.ENI,),
    check=check,
)
