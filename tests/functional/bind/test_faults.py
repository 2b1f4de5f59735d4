"""Faults at every write and every wait: the run copes, hands over, or says what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.functional.scene import GROUP, Scene, steps

if TYPE_CHECKING:
    from multieip.ports import Json

_WRITES = ("AssociateEipAddressBatch", "AttachNetworkInterface", "RunCommand")
_UNDOING = ("RunCommand", "DetachNetworkInterface", "UnassociateEipAddress")
_FAULTS = (
    "throttle:times=2",
    "error:code=OperationConflict,times=2",
    "unavailable:times=2",
    "internal:times=2",
    "reset-before:times=1",
    "reset-after:times=1",
)


@pytest.mark.parametrize("fault", _FAULTS)
@pytest.mark.parametrize("action", _WRITES)
def test_a_write_that_goes_wrong_is_overcome(scene: Scene, action: str, fault: str) -> None:
    """Throttled, in conflict, server error, answer lost before or after the effect: ready in the end."""
    eni, eips = scene.group(size="3")
    struck = scene.cloud.faults.add(f"{action}:{fault}")

    body = scene.apply()

    # A throttled batch turns to the call for one EIP, which has a limit of its own.
    assert struck.spent or fault.startswith("throttle")
    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
    assert scene.answering(eips) == [True] * 3
    assert scene.changes().count("AttachNetworkInterface") == 1


def test_a_conflict_is_waited_for_longer_each_time(scene: Scene) -> None:
    """What is busy needs time."""
    scene.group(size="3")
    scene.cloud.faults.add("AttachNetworkInterface:error:code=OperationConflict,times=3")
    scene.apply()
    pauses = [line["seconds"] for line in scene.said() if line["event"] == "waiting"]

    assert pauses == [1.0, 2.0, 3.0]


def test_an_answer_that_is_lost_is_looked_for_at_once(scene: Scene) -> None:
    """However often: nothing is busy, so no pause grows."""
    scene.group(size="3")
    scene.cloud.faults.add("AttachNetworkInterface:reset-before:times=3")
    scene.apply()
    pauses = [line["seconds"] for line in scene.said() if line["event"] == "waiting"]

    assert set(pauses) == {1.0}


@pytest.mark.parametrize("fault", _FAULTS)
@pytest.mark.parametrize("action", _UNDOING)
def test_undoing_overcomes_the_same(scene: Scene, action: str, fault: str) -> None:
    """A release ends with nothing bound, whichever of its writes goes wrong on the way."""
    eni, _ = scene.group(size="3")
    scene.apply()
    struck = scene.cloud.faults.add(f"{action}:{fault}")

    body = scene.release()

    assert struck.spent
    assert body["state"] == "released", body["message"]
    assert scene.bound(eni) == {}
    assert scene.attached_to(eni) == ("Available", "")


def _all_turns(scene: Scene) -> tuple[Json, int]:
    body, turns = scene.apply(), 1
    while scene.queue.waiting:
        body = scene.next_turn()
        turns += 1
    return body, turns


@pytest.mark.parametrize("action", ["AssociateEipAddressBatch", "AttachNetworkInterface"])
def test_what_is_stuck_is_waited_for_in_one_chain_that_ends(scene: Scene, action: str) -> None:
    """Issue 8, item 12: a bounded number of turns, each with its own valid task id, then the end."""
    scene.group(size="3")
    scene.cloud.faults.add(f"{action}:stuck:times=1")

    body, turns = _all_turns(scene)

    assert body["state"] == "waiting"
    assert "the next event or sweep goes on" in body["message"]
    assert turns <= 7
    assert len(set(scene.queue.task_ids)) == turns - 1
    for name in scene.queue.task_ids:
        assert len(name) <= 128
        assert name.replace("-", "").replace("_", "").isalnum()
        assert name.startswith("wait-")
    assert scene.writes().count(action) == 1


def test_a_second_run_does_not_wait_where_one_waits_already(scene: Scene) -> None:
    """Issue 8, item 12: one chain per group and slot of ten minutes, whatever the number of events."""
    scene.clock.sleep(600 - scene.clock.now().timestamp() % 600)
    scene.group(size="3")
    scene.cloud.faults.add("AssociateEipAddressBatch:stuck:times=1")

    first, second = scene.apply(), scene.apply()

    assert first["waits_with"] == second["waits_with"]
    assert "waits already" in second["message"]
    assert len(scene.queue.waiting) == 1


def test_a_run_that_comes_near_its_end_goes_on_as_the_next_turn(scene: Scene) -> None:
    """Action, region, group and settle time, one turn on, with the chain of the first request."""
    scene.group(size="3")
    scene.cloud.faults.add("AssociateEipAddressBatch:stuck")

    body = scene.bind(limit_s=60.0)

    (payload,) = scene.queue.waiting
    assert body["continues_as"] == scene.queue.task_ids[0]
    assert {key: payload[key] for key in ("action", "region", "group", "turn", "chain")} == {
        "action": "apply",
        "region": scene.seeds.region,
        "group": GROUP,
        "turn": 1,
        "chain": body["request_id"],
    }


def test_a_hand_over_that_gets_no_answer_fails_the_run(scene: Scene) -> None:
    """Function Compute's retry then does what the hand-over could not; the result says both reasons."""
    scene.group(size="3")
    scene.cloud.faults.add("AssociateEipAddressBatch:stuck")
    scene.queue.lost = True

    body = scene.bind(limit_s=60.0)

    assert body["state"] == "failed"
    assert "could not hand over" in body["message"]
    assert "Associating" in body["message"]


def test_a_detach_that_is_stuck_is_nudged(scene: Scene) -> None:
    """The API's page says to detach again; that frees it."""
    eni, _ = scene.group(size="3")
    scene.apply()
    scene.cloud.faults.add("DetachNetworkInterface:stuck:times=1")

    body = scene.release()

    assert body["state"] == "released", body["message"]
    assert scene.attached_to(eni) == ("Available", "")
    assert scene.writes().count("DetachNetworkInterface") == 2


@pytest.mark.parametrize("action", ["AssociateEipAddressBatch", "AttachNetworkInterface"])
def test_what_falls_back_is_tried_again(scene: Scene, action: str) -> None:
    """The cloud took the call and went back without a code; the next look starts over."""
    eni, eips = scene.group(size="3")
    scene.cloud.faults.add(f"{action}:falls-back:times=1")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert ("Associate" if "Eip" in action else "Attach", "failed") in steps(body)
    assert scene.bound(eni) == dict.fromkeys(eips, "InUse")


def test_what_always_falls_back_is_given_up(scene: Scene) -> None:
    """A bounded number of tries, then the run fails and says what happened last."""
    scene.group(size="3")
    scene.cloud.faults.add("AttachNetworkInterface:falls-back")

    body, _ = _all_turns(scene)

    assert body["state"] == "failed"
    assert "the cloud took the call and did nothing" in body["message"]


@pytest.mark.parametrize("fault", ["timeout", "truncate:bytes=40", "hostile", "undelivered", "client"])
def test_a_command_that_goes_wrong_once_is_run_again(scene: Scene, fault: str) -> None:
    """Only the guest's own complete answer is believed."""
    _, eips = scene.group(size="3")
    joint = "," if "=" in fault else ":"
    scene.cloud.faults.add(f"RunCommand:{fault}{joint}times=1")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert all(eip["in_guest"] for eip in body["eips"])
    assert scene.answering(eips) == [True] * 3


@pytest.mark.parametrize("fault", ["truncate:bytes=40", "undelivered", "client"])
def test_a_guest_that_never_answers_is_never_ready(scene: Scene, fault: str) -> None:
    """The run gives up after a bounded number of commands; no EIP is said to be in the guest."""
    scene.group(size="3")
    scene.cloud.faults.add(f"RunCommand:{fault}")

    body, _ = _all_turns(scene)

    assert body["state"] in {"failed", "waiting"}
    assert scene.seeds.instance in body["message"]
    assert not any(eip["in_guest"] for eip in body["eips"])


_SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"bind-while-attached": "allow", "unbind-while-attached": "allow"},
    {"gateway-info": "attached"},
    {"gateway-ip-key": "IP"},
    {"batch": "partial"},
    {"assistant-status": "bool"},
    {"associated-public-ip": "none"},
    {"unbind-unbound": "accept"},
    {"unknown-invocation": "error"},
    {"eni-events": "off"},
)


@pytest.mark.parametrize("switches", _SETTINGS, ids=str)
def test_whatever_the_documents_leave_open_the_job_is_done(scene: Scene, switches: dict[str, str]) -> None:
    """Apply, grow with consent, release: on both settings of what is unconfirmed."""
    for name, value in switches.items():
        scene.cloud.switches.set(name, value)
    eni, eips = scene.group(2, size="2", detach="allow")

    assert scene.apply()["state"] == "ready"
    eips += scene.hand.eips(1, GROUP)
    grown = scene.apply()

    assert grown["state"] == "ready", grown["message"]
    assert scene.answering(eips) == [True] * 3
    assert scene.release()["state"] == "released"
    assert scene.bound(eni) == {}


def test_binding_while_attached_is_used_where_the_setting_allows_it(scene: Scene) -> None:
    """No detach, no interruption: the new EIP goes onto the attached ENI."""
    scene.cloud.switches.set("bind-while-attached", "allow")
    scene.environ["MULTI_EIP_BIND_WHILE_ATTACHED"] = "true"
    _, eips = scene.group(2, size="2")
    scene.apply()
    eips += scene.hand.eips(1, GROUP)
    scene.forget_events()

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.writes() == ["AssociateEipAddressBatch", "RunCommand"]
    assert scene.answering(eips) == [True] * 3


def test_a_look_that_fails_is_told_with_the_steps_before_it(scene: Scene) -> None:
    """Nothing is guessed, nothing is lost: the result names the region, and what was done so far."""
    scene.group(size="3")
    scene.cloud.faults.add("AttachNetworkInterface:throttle:times=1")
    scene.cloud.faults.add("DescribeNetworkInterfaces:internal:after=1")

    body = scene.apply()

    assert (body["state"], body["changed"]) == ("failed", True)
    assert [step["step"] for step in body["steps"]] == ["Associate"]
    assert f"{GROUP} in {scene.seeds.region} could not be read" in body["message"]


def test_gateways_in_another_form_in_the_middle_of_a_run_end_with_a_result(scene: Scene) -> None:
    """Case c04: EIPs are bound and the ENI is attached; the result says so, and why it went no further."""
    eni, eips = scene.group(2, size="2")
    scene.cloud.faults.add("DescribeEipGatewayInfo:field:name=EipInfos,as=absent")

    body = scene.apply()

    assert body["state"] == "failed"
    assert body["changed"] is True
    assert "EipInfos" in json.dumps(body)
    assert [step for step, state in steps(body) if state == "done"][:1] == ["Associate"]
    assert set(scene.bound(eni)) == set(eips)


def test_a_look_that_is_throttled_is_waited_for(scene: Scene) -> None:
    """Nobody who looks gives up at the first no: the cloud's next minute comes."""
    _, eips = scene.group(size="3")
    scene.cloud.faults.add("DescribeNetworkInterfaces:throttle:times=1")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True] * 3
    assert [line["event"] for line in scene.said()].count("unread") == 1
