"""Which words of an operator a write rests on: tags, or fields of a call by ids. Pure.

A release rests on `hold`, an ENI that is taken off on `detach`, an EIP outside the group that is unbound on
`prune`; what leaves a refused EIP out rests on the mark that keeps it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.plan.steps import Associate, Attach, Detach, ReleaseGuest, Unassociate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.model.facts import Facts
    from multieip.plan.steps import Step

IN_THE_CALL: Final = "the call"
"""Where the consent of a call by ids stands."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One tag or field of a call, its value, and the resource that carries it."""

    tag: str
    value: str
    on: str


def consents(step: Step, facts: Facts, *, undoing: bool) -> tuple[Consent, ...]:
    """Return what the step rests on; `undoing` says that the group is wanted undone."""
    return tuple(dict.fromkeys(_of(step, facts, undoing=undoing)))


def _of(step: Step, facts: Facts, *, undoing: bool) -> Iterator[Consent]:
    if isinstance(step, ReleaseGuest | Detach):
        if undoing:
            yield _release(facts)
        if not undoing or facts.instance is None or _attached_to(facts) != facts.instance.id:
            yield _allowed("detach", facts)
        if undoing and facts.eips_outside:
            yield _allowed("prune", facts)
    elif isinstance(step, Unassociate):
        outside = step.eip not in {eip.id for eip in facts.eips}
        yield _allowed("prune", facts) if outside else _release(facts)
    elif isinstance(step, Associate | Attach):
        yield from _left_out(facts)


def _attached_to(facts: Facts) -> str | None:
    return facts.eni.instance if facts.eni is not None else None


def _release(facts: Facts) -> Consent:
    if facts.group.name is None:
        return Consent("action", "release", IN_THE_CALL)
    return Consent(f"{facts.group.tag_prefix}hold", facts.group.hold, _eni(facts))


def _allowed(word: str, facts: Facts) -> Consent:
    if facts.group.name is None:
        return Consent(word, "true", IN_THE_CALL)
    return Consent(f"{facts.group.tag_prefix}{word}", "allow", _eni(facts))


def _left_out(facts: Facts) -> Iterator[Consent]:
    for eip in facts.eips:
        if eip.id in facts.group.refused and not facts.is_bound(eip):
            yield Consent(f"{facts.group.tag_prefix}refused", facts.group.refused[eip.id], eip.id)


def _eni(facts: Facts) -> str:
    return facts.eni.id if facts.eni is not None else ""
