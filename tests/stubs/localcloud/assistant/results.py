"""One command on its way to one instance, and the news that it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud.physics.clock import stamp

if TYPE_CHECKING:
    from localcloud.calls.operations import Call
    from localcloud.guests.base import Command
    from localcloud.state.commands import Invocation, Outcome
    from localcloud.state.ecs import Instance


@dataclass(frozen=True, slots=True)
class Delivery:
    """One command for one instance."""

    call: Call
    invocation: Invocation
    instance: Instance
    outcome: Outcome
    command: Command

    @property
    def subject(self) -> str:
        """What the change is called while it is under way."""
        return f"{self.invocation.invoke_id}/{self.instance.instance_id}"

    def now(self) -> str:
        """Return the cloud's time stamp."""
        return stamp(self.call.cloud.clock.now())


def announce(call: Call, invocation: Invocation, outcome: Outcome) -> None:
    """Tell that a command has ended on an instance."""
    call.cloud.trail.command_done(
        call.account.account_id,
        call.region_id,
        {
            "commandId": invocation.command_id,
            "commandName": invocation.name,
            "invokeId": invocation.invoke_id,
            "exitCode": "" if outcome.exit_code is None else str(outcome.exit_code),
            "finishTime": outcome.finished,
            "instanceId": outcome.instance_id,
            "invocationStatus": outcome.status,
        },
    )
