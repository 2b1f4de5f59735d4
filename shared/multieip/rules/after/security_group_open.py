"""The security groups of the ENI let something in from the internet.

Fact: a security group that is made by the API lets nothing in, and an ENI's rules are those of all its
security groups together (DescribeSecurityGroupAttribute, `Permissions`, direction ingress).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, not_applicable, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where all security groups of the ENI were read and none lets anything in."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    if Reading.SECURITY_GROUPS in facts.unasked:
        return not_applicable("only a sweep reads the rules of security groups, where EIPs are bound")
    named = set(eni.security_groups)
    if not named:
        return not_applicable(f"the cloud shows no security group of {eni.id}")
    read = [each for each in facts.security_groups or () if each.id in named]
    openly = [each.id for each in read if each.lets_in]
    if openly:
        return passed(f"{listed(openly)} lets something in from the internet", *openly)
    left = sorted(named - {each.id for each in read})
    if left:
        return unknown(
            f"the rules of {listed(left)} have not had their turn in this sweep", *left, settles=True
        )
    closed = sorted(named)
    return failed(f"{listed(closed)} lets nothing in from the internet", *closed)


RULE = Rule(
    id="security-group-open",
    severity=Severity.ADVICE,
    phase=Phase.AFTER,
    title="The ENI's security group lets something in",
    why="A security group without a rule for it lets nothing in. The EIPs are bound and configured then, so "
    "everything looks right; but nobody on the internet can reach them.",
    source=sources.SECURITY_GROUPS,
    remedy="Add a rule to one of the security groups: AuthorizeSecurityGroup with protocol, port range and "
    "source, or in the console on the security group's page. Where nobody outside shall begin, leave it.",
    needs=(Reading.ENI, Reading.SECURITY_GROUPS),
    check=check,
)
