"""Commands on their way through instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from localcloud.guests.base import Execution

CommandType = Literal["RunShellScript", "RunPowerShellScript", "RunBatScript"]
Status = Literal[
    "Pending",
    "Running",
    "Stopping",
    "Success",
    "Failed",
    "Error",
    "Timeout",
    "Aborted",
    "Cancelled",
    "Terminated",
]

FINAL: frozenset[str] = frozenset(
    {"Success", "Failed", "Error", "Timeout", "Aborted", "Cancelled", "Terminated"}
)
MAX_OUTPUT = 24 * 1024


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

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINAL

    def end(self, execution: Execution, finished: str) -> None:
        """Take over what the guest made of it."""
        self.finished = finished
        self.exit_code = execution.exit_code
        self.output = execution.output[:MAX_OUTPUT]
        self.dropped = max(0, len(execution.output) - MAX_OUTPUT)
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
    "Aborted": "Failed",
}


def record_status(outcome: Outcome) -> str:
    """`InvokeRecordStatus` of one instance's result."""
    if outcome.status == "Failed":
        return "Finished"
    return LEGACY.get(outcome.status, outcome.status)
