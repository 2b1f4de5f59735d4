"""What a plan says to do next: one write, a wait for what is in motion, or an end."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from multieip.plan.steps import Step


class Motion(Enum):
    """What is in motion, and so what has to be read again while a run waits for it.

    `OTHERS`: nothing moves, but another run may be at work; it is given some time.
    """

    ENI = "eni"
    EIPS = "eips"
    OTHERS = "others"


class Ending(Enum):
    """Why there is nothing to write now."""

    DONE = "everything is as it is wanted"
    RELEASED = "everything of the group is taken back"
    BLOCKED = "a rule stands against it"
    HELD = "the group is on hold"
    PERSON = "somebody has to do something first"
    TIME = "time alone may cure it"
    PROMISED = "another group has to give up an EIP first"
    SETTLING = "the set of EIPs may still grow"
    FAILED = "what should have worked did not"
    TOO_LATE = "this run has not enough time left for it"


@dataclass(frozen=True, slots=True)
class Write:
    """Send this step now, then look again."""

    step: Step


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again later: these resources are between two states."""

    motion: Motion
    ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing can be written now, and why."""

    ending: Ending
    reason: str = ""


Decision: TypeAlias = Write | Wait | End
