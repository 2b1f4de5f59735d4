"""How a local cloud is to behave; every field has a default that suits a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from localcloud import catalogue
from localcloud.physics.faults import Faults
from localcloud.physics.switches import Switches
from localcloud.state.addresses import DEFAULT_NETWORKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Network

    from localcloud.physics.clock import Clock
    from localcloud.physics.latency import ProfileName
    from localcloud.physics.transitions import Mode


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """The choices that make one cloud.

    `clock` drives changes and credentials; `wall_clock` judges the timestamps of callers (the clock itself
    unless callers are other processes while the cloud's time is virtual). `threaded` lets guests work in the
    background, as a server needs it. The same `seed` gives the same ids, jitter and random faults.
    """

    clock: Clock | None = None
    wall_clock: Clock | None = None
    transitions: Mode = "time"
    reads: int = 2
    latency: ProfileName = "instant"
    seed: int = 20161
    switches: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[str] = ()
    eip_networks: Sequence[IPv4Network] = DEFAULT_NETWORKS
    home_region: str = "cn-shanghai"
    threaded: bool = False

    def check(self) -> None:
        """Raise `ValueError` with one clear line where a switch or fault does not exist."""
        Switches(self.switches)
        Faults(self.seed, self.faults)
        for spec in self.faults:
            pattern = spec.partition(":")[0]
            if not any(fnmatchcase(action, pattern) for action in catalogue.actions()):
                raise ValueError(f"fault {spec!r}: no API is called {pattern}; * and ? stand for others")
        if self.reads < 1:
            raise ValueError(f"a change takes at least one read, not {self.reads}")
