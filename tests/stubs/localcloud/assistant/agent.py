"""What the agent in an instance does with commands: ten at once, the rest waits, a stopped one goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from localcloud.assistant.results import announce
from localcloud.guests.base import Execution, WorldError
from localcloud.guests.simulated import DEAD_MAN_S, SimulatedGuest
from localcloud.physics.clock import stamp
from localcloud.physics.transitions import Stay, nothing
from localcloud.state.commands import AT_ONCE, Agent, Invocation, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.assistant.results import Delivery
    from localcloud.calls.operations import Call
    from localcloud.physics.faults import Fault
    from localcloud.state.ecs import Instance

Power = Literal["stop", "reboot"]

_NOISE = b'\x1b[31mwarning:\x00 \xff\xfe {"version": 1, "state": \r\n{{{\n' + b"A" * 64 + b"\n"
_FAULTS = ("timeout", "truncate", "hostile", "stuck", "noexec", "agent-restart", "killed")
_WAITS_FOR_NIC_S = 60.0
_NIC_STEP_S = 0.1
_EXIT_CODES: dict[tuple[str, int], Power] = {
    ("linux", 193): "stop",
    ("linux", 194): "reboot",
    ("windows", 3009): "stop",
    ("windows", 3010): "reboot",
}
_powers: list[Callable[[Call, Instance, Power], None]] = []


def on_exit_code(power: Callable[[Call, Instance, Power], None]) -> None:
    """Let `power` stop or reboot an instance whose command ended with one of the codes for that."""
    _powers[:] = [power]


def enqueue(delivery: Delivery) -> None:
    """Hand the command to the agent; it starts when the agent comes to it."""
    cloud = delivery.call.cloud
    queued = cloud.faults.strike("RunCommand", "queued", args=delivery.call.args)
    if queued is None:
        _admit(delivery)
    else:
        cloud.transitions.at(queued.seconds(30), lambda: _admit(delivery))


def _admit(delivery: Delivery) -> None:
    outcome, agent = delivery.outcome, delivery.instance.agent
    if outcome.final and not outcome.runs_anyway:
        return
    if len(agent.active) >= AT_ONCE:
        agent.waiting.append(
            (delivery.subject, lambda: _admit(delivery), lambda code: _broken(delivery, code))
        )
        return
    agent.active[delivery.subject] = lambda code: _broken(delivery, code)
    delivery.instance.invocation_count += 1
    delivery.instance.last_invoked = delivery.now()
    _run(delivery)


def _run(delivery: Delivery) -> None:
    cloud, outcome = delivery.call.cloud, delivery.outcome
    if not outcome.final:
        outcome.status, outcome.started = "Running", delivery.now()
    fault = cloud.faults.strike("RunCommand", *_FAULTS, args=delivery.call.args)
    box: list[Execution] = []

    def work() -> None:
        box.append(_execute(delivery, fault))

    given_up = cloud.clock.monotonic() + _WAITS_FOR_NIC_S

    def done() -> None:
        ended = box[-1]
        if ended.waiting and cloud.workers.pool is None:
            if cloud.clock.monotonic() < given_up:
                ended.waiting.goes_on()
                # The script looks every tenth of a second, and so does its likeness.
                step = Stay(_NIC_STEP_S)
                cloud.transitions.begin(delivery.subject, done, effect=work, fail=broken, stay=step)
                return
            ended.waiting.gives_up()
        _finish(delivery, lambda: outcome.end(ended, delivery.now()), ended.exit_code)

    def broken() -> None:
        _finish(
            delivery,
            lambda: outcome.fail("Error", "ExecutionException", "The guest failed.", delivery.now()),
        )

    kind = "" if fault is None else fault.kind
    seconds = float(delivery.invocation.timeout_s) if kind == "timeout" else cloud.profile.duration("command")
    if fault is not None and kind == "agent-restart":
        _lose(delivery, fault)
    elif kind == "stuck" or cloud.workers.pool is None:
        stay = Stay(seconds, stuck=kind == "stuck")
        cloud.transitions.begin(delivery.subject, done, effect=work, fail=broken, stay=stay)
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


def _lose(delivery: Delivery, fault: Fault) -> None:
    """Let the script go on while its result never arrives, or arrives as that of a task delivered twice."""
    cloud, outcome = delivery.call.cloud, delivery.outcome
    twice = fault.detail.get("answer") == "existed"
    _go_on(delivery, cloud.profile.duration("command"))

    def given_up() -> None:
        if twice:
            outcome.exit_code = -9
            outcome.fail("Error", "ScriptFileExisted", "error -9: the script file exists", delivery.now())
        else:
            outcome.fail("Failed", "ClientRestarted", "The agent was restarted.", delivery.now())

    seconds = cloud.profile.duration("command") if twice else float(delivery.invocation.timeout_s)
    cloud.transitions.begin(delivery.subject, lambda: _finish(delivery, given_up), stay=Stay(seconds))


def _go_on(delivery: Delivery, seconds: float) -> None:
    """Let the script do its work although nobody waits for it any more."""

    def work() -> None:
        with suppress(WorldError):  # the guest has gone down meanwhile
            delivery.instance.guest.run(delivery.command)

    subject = f"{delivery.subject}/goes-on"
    delivery.call.cloud.transitions.begin(subject, nothing, effect=work, stay=Stay(seconds))


def _execute(delivery: Delivery, fault: Fault | None) -> Execution:
    kind = "" if fault is None else fault.kind
    if fault is not None and kind == "timeout":
        with delivery.call.cloud.lock:
            _go_on(delivery, float(fault.detail.get("late", "5")))
        return Execution(1, b"", timed_out=True, duration_s=delivery.command.timeout_s)
    if kind == "noexec":
        return Execution(126, b"sh: 1: Permission denied\n")
    if fault is not None and kind == "killed":
        return _kill(delivery, fault.number("writes", 0))
    execution = delivery.instance.guest.run(delivery.command)
    if fault is not None and kind == "truncate":
        return replace(execution, output=execution.output[: fault.number("bytes", 64)])
    return replace(execution, output=_NOISE + execution.output) if kind == "hostile" else execution


def _kill(delivery: Delivery, writes: int) -> Execution:
    """Kill a script in the middle; what it has left behind for this undoes it when its time has come."""
    guest, cloud = delivery.instance.guest, delivery.call.cloud
    cut = guest.cut_off(delivery.command, writes) if isinstance(guest, SimulatedGuest) else None
    if cut is None:
        return guest.run(delivery.command)
    with cloud.lock:
        cloud.transitions.at(DEAD_MAN_S, cut)
    return Execution(137, b"Killed\n")


def _finish(delivery: Delivery, end: Callable[[], None], exit_code: int = 0) -> None:
    outcome, agent = delivery.outcome, delivery.instance.agent
    if agent.active.pop(delivery.subject, None) is None:
        return  # the guest went down meanwhile
    if outcome.status == "Stopping":
        outcome.fail("Terminated", "", "", delivery.now())
        outcome.stopped = delivery.now()
        announce(delivery.call, delivery.invocation, outcome)
    elif not outcome.final:
        end()
        announce(delivery.call, delivery.invocation, outcome)
    _start_next(agent)
    power = _EXIT_CODES.get((delivery.instance.os_type, exit_code))
    if power is not None:
        for act in _powers:
            act(delivery.call, delivery.instance, power)


def _start_next(agent: Agent) -> None:
    while agent.waiting and len(agent.active) < AT_ONCE:
        agent.waiting.popleft()[1]()


def interrupt(instance: Instance, code: str) -> None:
    """End what is under way and what waits in a guest that goes down."""
    agent = instance.agent
    ends = [*agent.active.values(), *(end for _, _, end in agent.waiting)]
    agent.active.clear()
    agent.waiting.clear()
    for end in ends:
        end(code)


def _broken(delivery: Delivery, code: str) -> None:
    outcome, cloud = delivery.outcome, delivery.call.cloud
    cloud.transitions.cancel(delivery.subject)
    if not outcome.final:
        outcome.fail("Failed", code, "The instance was stopped or restarted.", delivery.now())
        announce(delivery.call, delivery.invocation, outcome)


def stop(call: Call, invocation: Invocation, outcome: Outcome) -> None:
    """StopInvocation on one instance: its end is reported, what has begun goes on in the guest."""
    cloud = call.cloud

    subject = f"{invocation.invoke_id}/{outcome.instance_id}"

    def ended(status: Literal["Cancelled", "Terminated"]) -> None:
        instance = call.state.instances.get(outcome.instance_id)
        if instance is not None and instance.agent.active.pop(subject, None) is not None:
            _start_next(instance.agent)
        if not outcome.final:
            now = stamp(cloud.clock.now())
            outcome.fail(status, "", "", now)
            outcome.stopped = now
            announce(call, invocation, outcome)

    if outcome.status == "Pending":
        outcome.runs_anyway = cloud.faults.strike("StopInvocation", "runs-anyway", args=call.args) is not None
        ended("Cancelled")
    elif outcome.status == "Running":
        outcome.status = "Stopping"
        seconds = cloud.profile.duration("command")
        stuck = cloud.transitions.give_up(subject, lambda: ended("Terminated"), seconds)
        if not stuck and cloud.workers.pool is not None:
            cloud.transitions.begin(f"{subject}/stop", lambda: ended("Terminated"), stay=Stay(seconds))
