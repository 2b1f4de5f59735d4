"""Plan, apply, apply again; and release: the main job and its undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.bind.scene import GROUP, states, steps, tried

if TYPE_CHECKING:
    from tests.functional.bind.scene import Scene

_CALLS_FOR_THREE = 24
"""What a whole apply for three EIPs takes with the local cloud's durations (6 s to bind, 5 s to attach)."""


def test_a_plan_shows_everything_and_writes_nothing(scene: Scene) -> None:
    """Every cloud call and the wanted set are shown; the cloud saw no write."""
    eni, eips = scene.group(size="3")
    scene.forget_events()
    before = scene.picture()

    body = scene.plan()

    assert body["state"] == "planned"
    assert not body["changed"]
    assert [step["step"] for step in body["plan"]["steps"]] == [
        "Associate", "AwaitEips", "Attach", "AwaitEni", "ReadGateways", "ConfigureGuest",
    ]  # fmt: skip
    assert {wanted["address"] for wanted in body["plan"]["steps"][-1]["wanted"]} == set(scene.addresses(eips))
    assert f"attach {eni} to {scene.seeds.instance}" in body["plan"]["text"]
    assert scene.writes() == []
    assert scene.picture() == before


def test_a_plan_without_size_shows_the_whole_way_too(scene: Scene) -> None:
    """The attach and the guest are shown, and that a run would wait for the set to settle first."""
    scene.group()

    body = scene.plan()

    assert body["message"] == "waits for the set of EIPs to settle"
    assert "ConfigureGuest" in [step["step"] for step in body["plan"]["steps"]]


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
    assert steps(body) == [("ReadGateways", "done"), ("ConfigureGuest", "already")]
    assert scene.picture() == before


def test_a_plan_of_a_ready_group_is_only_the_reading_back(scene: Scene) -> None:
    """Nothing to do reads as nothing to do."""
    scene.group(size="3")
    scene.apply()

    body = scene.plan()

    assert [step["step"] for step in body["plan"]["steps"]] == ["ReadGateways", "ConfigureGuest"]
    assert all("(read" not in wanted["gateway"] for wanted in body["plan"]["steps"][-1]["wanted"])


def test_the_number_of_calls_for_three_eips_is_bounded(scene: Scene) -> None:
    """Few reads, one batch, one attach, one command; polling is counted too."""
    scene.group(size="3")

    body = scene.apply()

    print("API calls for three EIPs:", body["api_calls"])
    assert body["api_calls"]["total"] <= _CALLS_FOR_THREE
    calls = tried(body)
    for once in ("AssociateEipAddressBatch", "AttachNetworkInterface", "RunCommand", "DescribeInstances"):
        assert calls[once] == 1


def test_ids_of_a_manual_call_need_no_tags(scene: Scene) -> None:
    """The group is what the call names, and it waits for nothing."""
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(2)

    body = scene.bind({"action": "apply", "eni": eni, "eips": eips, "instance": scene.seeds.instance})

    assert body["state"] == "ready", body["message"]
    assert body["group"] is None
    assert scene.answering(eips) == [True, True]


def test_ids_without_an_instance_are_bound(scene: Scene) -> None:
    """The ENI waits for an instance; the message says what to do."""
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(2)

    body = scene.bind({"action": "apply", "eni": eni, "eips": eips})

    assert body["state"] == "waiting"
    assert "name one in the call" in body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


def test_consent_of_a_call_by_ids_is_in_the_call(scene: Scene) -> None:
    """A third EIP for an attached ENI: the message asks for what such a call reads, and that is enough."""
    eni, eips = scene.hand.eni(scene.seeds), scene.hand.eips(3)
    call = {"action": "apply", "eni": eni, "instance": scene.seeds.instance}
    scene.bind({**call, "eips": eips[:2]})

    refused = scene.bind({**call, "eips": eips})
    agreed = scene.bind({**call, "eips": eips, "detach": True})

    assert refused["state"] == "blocked"
    assert '"detach": true in the call' in refused["message"]
    assert agreed["state"] == "ready", agreed["message"]
    assert scene.answering(eips) == [True] * 3


def test_an_eip_that_a_tag_claims_is_not_taken_by_ids(scene: Scene) -> None:
    """One EIP, one group: nothing is written."""
    _, eips = scene.group()
    other = scene.hand.eni(scene.seeds)
    scene.forget_events()

    body = scene.bind({"action": "apply", "eni": other, "eips": eips[:1], "instance": scene.seeds.instance})

    assert body["state"] == "blocked"
    assert states(body)["one-group-per-eip"] == "fail"
    assert scene.writes() == []


def test_an_eni_that_a_tag_claims_takes_no_eips_by_ids(scene: Scene) -> None:
    """One ENI, one group: the group of the tag would treat them as strangers; nothing is written."""
    eni, _ = scene.group()
    (stray,) = scene.hand.eips(1)
    scene.forget_events()

    body = scene.bind({"action": "apply", "eni": eni, "eips": [stray], "instance": scene.seeds.instance})

    assert body["state"] == "blocked"
    assert states(body)["group-shape"] == "fail"
    assert eni in body["message"]
    assert scene.writes() == []


def test_one_eip_and_ten_eips_work_alike(scene: Scene) -> None:
    """The most that the mode allows goes in one batch."""
    eni, eips = scene.group(10, size="10")
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.writes().count("AssociateEipAddressBatch") == 1
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


def test_release_undoes_all_of_it(scene: Scene) -> None:
    """Guest, detach, unbind; the addresses are the operator's again."""
    eni, eips = scene.group(size="3")
    scene.apply()
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert "tags off" in body["message"]
    assert scene.writes() == ["RunCommand", "DetachNetworkInterface", *["UnassociateEipAddress"] * 3]
    assert scene.bound(eni) == {}
    assert scene.attached_to(eni) == ("Available", "")
    assert scene.answering(eips) == [False] * 3


def test_ten_eips_are_released_without_a_refusal(scene: Scene) -> None:
    """One after the other, as the cloud wants it."""
    scene.group(10, size="10")
    scene.apply()

    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert [state for _, state in steps(body)] == ["done"] * len(steps(body))


def test_releasing_again_changes_nothing(scene: Scene) -> None:
    """Nothing is there to undo."""
    scene.group(size="3")
    scene.apply()
    scene.release()
    scene.forget_events()

    body = scene.release()

    assert body["state"] == "released"
    assert not body["changed"]
    assert scene.writes() == []


def test_apply_works_again_after_a_release(scene: Scene) -> None:
    """The way back is the way there."""
    eni, eips = scene.group(size="3")
    scene.apply()
    scene.release()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.answering(eips) == [True] * 3


def test_release_goes_on_where_the_guest_does_not_answer(scene: Scene) -> None:
    """Unplugging takes the addresses away in any case; the result says that the guest was not cleaned."""
    eni, _ = scene.group(size="3")
    scene.apply()
    scene.cloud.faults.add("RunCommand:offline")

    body = scene.release()

    assert scene.bound(eni) == {}
    assert scene.attached_to(eni) == ("Available", "")
    assert body["state"] == "failed"
    assert body["message"].startswith("released, but release the addresses")


@pytest.mark.parametrize("action", ["apply", "plan", "release"])
def test_a_group_that_nobody_tagged_is_refused(scene: Scene, action: str) -> None:
    """A typing error in the name is told; nothing happens."""
    body = scene.bind({"group": "wbe", "action": action})

    assert body["state"] == "blocked"
    assert "group wbe has no ENI; tag one" in body["message"]
    assert scene.writes() == []


def test_a_windows_guest_is_not_sent_a_linux_script(scene: Scene) -> None:
    """The command is PowerShell for an instance whose system is Windows."""
    scene.group(2, instance=scene.seeds.instance_windows, size="2")

    body = scene.plan()

    run = body["plan"]["steps"][-1]["calls"][0]
    assert run["params"]["Type"] == "RunPowerShellScript"
    assert body["group"] == GROUP
