"""Every entry of the lists that make up the group can be read.

Fact: answers with a missing id, a null number or a text for an object have been met. Such an entry may be a
member, so nothing is written on what is left; other groups are none the worse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import Rule, Verdict, failed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Say which entries cannot be read, by id where they have one."""
    if not facts.odd:
        return passed("every entry of the lists could be read")
    told = "; ".join(f"{row.id or 'an entry'} of {row.action}: {row.text}" for row in facts.odd)
    return failed(f"could not be read: {told}", *(row.id for row in facts.odd if row.id))


RULE = Rule(
    id="unreadable",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="Every entry of the lists can be read",
    why="What a list shows and nobody can read may be a member of the group. Acting on the rest would take "
    "it for something that is not there.",
    source=sources.EIPS,
    remedy="Look at the resource in the console. If it looks right there, report the entry: its action and "
    "field are in the message.",
    needs=(Reading.ENI, Reading.EIPS, Reading.INSTANCE),
    check=check,
)
