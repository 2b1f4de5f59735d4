"""How long things take and how often they may be asked: `instant` for tests, `realistic` for rehearsals."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from localcloud.errors import throttled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.physics.clock import Clock

ProfileName = Literal["instant", "realistic"]


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of figures: seconds per change, round trip, calls a minute per API."""

    round_trip_s: float
    jitter: float
    seconds: Mapping[str, float]
    per_minute: Mapping[str, int] = field(default_factory=dict)

    def duration(self, change: str) -> float:
        """How long a change of this kind takes."""
        return self.seconds[change]


_CHANGES = {
    "associate": 6.0,
    "unassociate": 6.0,
    "release": 1.0,
    "create-eni": 1.0,
    "attach": 5.0,
    "detach": 5.0,
    "delete": 2.0,
    "command": 1.5,
    "start": 10.0,
    "stop": 10.0,
    "reboot": 15.0,
    "deliver": 60.0,
}

# What the instant profile hurries; an agent that does not answer is still given up after its minute.
_QUICK = tuple(change for change in _CHANGES if change != "deliver")

# Published per user and API in 60 seconds; terway's client budgets where the vendor publishes none.
_PER_MINUTE = {
    "AllocateEipAddress": 120,
    "AssociateEipAddress": 120,
    "AssociateEipAddressBatch": 30,
    "UnassociateEipAddress": 120,
    "DescribeEipAddresses": 600,
    "ReleaseEipAddress": 600,
    "CreateNetworkInterface": 500,
    "AttachNetworkInterface": 500,
    "DeleteNetworkInterface": 500,
    "DescribeNetworkInterfaces": 800,
    "DetachNetworkInterface": 400,
    "AssignPrivateIpAddresses": 400,
    "DescribeInstanceTypes": 400,
}

PROFILES: Mapping[ProfileName, Profile] = {
    "instant": Profile(0.0, 0.0, {**_CHANGES, **{change: _CHANGES[change] / 10 for change in _QUICK}}),
    "realistic": Profile(0.040, 0.25, _CHANGES, _PER_MINUTE),
}


class Latency:
    """Round trips with jitter, from a seed."""

    def __init__(self, profile: Profile, seed: int) -> None:
        """Promise: the same seed gives the same jitter."""
        self.profile = profile
        self._random = random.Random(seed)

    def round_trip(self) -> float:
        """Seconds until the answer of one call arrives."""
        base = self.profile.round_trip_s
        if not base:
            return 0.0
        return base * self._random.uniform(1 - self.profile.jitter, 1 + self.profile.jitter)


class Limits:
    """Counts calls per account, region and API by the minute of the wall clock, as the cloud does."""

    def __init__(self, clock: Clock, per_minute: Mapping[str, int]) -> None:
        """APIs that `per_minute` does not name are free."""
        self._clock = clock
        self.per_minute = dict(per_minute)
        self._counts: dict[tuple[str, str, str], tuple[int, int]] = {}

    def count(self, account: str, region: str, action: str) -> None:
        """Count one call; refuse it where the minute's share is used up."""
        limit = self.per_minute.get(action)
        if limit is None:
            return
        minute = int(self._clock.now().timestamp() // 60)
        key = (account, region, action)
        seen_minute, seen = self._counts.get(key, (minute, 0))
        seen = seen + 1 if seen_minute == minute else 1
        self._counts[key] = (minute, seen)
        if seen > limit:
            raise throttled()
