"""Commands on their way to instances: readable or not, delivered or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.assistant.agent import enqueue
from localcloud.assistant.commands import filled_in
from localcloud.assistant.results import Delivery, announce
from localcloud.guests.base import Command
from localcloud.physics.clock import stamp
from localcloud.physics.transitions import Stay
from localcloud.state.commands import Invocation, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.calls.operations import Call
    from localcloud.state.commands import Status
    from localcloud.state.ecs import Instance


def deliver(
    call: Call, invocation: Invocation, instance: Instance, values: Mapping[str, str], *, readable: bool
) -> None:
    """Start the command on one instance; how it ends shows in the invocation's results."""
    outcome = Outcome(instance.instance_id, created=stamp(call.cloud.clock.now()))
    invocation.outcomes[instance.instance_id] = outcome
    command = Command(
        invocation.kind,
        filled_in(call, invocation, instance, values),
        float(invocation.timeout_s),
        # None named is the agent's own user, and `root` by name is refused by it.
        call.args.text("Username"),
        invocation.working_dir,
    )
    delivery = Delivery(call, invocation, instance, outcome, command)
    if not readable:
        _fail(delivery, "Error", "CommandContentDecodeError", "The command content cannot be decoded.")
    elif not _undeliverable(delivery, at_once=invocation.repeat_mode == "DryRun"):
        if invocation.repeat_mode == "DryRun":
            outcome.status, outcome.finished = "Success", delivery.now()
            announce(call, invocation, outcome)
        else:
            enqueue(delivery)


def _fail(delivery: Delivery, status: Status, code: str, info: str) -> None:
    if not delivery.outcome.final:
        delivery.outcome.fail(status, code, info, delivery.now())
        announce(delivery.call, delivery.invocation, delivery.outcome)


def _undeliverable(delivery: Delivery, *, at_once: bool) -> bool:
    call, instance = delivery.call, delivery.instance
    if instance.status != "Running":
        _fail(delivery, "Aborted", "InstanceNotRunning", "The instance is not running.")
        return True
    fault = call.cloud.faults.strike("RunCommand", "offline", "undelivered", "client", args=call.args)
    if fault is not None and fault.kind == "client":
        code = fault.detail.get("error", "ExecutionException")
        _fail(delivery, "Error", code, f"The command could not be run: {code}.")
        return True
    if fault is None and instance.assistant_online:
        return False
    code = "DeliveryTimeout" if fault is not None and fault.kind == "undelivered" else "ClientNotOnline"

    def aborted() -> None:
        _fail(delivery, "Aborted", code, "The command was not delivered to the instance.")

    if at_once:
        aborted()
    else:
        seconds = call.cloud.profile.duration("deliver")
        call.cloud.transitions.begin(delivery.subject, aborted, stay=Stay(seconds))
    return True
