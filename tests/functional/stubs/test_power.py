"""Switching instances on and off: rehearsed, refused, and with commands under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.stubs.hand import Hand

if TYPE_CHECKING:
    from tests.stubs.mock import MockCloud


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
