"""Faults on demand: which API, what goes wrong, how often.

A fault is written `API:KIND[:KEY=VALUE[,KEY=VALUE…]]`; the API may be a pattern (`*`, `Describe*`). Keys of
every kind: `times` (then it is over), `after` (let so many pass first), `p` (probability). More keys belong
to a kind and are listed with it in `KINDS`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from localcloud.errors import THROTTLING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS: Mapping[str, str] = {
    "throttle": "code=Throttling | Throttling.User | Throttling.Api",
    "unavailable": "503 ServiceUnavailable",
    "internal": "500 InternalError",
    "error": "code, status, message: any refusal",
    "reset-before": "the connection ends before the call took effect",
    "reset-after": "the call takes effect and its answer is lost",
    "slow": "seconds: the answer comes late",
    "deny": "the permission is missing (Forbidden.RAM; an empty list where the cloud gives one)",
    "stuck": "the change that the call starts never ends by itself",
    "falls-back": "the change ends where it began (an attach that failed)",
    "unlisted": "reads: the new object is missing from so many lists",
    "offline": "Cloud Assistant is not connected (RunCommand, DescribeCloudAssistantStatus)",
    "undelivered": "the command never reaches the agent (Aborted, DeliveryTimeout)",
    "timeout": "the command runs past its timeout",
    "truncate": "bytes: the command's output is cut there",
    "hostile": "the command's output is preceded by noise that is no answer",
    "client": "error: ErrorCode of a command that could not be run",
}

_COMMON_KEYS = {"times", "after", "p"}
_OWN_KEYS: Mapping[str, set[str]] = {
    "throttle": {"code"},
    "error": {"code", "status", "message"},
    "slow": {"seconds"},
    "unlisted": {"reads"},
    "truncate": {"bytes"},
    "client": {"error"},
}
_NUMBERS = frozenset(("status", "seconds", "reads", "bytes"))


@dataclass(slots=True)
class Fault:
    """One fault that was asked for, and how often it has struck."""

    api: str
    kind: str
    times: int | None = None
    after: int = 0
    p: float = 1.0
    detail: Mapping[str, str] = field(default_factory=dict)
    struck: int = 0

    @classmethod
    def parse(cls, spec: str) -> Fault:
        """Read the form of the command line; a mistake says what is possible."""
        api, _, rest = spec.partition(":")
        kind, _, options = rest.partition(":")
        if not api or kind not in KINDS:
            raise ValueError(
                f"fault {spec!r}: expected API:KIND[:KEY=VALUE,…], KIND one of {', '.join(KINDS)}"
            )
        detail: dict[str, str] = {}
        for option in filter(None, options.split(",")):
            key, separator, value = option.partition("=")
            if not separator or key not in _COMMON_KEYS | _OWN_KEYS.get(kind, set()):
                allowed = ", ".join(sorted(_COMMON_KEYS | _OWN_KEYS.get(kind, set())))
                raise ValueError(f"fault {spec!r}: {option!r} is no option of {kind}; there are {allowed}")
            detail[key] = value
        try:
            times = int(detail.pop("times")) if "times" in detail else None
            made = cls(api, kind, times, int(detail.pop("after", "0")), float(detail.pop("p", "1")), detail)
            made.check()
        except ValueError as wrong:
            raise ValueError(f"fault {spec!r}: {wrong}") from wrong
        return made

    def check(self) -> None:
        """Say now, not when it strikes, that a number is none or that a code does not exist."""
        if self.after < 0 or (self.times is not None and self.times < 0) or not 0 <= self.p <= 1:
            raise ValueError("times and after are not negative, p is from 0 to 1")
        for name in _NUMBERS & self.detail.keys():
            if float(self.detail[name]) < 0 or (name != "seconds" and not self.detail[name].isdigit()):
                raise ValueError(f"{name}={self.detail[name]}: it is a number, not negative")
        if self.kind == "throttle" and self.detail.get("code", "Throttling") not in THROTTLING:
            raise ValueError(f"code is one of {', '.join(THROTTLING)}")

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was meant to."""
        return self.times is not None and self.struck >= self.times

    def __str__(self) -> str:
        """For people: what, where, how often so far."""
        return f"{self.api}:{self.kind} (struck {self.struck} times)"


class Faults:
    """The faults of one cloud; the seed makes probabilities replayable."""

    def __init__(self, seed: int, specs: Sequence[str] = ()) -> None:
        """Start with the faults given in the form of the command line."""
        self._random = random.Random(seed)
        self.all: list[Fault] = [Fault.parse(spec) for spec in specs]

    def add(self, spec: str) -> Fault:
        """Ask for one more; the result tells later how often it struck."""
        fault = Fault.parse(spec)
        self.all.append(fault)
        return fault

    def clear(self) -> None:
        """Heal everything."""
        self.all.clear()

    def strike(self, action: str, *kinds: str) -> Fault | None:
        """Return the first fault of these kinds that hits this call now, or None."""
        for fault in self.all:
            if fault.kind not in kinds or fault.spent or not fnmatchcase(action, fault.api):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.p < 1.0 and self._random.random() >= fault.p:
                continue
            fault.struck += 1
            return fault
        return None
