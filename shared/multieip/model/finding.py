"""What a rule says about a group."""

from __future__ import annotations

from enum import Enum

from multieip.dataclass import dataclass


class Severity(str, Enum):
    """How bad a failed rule is: an error stops the run, a warning is told, advice is offered."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Status(str, Enum):
    """What a rule said."""

    PASS = "pass"  # noqa: S105  a rule's answer, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    EXEMPT = "exempt"


class Phase(str, Enum):
    """When a rule speaks: before the first write, or about the result."""

    BEFORE = "before"
    AFTER = "after"


class Reach(str, Enum):
    """How much of a run a broken rule stops.

    `eips`: only the EIPs that the finding names; the others are served without them. `change`: the set of
    EIPs stays as it is; what is bound is attached again, and the guest is kept right. `attach`: the ENI is
    not attached either. `guest`: nor is its guest configured. `all`: nothing is written.
    """

    EIPS = "eips"
    CHANGE = "change"
    ATTACH = "attach"
    GUEST = "guest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one group. `ids` are the resources concerned.

    `settles` marks a failure that time alone may cure (an ENI still detaching, a guest still booting).
    """

    rule: str
    severity: Severity
    phase: Phase
    status: Status
    message: str
    ids: tuple[str, ...] = ()
    remedy: str = ""
    settles: bool = False
    blocks: bool = False
    reach: Reach = Reach.ALL

    @property
    def bad(self) -> bool:
        """Whether somebody should look at it."""
        return self.status in {Status.FAIL, Status.UNKNOWN}
