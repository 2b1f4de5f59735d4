"""What the findings of the rules leave to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.model.finding import Reach

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from multieip.model.finding import Finding

_REACHES: Final = {
    Reach.CHANGE: {Reach.CHANGE, Reach.ATTACH, Reach.GUEST, Reach.ALL},
    Reach.ATTACH: {Reach.ATTACH, Reach.GUEST, Reach.ALL},
    Reach.GUEST: {Reach.GUEST, Reach.ALL},
    Reach.ALL: {Reach.ALL},
    Reach.EIPS: {Reach.EIPS},
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The findings that stand in the way: those that last, and those that time alone may cure."""

    lasting: tuple[Finding, ...] = ()
    passing: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Limits:
        """Sort the findings that block."""
        blocking = [finding for finding in findings if finding.blocks]
        return cls(
            tuple(f for f in blocking if not f.settles),
            tuple(f for f in blocking if f.settles),
        )

    def stop(self, what: Reach) -> bool:
        """Whether anything stands against it, lasting or passing."""
        return bool(self.against(what) or self.for_now(what))

    def against(self, what: Reach) -> tuple[Finding, ...]:
        """Return the lasting findings that stop a change, an attach, the guest, or everything."""
        return tuple(f for f in self.lasting if f.reach in _REACHES[what])

    def for_now(self, what: Reach) -> tuple[Finding, ...]:
        """Return the passing findings that stop it."""
        return tuple(f for f in self.passing if f.reach in _REACHES[what])

    def eips(self) -> dict[str, Finding]:
        """Return the EIPs that are blocked by themselves, with the first rule that says so."""
        blocked: dict[str, Finding] = {}
        for finding in self.against(Reach.EIPS):
            for each in finding.ids:
                blocked.setdefault(each, finding)
        return blocked


def messages(findings: Collection[Finding]) -> str:
    """Write findings as people read them; what several rules say in the same words is written once."""
    said: dict[str, list[str]] = {}
    for finding in findings:
        said.setdefault(finding.message, []).append(finding.rule)
    return "; ".join(f"{', '.join(rules)}: {message}" for message, rules in said.items())
