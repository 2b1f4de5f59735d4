"""Commands on their way: delivered or not, run in the guest, finished, stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from localcloud.assistant.commands import filled_in
from localcloud.guests.base import Command, Execution
from localcloud.physics.clock import stamp
from localcloud.physics.transitions import Stay
from localcloud.state.commands import Invocation, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.calls.operations import Call
    from localcloud.physics.faults import Fault
    from localcloud.state.ecs import Instance

_NOISE = b'\x1b[31mwarning:\x00 \xff\xfe {"version": 1, "state": \r\n{{{\n' + b"A" * 64 + b"\n"


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


def deliver(
    call: Call, invocation: Invocation, instance: Instance, values: Mapping[str, str], *, readable: bool
) -> None:
    """Start the command on one instance; how it ends shows in the invocation's results."""
    now = stamp(call.cloud.clock.now())
    outcome = Outcome(instance.instance_id, created=now)
    invocation.outcomes[instance.instance_id] = outcome
    command = Command(
        invocation.kind,
        filled_in(call, invocation, instance, values),
        float(invocation.timeout_s),
        invocation.username,
        invocation.working_dir,
    )
    delivery = Delivery(call, invocation, instance, outcome, command)
    if not readable:
        outcome.fail("Error", "CommandContentDecodeError", "The command content cannot be decoded.", now)
        announce(call, invocation, outcome)
    elif invocation.repeat_mode == "DryRun":
        outcome.status, outcome.finished = "Success", now
        announce(call, invocation, outcome)
    elif not _undeliverable(delivery):
        instance.invocation_count += 1
        instance.last_invoked = now
        _run(delivery)


def _undeliverable(delivery: Delivery) -> bool:
    call, instance, outcome = delivery.call, delivery.instance, delivery.outcome
    if instance.status != "Running":
        outcome.fail("Aborted", "InstanceNotRunning", "The instance is not running.", delivery.now())
        announce(call, delivery.invocation, outcome)
        return True
    fault = call.cloud.faults.strike("RunCommand", "offline", "undelivered", "client")
    if fault is not None and fault.kind == "client":
        code = fault.detail.get("error", "ExecutionException")
        outcome.fail("Error", code, f"The command could not be run: {code}.", delivery.now())
        announce(call, delivery.invocation, outcome)
        return True
    if fault is None and instance.assistant_online:
        return False
    code = "DeliveryTimeout" if fault is not None and fault.kind == "undelivered" else "ClientNotOnline"

    def aborted() -> None:
        if not outcome.final:
            outcome.fail("Aborted", code, "The command was not delivered to the instance.", delivery.now())
            announce(call, delivery.invocation, outcome)

    seconds = call.cloud.profile.duration("deliver")
    call.cloud.transitions.begin(delivery.subject, aborted, stay=Stay(seconds))
    return True


def _run(delivery: Delivery) -> None:
    cloud, outcome = delivery.call.cloud, delivery.outcome
    outcome.status, outcome.started = "Running", delivery.now()
    fault = cloud.faults.strike("RunCommand", "timeout", "truncate", "hostile", "stuck")
    seconds = cloud.profile.duration("command")
    box: list[Execution] = []

    def work() -> None:
        box.append(_execute(delivery, fault))

    def done() -> None:
        _finish(delivery, lambda: outcome.end(box[0], delivery.now()))

    def broken() -> None:
        _finish(
            delivery,
            lambda: outcome.fail("Error", "ExecutionException", "The guest failed.", delivery.now()),
        )

    if fault is not None and fault.kind == "stuck":
        cloud.transitions.begin(delivery.subject, done, effect=work, stay=Stay(seconds, stuck=True))
        return
    if fault is not None and fault.kind == "timeout":
        seconds = float(delivery.invocation.timeout_s)
    if cloud.workers.pool is None:
        cloud.transitions.begin(delivery.subject, done, effect=work, fail=broken, stay=Stay(seconds))
    else:
        _in_background(delivery, work, (done, broken), seconds)


def _in_background(
    delivery: Delivery,
    work: Callable[[], None],
    ends: tuple[Callable[[], None], Callable[[], None]],
    seconds: float,
) -> None:
    cloud = delivery.call.cloud
    due = cloud.clock.monotonic() + seconds
    pool = cloud.workers.pool
    if pool is None:
        raise RuntimeError("a command was sent to the background of a cloud that has none")

    def job() -> None:
        try:
            work()
            end = ends[0]
        except Exception:  # noqa: BLE001 - whatever the guest raises is a failed command, not a failed server
            end = ends[1]
        with cloud.lock:
            left = max(0.0, due - cloud.clock.monotonic())
            cloud.transitions.begin(delivery.subject, end, stay=Stay(left))
        cloud.tick()

    pool.submit(job)


def _execute(delivery: Delivery, fault: Fault | None) -> Execution:
    if fault is not None and fault.kind == "timeout":
        return Execution(-1, b"", timed_out=True, duration_s=delivery.command.timeout_s)
    execution = delivery.instance.guest.run(delivery.command)
    if fault is None:
        return execution
    if fault.kind == "truncate":
        return replace(execution, output=execution.output[: int(fault.detail.get("bytes", "64"))])
    return replace(execution, output=_NOISE + execution.output)


def _finish(delivery: Delivery, end: Callable[[], None]) -> None:
    outcome = delivery.outcome
    if outcome.final:
        return
    if outcome.status == "Stopping":
        outcome.fail("Terminated", "", "", delivery.now())
        outcome.stopped = delivery.now()
    else:
        end()
    announce(delivery.call, delivery.invocation, outcome)


def interrupt(call: Call, instance_id: str, code: str) -> None:
    """End what is under way in a guest that goes down."""
    now = stamp(call.cloud.clock.now())
    for invocation in call.state.invocations.values():
        outcome = invocation.outcomes.get(instance_id)
        if outcome is not None and outcome.status in {"Running", "Stopping"}:
            outcome.fail("Failed", code, "The instance was stopped or restarted.", now)
            announce(call, invocation, outcome)


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


def stop(call: Call, invocation: Invocation, outcome: Outcome) -> None:
    """StopInvocation on one instance: what has begun may still run to its end."""
    cloud = call.cloud

    def ended(status: Literal["Cancelled", "Terminated"]) -> None:
        now = stamp(cloud.clock.now())
        outcome.fail(status, "", "", now)
        outcome.stopped = now
        announce(call, invocation, outcome)

    if outcome.status == "Pending":
        ended("Cancelled")
    elif outcome.status == "Running":
        outcome.status = "Stopping"
        subject = f"{invocation.invoke_id}/{outcome.instance_id}"
        cloud.transitions.give_up(subject, lambda: ended("Terminated"), cloud.profile.duration("command"))
