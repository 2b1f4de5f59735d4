"""What the lists of members show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.cloud.listing import Listed
from multieip.dataclass import dataclass, field

if TYPE_CHECKING:
    from multieip.model.facts import Reading, Unread
    from multieip.model.resources import Eip, Eni, Instance, OddRow


@dataclass(slots=True)
class Candidates:
    """What the lists of members show; `unread` says which of them could not be read."""

    enis: Listed[Eni] = field(default_factory=Listed)
    eips: Listed[Eip] = field(default_factory=Listed)
    instances: Listed[Instance] = field(default_factory=Listed)
    unread: dict[Reading, Unread] = field(default_factory=dict)

    @property
    def odd(self) -> tuple[OddRow, ...]:
        """Every entry that could not be read."""
        return (*self.enis.odd, *self.eips.odd, *self.instances.odd)
