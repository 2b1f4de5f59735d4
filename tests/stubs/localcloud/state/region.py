"""What one account has in one region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localcloud.state.ecs import EniStore, Instance, SecurityGroup
from localcloud.state.eips import EipStore
from localcloud.state.ordered import Ordered
from localcloud.state.tags import TagStore

if TYPE_CHECKING:
    from localcloud.state.commands import Invocation
    from localcloud.state.networks import Vpc, VSwitch
    from localcloud.state.others import OtherTarget


@dataclass(slots=True)
class RegionState:
    """Everything of one account in one region; it is made empty and dropped by a reset."""

    account_id: str
    region_id: str
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    vswitches: dict[str, VSwitch] = field(default_factory=dict)
    security_groups: dict[str, SecurityGroup] = field(default_factory=dict)
    eips: EipStore = field(default_factory=EipStore)
    enis: EniStore = field(default_factory=EniStore)
    instances: Ordered[Instance] = field(default_factory=Ordered)
    # The day of the last command, and how many commands there were on it.
    commands_today: tuple[str, int] = ("", 0)
    invocations: dict[str, Invocation] = field(default_factory=dict)
    invocations_on: dict[str, list[Invocation]] = field(default_factory=dict)
    others: dict[str, OtherTarget] = field(default_factory=dict)
    tags: TagStore = field(default_factory=TagStore)
    # Lists whose first page was given: the cloud's revision then, and everything that was chosen.
    lists: dict[Any, tuple[int, list[Any]]] = field(default_factory=dict)
    # Query to the number of the page that was read last.
    pages: dict[Any, int] = field(default_factory=dict)
    # ClientToken → fingerprint of the other parameters and the answer that was given.
    answers: dict[tuple[str, str], tuple[str, dict[str, Any]]] = field(default_factory=dict)
