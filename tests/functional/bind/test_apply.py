"""Apply: from tags to addresses that answer, and again without a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.scene import GROUP, states, steps, tried

if TYPE_CHECKING:
    from tests.functional.scene import Scene

_CALLS_FOR_THREE = 16
"""Five reads and the instance's type, batch, three reads, attach, gateways, command, result, two reads."""


def test_apply_makes_it_ready_and_says_what_the_guest_has(scene: Scene) -> None:
    """Bound in one batch, attached, configured, read back; every EIP with mask and gateway."""
    eni, eips = scene.group(size="3")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert body["changed"]
    assert scene.writes() == ["AssociateEipAddressBatch", "AttachNetworkInterface", "RunCommand"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
    assert [eip["id"] for eip in body["eips"]] == sorted(eips)
    assert all(eip["bound"] and eip["in_guest"] for eip in body["eips"])
    assert all(eip["mask"] and eip["gateway"] for eip in body["eips"])
    assert all(state == "done" for _, state in steps(body))
    assert scene.answering(eips) == [True] * 3
    assert "mode-authorised" not in states(body), "the first look's doubt is not told after the proof"


def test_apply_again_changes_nothing(scene: Scene) -> None:
    """The second run reads, asks the guest, and writes nothing else."""
    scene.group(size="3")
    scene.apply()
    scene.forget_events()
    before = scene.picture()

    body = scene.apply()

    assert body["state"] == "ready"
    assert not body["changed"]
    assert scene.writes() == ["RunCommand"]
    assert steps(body) == [("ConfigureGuest", "already")]
    assert scene.picture() == before


def test_the_number_of_calls_for_three_eips_is_bounded(scene: Scene) -> None:
    """Few reads, one batch, one attach, one command; polling is counted too."""
    scene.group(size="3")

    body = scene.apply()

    print("API calls for three EIPs:", body["api_calls"])
    assert body["api_calls"]["total"] <= _CALLS_FOR_THREE
    calls = tried(body)
    for once in (
        "AssociateEipAddressBatch",
        "AttachNetworkInterface",
        "RunCommand",
        "DescribeEipGatewayInfo",
    ):
        assert calls[once] == 1


def test_one_eip_and_ten_eips_work_alike(scene: Scene) -> None:
    """The most that the mode allows goes in one batch."""
    eni, eips = scene.group(10, size="10")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.writes().count("AssociateEipAddressBatch") == 1
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


@pytest.mark.parametrize("action", ["apply", "plan", "release"])
def test_a_group_that_nobody_tagged_is_refused(scene: Scene, action: str) -> None:
    """A typing error in the name is told; nothing happens."""
    body = scene.bind({"group": "wbe", "action": action})

    assert body["state"] == "blocked"
    assert "nothing in cn-shanghai is tagged as group wbe; is the name right?" in body["message"]
    assert scene.writes() == []


def test_a_windows_guest_is_not_sent_a_linux_script(scene: Scene) -> None:
    """The command is PowerShell for an instance whose system is Windows."""
    scene.group(2, instance=scene.seeds.instance_windows, size="2")

    body = scene.plan()

    run = body["plan"]["steps"][-1]["calls"][0]
    assert run["params"]["Type"] == "RunPowerShellScript"
    assert body["group"] == GROUP
