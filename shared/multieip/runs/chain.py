"""The waiting of one group from run to run: a value that one hands to the next."""

from __future__ import annotations

from typing import Final

from multieip.dataclass import dataclass

FIRST_CHAIN_PAUSE_S: Final = 30.0
LONGEST_CHAIN_PAUSE_S: Final = 600.0
MOST_CHAIN_CALLS: Final = 60
SLOT_S: Final = 600
"""The one run of a group that goes on waiting has an id with the ten minutes that it was begun in."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The waiting of one group over several runs: `pause` before the next look, `calls` made so far.

    `slots` counts the runs, `slot` is the ten minutes that this one stands for.
    """

    pause: float = FIRST_CHAIN_PAUSE_S
    calls: int = 0
    slots: int = 0
    slot: int = 0

    def longer(self) -> Chain:
        """Return the chain with the next, doubled pause."""
        return Chain(min(self.pause * 2, LONGEST_CHAIN_PAUSE_S), self.calls, self.slots, self.slot)
