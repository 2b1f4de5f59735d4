"""Switching instances on and off: one at a time, or several in one call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localcloud.assistant.agent import Power, interrupt, on_exit_code
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import Arguments, flags, req, texts
from localcloud.ecs.errors import refusal
from localcloud.ecs.instances import boot, boot_ends, find
from localcloud.errors import dry_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.state.ecs import Instance

_ONE = (req("InstanceId"), *texts("RegionId"), *flags("DryRun"))
_MANY = (req("RegionId"), req("InstanceId", "list", most=100), *texts("BatchOptimization"), *flags("DryRun"))
_STOP = (*flags("ForceStop"), *texts("StoppedMode"))


@ECS.writes("StartInstance", *_ONE)
def start_instance(call: Call) -> Json:
    """StartInstance."""
    _one(call, start)
    return {}


@ECS.writes("StartInstances", *_MANY)
def start_instances(call: Call) -> Json:
    """StartInstances."""
    return _each(call, start)


@ECS.writes("StopInstance", *_ONE, *_STOP, *flags("ConfirmStop"))
def stop_instance(call: Call) -> Json:
    """StopInstance."""
    _one(call, stop)
    return {}


@ECS.writes("StopInstances", *_MANY, *_STOP)
def stop_instances(call: Call) -> Json:
    """StopInstances."""
    return _each(call, stop)


@ECS.writes("RebootInstance", *_ONE, *flags("ForceStop"))
def reboot_instance(call: Call) -> Json:
    """RebootInstance."""
    _one(call, reboot)
    return {}


@ECS.writes("RebootInstances", *_MANY, *flags("ForceReboot"))
def reboot_instances(call: Call) -> Json:
    """RebootInstances."""
    return _each(call, reboot)


def _one(call: Call, act: Callable[[Call, Instance], None]) -> None:
    instance = find(call, call.args.text("InstanceId"))
    if call.args.flag("DryRun"):
        raise dry_run()
    act(call, instance)


def _each(call: Call, act: Callable[[Call, Instance], None]) -> Json:
    instances = [find(call, each) for each in call.args.many("InstanceId")]
    if call.args.flag("DryRun"):
        raise dry_run()
    rows = []
    for instance in instances:
        before = instance.status
        act(call, instance)
        rows.append(
            {
                "InstanceId": instance.instance_id,
                "Code": "200",
                "Message": "success",
                "PreviousStatus": before,
                "CurrentStatus": instance.status,
            }
        )
    return {"InstanceResponses": {"InstanceResponse": rows}}


def start(call: Call, instance: Instance) -> None:
    """Power on."""
    if instance.status != "Stopped":
        raise refusal("IncorrectInstanceStatus")
    boot(call, instance, "Starting", "start")


def stop(call: Call, instance: Instance) -> None:
    """Power off; commands under way end with the guest."""
    if instance.status != "Running":
        raise refusal("IncorrectInstanceStatus")
    cloud, account, region = call.cloud, call.account.account_id, call.region_id
    instance.status = "Stopping"
    instance.stopped_mode = call.args.text("StoppedMode", "KeepCharging")
    interrupt(instance, "InstanceNotRunning")
    cloud.trail.instance_state(account, region, instance.instance_id, "Stopping")

    def stopped() -> None:
        instance.status = "Stopped"
        cloud.trail.instance_state(account, region, instance.instance_id, "Stopped")

    def failed() -> None:
        instance.status = "Running"
        cloud.trail.instance_state(account, region, instance.instance_id, "Running")

    cloud.transitions.begin(
        instance.instance_id,
        stopped,
        effect=instance.guest.stop,
        fail=failed,
        stay=call.stay("stop"),
    )


def reboot(call: Call, instance: Instance) -> None:
    """Power off and on in one go; the instance is `Starting` in between."""
    if instance.status != "Running":
        raise refusal("IncorrectInstanceStatus")
    cloud, account, region = call.cloud, call.account.account_id, call.region_id
    instance.status = "Starting"
    interrupt(instance, "InstanceRestarted")
    cloud.trail.instance_state(account, region, instance.instance_id, "Starting")

    def again() -> None:
        instance.guest.stop()
        instance.guest.start()

    running, failed = boot_ends(call, instance)
    cloud.transitions.begin(
        instance.instance_id, running, effect=again, fail=failed, stay=call.stay("reboot")
    )


def by_exit_code(call: Call, instance: Instance, power: Power) -> None:
    """Do what the exit code of a command asks for, as a call of its own would."""
    if instance.status == "Running":
        action = ECS.actions["StopInstance" if power == "stop" else "RebootInstance"]
        own = replace(call, operation=action, args=Arguments({}))
        (stop if power == "stop" else reboot)(own, instance)


on_exit_code(by_exit_code)
