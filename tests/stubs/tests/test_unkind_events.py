"""Events in the forms and coats that are known from the real cloud besides the documented one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import CloudOptions, DeliveryOptions, mock_cloud
from localcloud.eventbridge import EventBus, Rule, parse_pattern
from localcloud.eventbridge.bus import Pushed
from localcloud.eventbridge.timeline import VirtualTimeline
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud

Event = dict[str, Any]


def _got(local: MockCloud, coat: str) -> tuple[list[Any], VirtualTimeline]:
    """Let a function hear of everything from now on; its bytes, decoded, come into the list."""
    timeline = VirtualTimeline(lambda: local.clock.now().timestamp(), local.clock.sleep)
    bus = EventBus(timeline, options=DeliveryOptions.parse(f"coat={coat}"))
    got: list[Any] = []

    def push(body: bytes) -> Pushed:
        got.append(json.loads(body))
        return Pushed(accepted=True, status=200)

    bus.add_rule(Rule("all", parse_pattern('{"source": ["acs.ecs", "acs.vpc"]}'), "f", push))
    local.cloud.subscribe(bus.publish)
    return got, timeline


@pytest.mark.parametrize(
    ("setting", "fields", "pattern"),
    [
        ("absent", {}, '[{"exists": false}]'),
        ("empty", {"errorCode": "", "errorMessage": ""}, '[""]'),
        ("null", {"errorCode": None, "errorMessage": None}, "[null]"),
    ],
)
def test_success_has_three_forms(setting: str, fields: Event, pattern: str) -> None:
    """No error code, an empty one, a null one: EventBridge tells them apart; a failed call keeps its code."""
    with mock_cloud(CloudOptions(switches={"event-error-code": setting})) as local:
        events: list[Event] = []
        local.cloud.subscribe(events.append)
        hand = Hand(local)
        hand.eip()
        hand.code("Vpc", "ReleaseEipAddress", AllocationId="eip-none")

    good, bad = (each["data"] for each in events)
    assert {name: good[name] for name in ("errorCode", "errorMessage") if name in good} == fields
    assert bad["errorCode"] == "InvalidAllocationId.NotFound"
    wanted = parse_pattern(f'{{"data": {{"errorCode": {pattern}}}}}')
    assert [wanted.matches(each) for each in events] == [True, False]


def test_an_event_may_name_its_resources_only() -> None:
    """Neither parameters nor answer, nobody who called, resource types as a list."""
    with mock_cloud(CloudOptions(switches={"event-detail": "references"})) as local:
        events: list[Event] = []
        local.cloud.subscribe(events.append)
        eni = Hand(local).eni()

    data = next(each["data"] for each in events if each["data"].get("eventName") == "CreateNetworkInterface")
    assert not {"requestParameters", "requestParameterJson", "responseElements", "resourceName"} & data.keys()
    assert data["referencedResources"]["ACS::ECS::NetworkInterface"] == [eni]
    assert "ACS::ECS::NetworkInterface" in data["resourceType"]
    assert data["userIdentity"]["type"] == "system"


def test_cloudmonitor_brings_ecs_events_in_its_own_form(local: MockCloud) -> None:
    """A state change has CloudMonitor's fields and no envelope; calls still come by EventBridge."""
    got, timeline = _got(local, "cloudmonitor")
    hand = Hand(local)
    hand.ecs("StopInstance", InstanceId=local.seeds.instance)
    local.clock.sleep(60)
    timeline.drain()

    (stopped,) = [each for each in got if each.get("content", {}).get("state") == "Stopped"]
    assert (stopped["name"], stopped["product"]) == ("Instance:StateChange", "ECS")
    assert stopped["resourceId"].endswith(f":instance/{local.seeds.instance}")
    assert stopped["content"]["resourceId"] == local.seeds.instance
    assert not {"specversion", "source", "data"} & stopped.keys()
    assert [each["data"]["eventName"] for each in got if "data" in each] == ["StopInstance"]


def test_a_logstore_brings_the_audit_event_as_text(local: MockCloud) -> None:
    """The record of ActionTrail: the topic, and the whole event in one string."""
    got, timeline = _got(local, "sls")
    eip = Hand(local).eip()
    timeline.drain()

    (record,) = got
    assert record["__topic__"] == "actiontrail_audit_event"
    assert json.loads(record["event"])["responseElements"]["AllocationId"] == eip


def test_a_rule_may_drop_the_version(local: MockCloud) -> None:
    """Everything but `specversion` arrives."""
    got, timeline = _got(local, "bare")
    Hand(local).eip()
    timeline.drain()

    (event,) = got
    assert "specversion" not in event
    assert (event["source"], event["data"]["eventName"]) == ("acs.vpc", "AllocateEipAddress")


def test_a_coat_that_nobody_wears_is_refused() -> None:
    """The mistake is named with what there is."""
    with pytest.raises(
        ValueError, match="coat is 'fur', it must be one of eventbridge, cloudmonitor, sls, bare"
    ):
        DeliveryOptions.parse("coat=fur")
