"""Switching instances on and off: rehearsed, refused, and with commands under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def status(hand: Hand) -> str:
    """Give the status of the seeds' Linux instance."""
    (row,) = hand.ecs("DescribeInstanceStatus", InstanceId__1=hand.local.seeds.instance)["InstanceStatuses"][
        "InstanceStatus"
    ]
    return str(row["Status"])


@pytest.mark.parametrize("action", ["StartInstance", "StopInstance", "RebootInstance"])
def test_a_rehearsal_changes_nothing(local: MockCloud, action: str) -> None:
    """DryRun answers DryRunOperation, for one instance and for several, and nobody is switched off."""
    hand = Hand(local)
    instance = local.seeds.instance

    assert hand.code("Ecs", action, InstanceId=instance, DryRun="true") == "DryRunOperation"
    assert hand.code("Ecs", f"{action}s", InstanceId__1=instance, DryRun="true") == "DryRunOperation"
    assert hand.code("Ecs", action, InstanceId="i-none", DryRun="true") == "InvalidInstanceId.NotFound"
    assert status(hand) == "Running"


@pytest.mark.parametrize(
    ("action", "code"), [("RebootInstance", "InstanceRestarted"), ("StopInstance", "InstanceNotRunning")]
)
def test_a_command_ends_with_its_guest(local: MockCloud, action: str, code: str) -> None:
    """What runs when the instance goes down has failed at once, stays so, and its end is told."""
    hand = Hand(local)
    told: list[dict[str, Any]] = []
    local.cloud.subscribe(told.append)
    invoke = hand.run("echo hello")

    hand.ecs(action, InstanceId=local.seeds.instance)

    first = hand.result(invoke)
    assert (first["InvocationStatus"], first["ErrorCode"]) == ("Failed", code)
    local.clock.sleep(60)
    assert hand.result(invoke) == first
    ends = [event["data"] for event in told if event["type"] == "ecs:CloudAssistant:TaskCompleted"]
    assert [(end["invokeId"], end["invocationStatus"]) for end in ends] == [(invoke, "Failed")]


def test_a_command_for_nobody_is_told_too(local: MockCloud) -> None:
    """A command that never ran has ended as well."""
    hand = Hand(local)
    hand.ecs("StopInstance", InstanceId=local.seeds.instance)
    told: list[dict[str, Any]] = []
    local.cloud.subscribe(told.append)

    hand.run("echo hello")

    ends = [event["data"] for event in told if event["type"] == "ecs:CloudAssistant:TaskCompleted"]
    assert [end["invocationStatus"] for end in ends] == ["Aborted"]


def test_changes_of_private_addresses_are_told(local: MockCloud) -> None:
    """ECS says which secondary addresses an interface has after each change."""
    hand = Hand(local)
    eni = hand.eni()
    told: list[dict[str, Any]] = []
    local.cloud.subscribe(told.append)

    hand.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress__1="10.0.0.200")
    hand.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress__1="10.0.0.200")

    changes = [event for event in told if event["type"].startswith("ecs:NetworkInterface:PrivateIP")]
    assert [
        (event["type"].rpartition(":")[2], event["data"]["secondaryPrivateIps"]) for event in changes
    ] == [
        ("PrivateIPAssigned", ["10.0.0.200"]),
        ("PrivateIPUnassigned", []),
    ]


def test_a_command_that_hangs_can_be_stopped(local: MockCloud) -> None:
    """It is Stopping, then Terminated, has never run, and its end is told once."""
    hand = Hand(local)
    told: list[dict[str, Any]] = []
    local.cloud.subscribe(told.append)
    local.cloud.faults.add("RunCommand:stuck:times=1")
    invoke = hand.run("echo hello")
    local.clock.sleep(3600)
    assert hand.result(invoke)["InvocationStatus"] == "Running"

    hand.ecs("StopInvocation", InvokeId=invoke)

    assert hand.result(invoke)["InvocationStatus"] == "Stopping"
    local.clock.sleep(5)
    ended = hand.result(invoke)
    assert (ended["InvocationStatus"], ended["Output"]) == ("Terminated", "")
    assert ended["StopTime"]
    ends = [event["data"] for event in told if event["type"] == "ecs:CloudAssistant:TaskCompleted"]
    assert [end["invocationStatus"] for end in ends] == ["Terminated"]
