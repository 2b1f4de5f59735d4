"""The limits of one run."""

from __future__ import annotations

from multieip.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of one run. `deadline` is a reading of `clock.monotonic()`: no call begins after it.

    `fresh_s` is how old a look may be when a write stands on it, `patience_s` how long one run waits for what
    time alone cures. `only` are patterns of the groups that may be written to; empty means all. `keys` says
    whose keys the run has: a missing permission is granted there. `rule_priority` is where the rules of EIPs
    stand in a Linux guest.
    """

    deadline: float
    max_turns: int
    request_id: str = ""
    fresh_s: float = 3.0
    patience_s: float = 90.0
    only: tuple[str, ...] = ()
    account: str = ""
    keys: str = "the function's role"
    tag_prefix: str = "multi-eip:"
    rule_priority: int = 5
