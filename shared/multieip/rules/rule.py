"""What a rule is, and the words in which it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.model.facts import Facts, Reading
from multieip.model.finding import Phase, Reach, Severity, Status
from multieip.model.resources import BindMode

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says about the facts. `settles` marks a failure that time alone may cure."""

    status: Status
    message: str
    ids: tuple[str, ...] = ()
    settles: bool = False


Check = Callable[[Facts], Verdict]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule of the mode: what it demands, why, what to do, and how to tell.

    `predicts` are the error codes that the rule spares the operator; `needs` the readings without which it
    cannot speak. Where `unknown_blocks` is false, a run goes on without knowing. `may_exempt` is true only
    for what is opinion or may be out of date in our data; for every other rule the `ignore` tag has no
    effect. `reach` says how much of a run the broken rule stops. `guards_release` marks what must hold
    before anything is undone.
    """

    id: str
    severity: Severity
    phase: Phase
    title: str
    why: str
    source: str
    remedy: str
    check: Check
    predicts: tuple[str, ...] = ()
    needs: tuple[Reading, ...] = ()
    unknown_blocks: bool = True
    may_exempt: bool = False
    reach: Reach = Reach.ALL
    guards_release: bool = False


MAY_BE_EXEMPT: Final = frozenset(
    {
        "assistant-online",
        "instance-family",
        "mode-closed",
        "region-offers-mode",
        "survives-reboot",
        "windows-one-gateway",
    }
)
"""What is opinion, or rests on our data: the ids of the rules with `may_exempt`; a test holds both equal."""


def passed(message: str, *ids: str) -> Verdict:
    """Answer that the rule is kept."""
    return Verdict(Status.PASS, message, ids)


def failed(message: str, *ids: str, settles: bool = False) -> Verdict:
    """Answer that the rule is broken by these resources."""
    return Verdict(Status.FAIL, message, ids, settles)


def unknown(message: str, *ids: str, settles: bool = False) -> Verdict:
    """Answer that nothing seen so far decides."""
    return Verdict(Status.UNKNOWN, message, ids, settles)


def not_applicable(message: str) -> Verdict:
    """Answer that there is nothing here that the rule could speak about."""
    return Verdict(Status.NOT_APPLICABLE, message)


NO_ENI: Final = not_applicable("the group has not exactly one ENI")
NO_INSTANCE: Final = not_applicable("the group has no instance, or more than one")
NO_EIPS: Final = not_applicable("the group has no EIPs")


def accepted(facts: Facts) -> tuple[str, ...]:
    """Return the EIPs that prove that the cloud takes this mode for this account, here."""
    return tuple(eip.id for eip in facts.bound if eip.mode is BindMode.MULTI)


def counted(number: int, what: str) -> str:
    """Write a number of things as people read it."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def listed(ids: Iterable[str]) -> str:
    """Write ids as people read them."""
    return ", ".join(ids)
