"""The events that the cloud tells about itself, in the documented form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import AnswerLostError
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud

Event = dict[str, Any]


def listen(local: MockCloud) -> list[Event]:
    """Collect events from now on."""
    events: list[Event] = []
    local.cloud.subscribe(events.append)
    return events


def calls(events: list[Event], name: str) -> list[Event]:
    """Give the ActionTrail events of one API."""
    return [each for each in events if each["data"].get("eventName") == name]


def test_an_accepted_write_is_told_with_the_new_id(instant: MockCloud) -> None:
    """The envelope is CloudEvents', parameters are flat with noise, the new id is in the answer."""
    events = listen(instant)
    eni = Hand(instant).eni(Tag__1__Key="multi-eip:group", Tag__1__Value="g")

    (event,) = calls(events, "CreateNetworkInterface")
    data = event["data"]
    assert (event["source"], event["type"], event["specversion"]) == (
        "acs.ecs",
        "ecs:ActionTrail:ApiCall",
        "1.0",
    )
    assert event["aliyunaccountid"] == "1234567890123456"
    assert event["subject"].startswith("acs.ecs:cn-shanghai:1234567890123456:")
    assert data["requestParameters"]["Tag.1.Key"] == "multi-eip:group"
    assert data["requestParameters"]["AcsProduct"] == "Ecs"
    assert json.loads(data["requestParameterJson"]).items() <= data["requestParameters"].items()
    assert "Signature" not in data["requestParameters"]
    assert data["responseElements"]["NetworkInterfaceId"] == eni
    assert data["responseElements"]["RequestId"] == data["requestId"]
    assert eni in data["referencedResources"]["ACS::ECS::NetworkInterface"]
    assert instant.seeds.vswitch in data["referencedResources"]["ACS::VPC::VSwitch"]
    assert [data[name] for name in ("eventRW", "serviceName", "apiVersion", "acsRegion")] == [
        "Write",
        "Ecs",
        "2014-05-26",
        "cn-shanghai",
    ]
    assert "errorCode" not in data


def test_a_refused_write_is_told_with_its_code(instant: MockCloud) -> None:
    """Failed calls are recorded too; reads and calls without a good signature are not."""
    events = listen(instant)
    hand = Hand(instant)
    hand.code("Vpc", "ReleaseEipAddress", AllocationId="eip-no")
    hand.eip_rows()
    instant.cloud.faults.add("ReleaseEipAddress:throttle:times=1")
    hand.code("Vpc", "ReleaseEipAddress", AllocationId="eip-no")

    assert [each["data"]["errorCode"] for each in events] == [
        "InvalidAllocationId.NotFound",
        "Throttling.User",
    ]
    assert events[0]["source"] == "acs.vpc"
    assert events[0]["data"]["errorMessage"] == "Specified allocation ID is not found."
    assert "responseElements" not in events[0]["data"]


def test_a_write_whose_answer_is_lost_is_told(instant: MockCloud) -> None:
    """The effect is there, so the event is."""
    events = listen(instant)
    instant.cloud.faults.add("AllocateEipAddress:reset-after:times=1")
    with pytest.raises(AnswerLostError):
        Hand(instant).eip()

    assert calls(events, "AllocateEipAddress")[0]["data"]["responseElements"]["AllocationId"].startswith(
        "eip-"
    )


def test_who_did_it(instant: MockCloud) -> None:
    """Root, user and role are told apart; a role shows as `role:session`."""
    cloud, events = instant.cloud, listen(instant)
    key_id, _, _ = cloud.issue_credentials("acs:ram::1234567890123456:role/multi-eip-role", "fc-session")
    for key in (cloud.accounts.root_key, cloud.accounts.user_key, cloud.keys.find(key_id)):
        Hand(instant, key).eip()

    found = [each["data"]["userIdentity"] for each in calls(events, "AllocateEipAddress")]
    assert [(each["type"], each["userName"]) for each in found] == [
        ("root-account", "root"),
        ("ram-user", "alice"),
        ("assumed-role", "multi-eip-role:fc-session"),
    ]
    assert found[2]["principalId"].endswith(":fc-session")
    assert "sessionContext" in found[2]


def test_ecs_tells_when_an_operation_on_an_interface_has_ended(local: MockCloud) -> None:
    """At the moment of the change, not of the call; a failed attach is told too; a switch silences it."""
    events, hand = listen(local), Hand(local)

    def done() -> list[tuple[str, str, str]]:
        kind = "ecs:NetworkInterface:NetworkInterfaceOperateCompleted"
        found = [each["data"] for each in events if each["type"] == kind]
        return [(each["operation"], each["eniStatus"], each["result"]) for each in found]

    eni = hand.eni()
    assert done() == [("CreateNetworkInterface", "Available", "Successful")]
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    assert len(done()) == 1
    local.clock.sleep(5)
    assert done()[1:] == [("AttachNetworkInterface", "InUse", "Successful")]
    hand.ecs("DetachNetworkInterface", **hand.pair(eni))
    local.clock.sleep(5)
    local.cloud.faults.add("AttachNetworkInterface:falls-back:times=1")
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    local.clock.sleep(5)
    assert done()[-1] == ("AttachNetworkInterface", "Available", "Failed")
    local.cloud.switches.set("eni-events", "off")
    hand.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)
    local.clock.sleep(5)
    assert len(done()) == 4


def test_ecs_tells_the_states_of_an_instance(local: MockCloud) -> None:
    """Stopping, Stopped, Starting, Running; a new instance is Created once."""
    events, hand = listen(local), Hand(local)
    hand.ecs("StopInstance", InstanceId=local.seeds.instance)
    local.clock.sleep(2)
    hand.ecs("StartInstance", InstanceId=local.seeds.instance)
    local.clock.sleep(2)
    new = hand.instance()
    local.clock.sleep(2)

    found = [each["data"] for each in events if each["type"] == "ecs:Instance:StateChange"]
    states = {
        instance: [each["state"] for each in found if each["resourceId"] == instance]
        for instance in (local.seeds.instance, new)
    }
    assert states[local.seeds.instance] == ["Stopping", "Stopped", "Starting", "Running"]
    assert states[new] == ["Created", "Starting", "Running"]
    assert {each["resourceType"] for each in found} == {"ALIYUN::ECS::Instance"}


def test_ecs_tells_when_a_command_has_ended(instant: MockCloud) -> None:
    """With its instance, status and exit code as a string."""
    events = listen(instant)
    invoke = Hand(instant).run("exit 4")

    (data,) = [each["data"] for each in events if each["type"] == "ecs:CloudAssistant:TaskCompleted"]
    assert (data["invokeId"], data["invocationStatus"], data["exitCode"]) == (invoke, "Failed", "4")


def test_a_purchase_in_the_console_names_its_id_only_among_the_resources(instant: MockCloud) -> None:
    """`Create` by ConsoleOperation has empty parameters."""
    events = listen(instant)
    eip = instant.cloud.buy_eip()

    (event,) = events
    assert event["type"] == "vpc:ActionTrail:ConsoleOperation"
    assert (event["data"]["eventName"], event["data"]["requestParameters"]) == ("Create", {})
    assert event["data"]["referencedResources"] == {"ACS::VPC::EIP": [eip]}
    assert Hand(instant).eip_row(eip)["Status"] == "Available"


def test_one_listeners_fault_does_not_reach_the_others(instant: MockCloud) -> None:
    """Events go on, and so do calls."""

    def fail(_: Event) -> None:
        raise RuntimeError("listener")

    instant.cloud.subscribe(fail)
    events = listen(instant)
    Hand(instant).eip()

    assert len(events) == 1
