"""Commands on their way through instances."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.guests.base import Execution

CommandType = Literal["RunShellScript", "RunPowerShellScript", "RunBatScript"]
Status = Literal[
    "Pending",
    "Running",
    "Stopping",
    "Success",
    "Failed",
    "Error",
    "Invalid",
    "Timeout",
    "Aborted",
    "Cancelled",
    "Terminated",
]

FINAL: frozenset[str] = frozenset(
    {"Success", "Failed", "Error", "Invalid", "Timeout", "Aborted", "Cancelled", "Terminated"}
)
# Of longer output the agent keeps what it had reported before the end, and from the end on what fills this.
MAX_OUTPUT = 12_000
# An agent runs so many commands at once; the rest waits.
AT_ONCE = 10


@dataclass(slots=True)
class Agent:
    """What Cloud Assistant's agent is at: commands under way by subject, and those that wait."""

    active: dict[str, Callable[[str], None]] = field(default_factory=dict)
    waiting: deque[tuple[str, Callable[[], None], Callable[[str], None]]] = field(default_factory=deque)


@dataclass(slots=True)
class Outcome:
    """How a command fares on one instance."""

    instance_id: str
    status: Status = "Pending"
    created: str = ""
    started: str = ""
    finished: str = ""
    stopped: str = ""
    output: bytes = b""
    dropped: int = 0
    exit_code: int | None = None
    error_code: str = ""
    error_info: str = ""
    # Stopped while it waited, and to be run all the same.
    runs_anyway: bool = False

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINAL

    def end(self, execution: Execution, finished: str) -> None:
        """Take over what the guest made of it."""
        self.finished = finished
        if execution.invalid:
            self.fail(
                "Invalid", execution.invalid, f"The command cannot be run: {execution.invalid}.", finished
            )
            return
        self.exit_code = execution.exit_code
        self.output, self.dropped = kept_output(execution.output, execution.early)
        if execution.timed_out:
            self.fail("Timeout", "ExecutionTimeout", "The command execution has been timeout.", finished)
        elif execution.exit_code:
            self.status, self.error_code = "Failed", "ExitCodeNonzero"
            self.error_info = "The exit code of the command is not 0."
        else:
            self.status = "Success"

    def fail(self, status: Status, code: str, info: str, finished: str) -> None:
        """Record that it could not be run, or not to its end."""
        self.status, self.error_code, self.error_info, self.finished = status, code, info, finished


def kept_output(output: bytes, early: int) -> tuple[bytes, int]:
    """Return what is left of an output, and how many bytes in its middle (or at its head) are lost."""
    if len(output) <= MAX_OUTPUT:
        return output, 0
    return output[:early] + output[early - MAX_OUTPUT :], len(output) - MAX_OUTPUT


@dataclass(slots=True)
class Invocation:
    """One RunCommand on one or more instances."""

    invoke_id: str
    command_id: str
    kind: CommandType
    name: str
    content: bytes
    created: str
    timeout_s: int
    username: str
    working_dir: str
    parameters: str = "{}"
    repeat_mode: str = "Once"
    termination_mode: str = "Process"
    launcher: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The status of the whole: `InvocationStatus` of DescribeInvocations."""
        states = {outcome.status for outcome in self.outcomes.values()}
        for unfinished in ("Stopping", "Running", "Pending"):
            if unfinished in states:
                return unfinished
        if len(states) == 1:
            return next(iter(states))
        return "PartialFailed" if "Success" in states else "Failed"

    @property
    def legacy_status(self) -> str:
        """The older `InvokeStatus`."""
        return LEGACY.get(self.status, self.status)


# `InvokeRecordStatus` of older clients: a command that ended with an exit code is Finished, good or bad.
LEGACY = {
    "Success": "Finished",
    "Terminated": "Stopped",
    "Cancelled": "Stopped",
    "Timeout": "Failed",
    "Error": "Failed",
    "Invalid": "Failed",
    "Aborted": "Failed",
}


def record_status(outcome: Outcome) -> str:
    """`InvokeRecordStatus` of one instance's result."""
    if outcome.status == "Failed":
        return "Finished"
    return LEGACY.get(outcome.status, outcome.status)
