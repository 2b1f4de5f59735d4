"""Faults on demand: which API, what goes wrong, how often.

A fault is written `API:KIND[:KEY=VALUE[,KEY=VALUE…]]`; the API may be a pattern (`*`, `Describe*`). Keys of
every kind: `times` (then it is over), `after` (let so many pass first), `p` (probability), `with` (only calls
that send this parameter, as `with=Tag`), `since` (only after a call of this action was accepted, as
`since=DetachNetworkInterface`). More keys belong to a kind and stand with it in `KINDS`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from localcloud.errors import THROTTLING
from localcloud.physics.fault_kinds import FIELD_FORMS, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_COMMON_KEYS = {"times", "after", "p", "with", "since"}
_FRACTIONS = frozenset({"seconds", "late"})


class Sent(Protocol):
    """The parameters of the call that a fault may strike."""

    def has(self, name: str) -> bool:
        """Whether the parameter was sent with a value, in any form."""


@dataclass(slots=True)
class Fault:
    """One fault that was asked for, and how often it has struck."""

    api: str
    kind: str
    times: int | None = None
    after: int = 0
    p: float = 1.0
    only_with: str = ""
    since: str = ""
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
        detail = _options(spec, kind, options)
        try:
            times = int(detail.pop("times")) if "times" in detail else None
            after, p = int(detail.pop("after", "0")), float(detail.pop("p", "1"))
            only_with, since = detail.pop("with", ""), detail.pop("since", "")
            made = cls(api, kind, times, after, p, only_with, since, detail)
            made.check()
        except ValueError as wrong:
            raise ValueError(f"fault {spec!r}: {wrong}") from wrong
        return made

    def check(self) -> None:
        """Say now, not when it strikes, that a number is none or that a word does not exist."""
        if self.after < 0 or (self.times is not None and self.times < 0) or not 0 <= self.p <= 1:
            raise ValueError("times and after are not negative, p is from 0 to 1")
        for name in KINDS[self.kind].numbers:
            text = self.detail.get(name)
            if text is not None and (float(text) < 0 or (name not in _FRACTIONS and not text.isdigit())):
                raise ValueError(f"{name}={text}: it is a number, not negative")
        if "by" in self.detail:
            int(self.detail["by"])
        if self.kind == "throttle" and self.detail.get("code", "Throttling") not in THROTTLING:
            raise ValueError(f"code is one of {', '.join(THROTTLING)}")
        if self.kind == "lag" and len(self.detail) != 1:
            raise ValueError("a lag is in writes or in seconds")
        if self.kind == "agent-restart" and self.detail.get("answer", "lost") not in {"lost", "existed"}:
            raise ValueError("answer is lost or existed")
        if self.kind == "field":
            self._check_field()

    def _check_field(self) -> None:
        if "name" not in self.detail or ("as" in self.detail) == ("value" in self.detail):
            raise ValueError("it wants a name, and either as or value")
        if self.detail.get("as", "null") not in FIELD_FORMS:
            raise ValueError(f"as is one of {', '.join(FIELD_FORMS)}")

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was meant to."""
        return self.times is not None and self.struck >= self.times

    def number(self, name: str, default: int) -> int:
        """Return a whole number among its own keys."""
        return int(self.detail.get(name, default))

    def seconds(self, default: float) -> float:
        """Return its key `seconds`."""
        return float(self.detail.get("seconds", default))

    def __str__(self) -> str:
        """For people: what, where, how often so far."""
        return f"{self.api}:{self.kind} (struck {self.struck} times)"


class Faults:
    """The faults of one cloud; the seed makes probabilities and choices replayable."""

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

    def strike(self, action: str, *kinds: str, args: Sent | None = None) -> Fault | None:
        """Return the first fault of these kinds that hits this call now, or None."""
        for fault in self.all:
            if fault.kind in kinds and self._hits(fault, action, args):
                return fault
        return None

    def strikes(self, action: str, *kinds: str, args: Sent | None = None) -> Iterator[Fault]:
        """Every fault of these kinds that hits this call now, in the order in which they were asked for."""
        for fault in self.all:
            if fault.kind in kinds and self._hits(fault, action, args):
                yield fault

    def _hits(self, fault: Fault, action: str, args: Sent | None) -> bool:
        if fault.spent or fault.since or not fnmatchcase(action, fault.api):
            return False
        if fault.only_with and (args is None or not args.has(fault.only_with)):
            return False
        if fault.after > 0:
            fault.after -= 1
            return False
        if fault.p < 1.0 and self._random.random() >= fault.p:
            return False
        fault.struck += 1
        return True

    def accepted(self, action: str) -> None:
        """Wake the faults that wait for a call of this action."""
        for fault in self.all:
            if fault.since and fnmatchcase(action, fault.since):
                fault.since = ""

    def choose(self, among: int) -> int:
        """Return one of so many places, by the seed."""
        return self._random.randrange(among)


def _options(spec: str, kind: str, text: str) -> dict[str, str]:
    allowed = _COMMON_KEYS | {*KINDS[kind].numbers, *KINDS[kind].words}
    detail: dict[str, str] = {}
    for option in filter(None, text.split(",")):
        key, separator, value = option.partition("=")
        if not separator or key not in allowed:
            known = ", ".join(sorted(allowed))
            raise ValueError(f"fault {spec!r}: {option!r} is no option of {kind}; there are {known}")
        detail[key] = value
    return detail
