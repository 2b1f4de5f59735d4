"""The ENI's `ignore` tag names only rules that may be waived.

Fact: a rule may be waived where it is opinion, or rests on our data and those may be out of date; never the
cloud's refusal, an unread fact, or what protects somebody else's resources (our tags).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import MAY_BE_EXEMPT, Rule, Verdict, failed, listed, not_applicable, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for names that have no effect: typing errors, and rules that nobody may waive."""
    ignored = facts.group.ignore
    if not ignored:
        return not_applicable("no rule is named in an ignore tag")
    useless = sorted(ignored - MAY_BE_EXEMPT)
    if useless:
        return failed(
            f"the ignore tag names {listed(useless)}, which has no effect; it may name "
            f"{listed(sorted(MAY_BE_EXEMPT))}",
            *facts.group.enis,
        )
    return passed(f"the ignore tag names {listed(sorted(ignored))}")


RULE = Rule(
    id="known-exemptions",
    severity=Severity.WARNING,
    phase=Phase.BEFORE,
    title="The ignore tag names rules that may be waived",
    why="A name that has no effect leaves its author believing that a rule is off. What protects other "
    "people's resources, what the cloud has refused and what nobody could read cannot be waived.",
    source=sources.OUR_TAGS,
    remedy="Correct the name in the ENI's ignore tag, or take it out.",
    needs=(Reading.ENI,),
    check=check,
)
