"""What has happened in one run so far: its course, its steps, whom it told, what it was refused."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from multieip.dataclass import dataclass, field, replace

if TYPE_CHECKING:
    from multieip.model.facts import Facts, Refusal
    from multieip.model.resources import Instance
    from multieip.plan.course import Course
    from multieip.plan.decision import End
    from multieip.runs.bind_request import Settling
    from multieip.runs.bind_result import Told
    from multieip.runs.chain import Chain
    from multieip.runs.consent_record import ConsentRecord
    from multieip.runs.outcome import Outcome


@dataclass(slots=True)
class Journal:
    """The run's memory. Everything that outlives it is in the cloud, in the guest, or in a hand-over.

    `emptied` is true once a guest has said that it took out EIPs which it had.

    `denied` are the RAM actions that the keys lack, with the cloud's own words.

    `gave_up` is true once it has waited for what time alone cures as long as it may.

    `last` are the facts of the latest look; `stopped` is why nothing but the way back is left to do.
    """

    course: Course
    last: Facts
    consents: ConsentRecord
    chain: Chain | None = None
    settling: Settling | None = None
    took_off: bool = False
    stopped: End | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    changed: bool = False
    refusals: list[Refusal] = field(default_factory=list)
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    denied: dict[str, str] = field(default_factory=dict)
    came_from: Instance | None = None
    patience: int = 0
    tries: int = 0
    guest_failures: Counter[str] = field(default_factory=Counter)
    tried_back: bool = False
    emptied: bool = False
    windowed: bool = False
    waited_for_others: bool = False
    gave_up: bool = False

    def note(self, **changes: Any) -> None:  # noqa: ANN401  fields of the course
        """Take a change into the course."""
        self.course = replace(self.course, **changes)

    def told_in_a_result(self) -> dict[str, Any]:
        """Return those fields of the result that the journal knows by itself."""
        return {
            "changed": self.changed,
            "outcomes": tuple(self.outcomes),
            "told": tuple(self.told),
            "consents": tuple(self.consents.entries),
            "gave_up": self.gave_up,
        }

    def seen(self, facts: Facts) -> None:
        """Take in a look, and what could not be read in it for want of a permission."""
        self.last = facts
        self.denied |= {reading.permission: str(why) for reading, why in facts.unread.items() if why.denied}

    def stop(self, end: End, *, put_back: bool = True) -> None:
        """Let the run end with this; before that, one that owes puts the ENI back and does nothing else.

        `put_back` is false where the ENI is off because it is wanted so.
        """
        self.stopped = self.stopped or end
        if not put_back:
            return
        if self.course.restoring:
            # What was to put it back has failed as well: then to where it came from, or not at all.
            lost = self.course.way_back is None or self.tried_back
            self.tried_back = True
            self.note(no_way_back=lost)
        elif self.course.owes is not None:
            self.note(restoring=True)
