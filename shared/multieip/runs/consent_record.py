"""The consents that a run has acted on, for its result and its log: what, seen when, and set by whom."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass, field
from multieip.plan.consents import consents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multieip.log import Log
    from multieip.model.facts import Facts
    from multieip.plan.consents import Consent
    from multieip.plan.steps import Step
    from multieip.ports import Json

_TOLD: Final = ("by", "at", "event")


@dataclass(slots=True)
class ConsentRecord:
    """What each write of one run rested on, in the order of the writes.

    `cause` is what started the run: of an event that set the tags, it says who did.
    """

    log: Log
    cause: Mapping[str, Any] | None = None
    entries: list[Json] = field(default_factory=list)

    def note(self, step: Step, facts: Facts, *, undoing: bool) -> None:
        """Take in what the step rests on; said before it is sent."""
        for each in consents(step, facts, undoing=undoing):
            entry = {
                "tag": each.tag,
                "value": each.value,
                "on": each.on,
                "seen_at": _time(facts.asof_ms),
                "step": type(step).__name__,
                "set_by": self._set_by(each),
            }
            if entry not in self.entries:
                self.entries.append(entry)
                self.log.say("consent", **entry)

    def _set_by(self, consent: Consent) -> Json | None:
        """Return who set the tag, where the events behind this run say so."""
        for told in self._told():
            if (told.get("tag"), told.get("value"), told.get("on")) == (
                consent.tag,
                consent.value,
                consent.on,
            ):
                return {key: str(told[key]) for key in _TOLD if told.get(key)}
        return None

    def _told(self) -> Iterator[Mapping[str, Any]]:
        told = (self.cause or {}).get("consents")
        for each in told if isinstance(told, list) else ():
            if isinstance(each, dict):
                yield each


def _time(asof_ms: int) -> str | None:
    if not asof_ms:
        return None
    return datetime.fromtimestamp(asof_ms / 1000, timezone.utc).isoformat(timespec="milliseconds")
