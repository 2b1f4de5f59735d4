"""Every sample payload of `events/`, read as the functions read it; `s invoke -f` uses them too."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.errors import RequestError
from multieip.events.cloud_call import CloudCall
from multieip.events.skips import skip_reason
from multieip.events.table import BY_NAME, ROWS, STATE_CHANGE
from multieip.events.triggers import (
    Manual,
    NoEvent,
    TimerEvent,
    payload_of,
    read_trigger,
    read_triggers,
)

EVENTS = Path(__file__).parents[3] / "events"
OUR_ROLE = "Multi-EIP"
ENI = "eni-uf6example0000000001"
EIPS = tuple(f"eip-uf6example000000000{n}" for n in (1, 2, 3))
INSTANCE, SECOND = "i-uf6example0000000001", "i-uf6example0000000002"

LOOKED_AT: dict[str, tuple[str, ...]] = {
    "bare-associate-eip-address": (EIPS[0], ENI),
    "call-add-tags": (INSTANCE,),
    "call-allocate-eip-address": (EIPS[0],),
    "call-allocate-eip-address-pro": (EIPS[1],),
    "call-associate-eip-address": (EIPS[0], ENI),
    "call-associate-eip-address-batch": (ENI, *EIPS),
    "call-attach-network-interface": (ENI, INSTANCE),
    "call-create-network-interface": (ENI,),
    "call-detach-network-interface": (ENI, INSTANCE),
    "call-detach-network-interface-in-text": (ENI, INSTANCE),
    "call-remove-tags": (INSTANCE,),
    "call-run-instances": (INSTANCE, SECOND),
    "call-start-instance": (INSTANCE,),
    "call-start-instances": (INSTANCE, SECOND),
    "call-tag-resources": EIPS,
    "call-un-tag-resources": (EIPS[2],),
    "call-unassociate-eip-address": (EIPS[2], ENI),
    "call-untag-resources": (ENI,),
    "console-create": (EIPS[0],),
    "console-create-without-ids": (),
    "call-with-empty-error-code": EIPS,
    "call-with-referenced-resources-only": (ENI, EIPS[0]),
    "call-without-specversion": EIPS,
    "cloudmonitor-instance-state-change": (INSTANCE,),
    "ecs-eni-operate-failed": (ENI,),
    "ecs-instance-state-change": (INSTANCE,),
    "sls-tag-resources": EIPS,
}
SKIPPED = {
    "call-delete-network-interface": "has no tags any more",
    "call-release-eip-address": "has no tags any more",
    "ecs-eni-operate-completed": "ended as it was asked for",
    "ecs-eni-operate-completed-in-content": "ended as it was asked for",
    "ecs-instance-state-change-stopping": "only passing through Stopping",
    "failed-associate": "the call failed (IncorrectEipStatus)",
    "own-attach": "caused by our own role",
    "unrelated-create-disk": "CreateDisk is not in the event table",
    "unrelated-product": "product oss is not ours",
    "unrelated-read": "the call only read",
    "unrelated-tag-disk": "resources of type disk are not ours",
    "unrelated-tag-resources": "none of the tag keys begins with multi-eip:",
}
PAYLOADS: dict[str, dict[str, Any]] = {
    "http-bind-plan": {"region": "cn-shanghai", "group": "web", "action": "plan"},
    "manual-bind-apply": {"region": "cn-shanghai", "group": "web", "action": "apply"},
    "manual-bind-ids": {
        "region": "cn-shanghai",
        "eni": ENI,
        "eips": list(EIPS),
        "instance": INSTANCE,
        "action": "plan",
    },
    "manual-bind-plan": {"region": "cn-shanghai", "group": "web", "action": "plan"},
    "manual-bind-release": {"region": "cn-shanghai", "group": "web", "action": "release"},
    "manual-sweep-repair": {
        "mode": "repair",
        "regions": ["cn-shanghai"],
        "groups": ["web"],
        "max_repairs": 5,
    },
    "manual-sweep-report": {"mode": "report", "regions": ["cn-shanghai"]},
    "timer-sweep": {"mode": "report", "regions": "all"},
}
SEVERAL = {"array-calls"}
REFUSED = {"log-cursors"}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def sample(name: str) -> bytes:
    """Return one file of `events/`."""
    return (EVENTS / f"{name}.json").read_bytes()


def cloud_call(event: bytes) -> CloudCall:
    """Read an event that must be a cloud call."""
    trigger = read_trigger(event)
    assert isinstance(trigger, CloudCall)
    return trigger


def reason(trigger: CloudCall, own_role: str = OUR_ROLE) -> str | None:
    """Return why the functions would skip it."""
    return skip_reason(trigger, own_role=own_role, tag_prefix="multi-eip:")


def test_each_sample_is_expected_somewhere() -> None:
    """A payload that no test reads would rot unseen."""
    expected = {*LOOKED_AT, *SKIPPED, *PAYLOADS, *SEVERAL, *REFUSED}

    assert expected == {path.stem for path in EVENTS.glob("*.json")}


def test_each_row_of_the_table_has_a_sample() -> None:
    """A new row comes with a payload that shows it."""
    names = {cloud_call(sample(name)).name for name in (*LOOKED_AT, *SKIPPED)}

    assert set(BY_NAME) <= names
    assert len(BY_NAME) == len(ROWS)


@pytest.mark.parametrize("name", LOOKED_AT)
def test_ids_are_found_wherever_the_event_has_them(name: str) -> None:
    """An event of ours names its resources, its region and its account, and is not skipped."""
    call = cloud_call(sample(name))

    assert call.ids == LOOKED_AT[name]
    assert (call.region, call.account) == ("cn-shanghai", "1234567890123456")
    assert reason(call) is None


@pytest.mark.parametrize("name", SKIPPED)
def test_events_that_concern_nobody_are_skipped_with_a_reason(name: str) -> None:
    """The event alone decides, and the reason says why."""
    found = reason(cloud_call(sample(name)))

    assert found is not None
    assert SKIPPED[name] in found


@pytest.mark.parametrize("name", PAYLOADS)
def test_payloads_by_hand_by_timer_and_by_http(name: str) -> None:
    """The payload is the same value, whichever way it came."""
    trigger = read_trigger(sample(name))

    assert isinstance(trigger, TimerEvent if name.startswith("timer-") else Manual)
    assert payload_of(trigger) == PAYLOADS[name]


def test_an_array_gives_a_trigger_per_element() -> None:
    """A streamed batch keeps its order and its repetitions; what collapses is decided later."""
    triggers = read_triggers(sample("array-calls"))

    names = [trigger.name for trigger in triggers if isinstance(trigger, CloudCall)]
    assert names == ["TagResources", "AssociateEipAddress", "TagResources", "AssociateEipAddress"]
    with pytest.raises(RequestError, match="the array holds 4"):
        read_trigger(sample("array-calls"))


def test_one_bad_element_never_decides_over_an_array() -> None:
    """What is no event has its reason; the others are read in their places."""
    good = json.loads(sample("call-tag-resources"))
    elements = [good, 7, "no JSON", json.loads(sample("log-cursors")), ["nested"], json.dumps(good)]
    triggers = read_triggers(json.dumps(elements).encode())

    assert [isinstance(trigger, CloudCall) for trigger in triggers] == [True, *[False] * 4, True]
    reasons = [trigger.reason for trigger in triggers if isinstance(trigger, NoEvent)]
    assert ["int" in reasons[0], "not JSON" in reasons[1], "cursors" in reasons[2], "list" in reasons[3]] == [
        True
    ] * 4


@pytest.mark.parametrize("coat", ["record", "data", "event", "event as text", "no version", "whole"])
def test_one_call_in_every_coat_is_the_same_call(coat: str) -> None:
    """ActionTrail's record alone, wrapped, in a logstore's record, or in a CloudEvent without its version."""
    event = json.loads(sample("call-tag-resources"))
    record = event["data"]
    dressed = {
        "record": record,
        "data": {"data": record},
        "event": {"__topic__": "actiontrail_audit_event", "event": record},
        "event as text": {"__time__": 1, "event": json.dumps(record)},
        "no version": {name: value for name, value in event.items() if name != "specversion"},
        "whole": event,
    }[coat]
    call = cloud_call(json.dumps(dressed).encode())

    assert (call.name, call.product, call.region) == ("TagResources", "vpc", "cn-shanghai")
    assert (call.ids, call.tags) == (EIPS, (("multi-eip:group", "web"),))
    assert call.at == datetime(2026, 11, 20, 3, 15, 7, tzinfo=timezone.utc)
    assert reason(call) is None


def test_a_notification_of_cloudmonitor_is_read_as_the_event_that_it_is() -> None:
    """Case c14: the state, the instance, the account, and the time in its short form."""
    call = cloud_call(sample("cloudmonitor-instance-state-change"))

    assert (call.name, call.state, call.account) == (STATE_CHANGE, "Running", "1234567890123456")
    assert call.at == datetime(2026, 11, 20, 3, 15, 7, tzinfo=timezone.utc)


@pytest.mark.parametrize(("state", "why"), [("Deleted", "no tags any more"), ("Stopping", "passing through")])
def test_the_reason_of_a_skip_is_the_true_one(state: str, why: str) -> None:
    """A deleted instance passes through nothing."""
    event = json.loads(sample("ecs-instance-state-change"))
    data = event["data"].get("content", event["data"])
    data["state"] = state

    assert why in str(reason(cloud_call(json.dumps(event).encode())))


@pytest.mark.parametrize(
    ("operation", "status", "result", "goes_on"),
    [
        ("AttachNetworkInterface", "InUse", "accomplished", False),
        ("DetachNetworkInterface", "Available", "Successful", False),
        ("AttachNetworkInterface", "Available", "accomplished", True),
        ("DetachNetworkInterface", "InUse", "accomplished", True),
        ("AttachNetworkInterface", "InUse", "Failed", True),
        ("AttachNetworkInterface", "InUse", None, True),
    ],
)
def test_only_operations_of_enis_that_went_wrong_are_looked_at(
    operation: str,
    status: str,
    result: str | None,
    goes_on: bool,  # noqa: FBT001  a table
) -> None:
    """Whoever asked for one that went well goes on by itself."""
    event = json.loads(sample("ecs-eni-operate-completed"))
    event["data"] |= {"operation": operation, "eniStatus": status, "result": result}

    assert (reason(cloud_call(json.dumps(event).encode())) is None) is goes_on


def test_lone_surrogates_are_written_out() -> None:
    """Nothing that is made of the event could be encoded otherwise; also where it came as text in text."""
    event = json.loads(sample("sls-tag-resources"))
    record = json.loads(event["event"])
    record |= {"eventId": "\ud800-1", "userIdentity": {"userName": "role:\udfff"}}
    event["event"] = json.dumps(record)
    call = cloud_call(json.dumps(event).encode())

    assert call.event_id == "\\ud800-1"
    assert call.caller.encode() == b"role:\\udfff"


def test_types_of_resources_may_be_a_list() -> None:
    """Skipped only where none of them is ours."""
    event = json.loads(sample("call-with-referenced-resources-only"))
    assert reason(cloud_call(json.dumps(event).encode())) is None

    event["data"]["resourceType"] = ["ACS::ECS::Disk", "ACS::ECS::NetworkInterface"]
    assert reason(cloud_call(json.dumps(event).encode())) is None

    event["data"]["resourceType"] = ["ACS::ECS::Disk", "ACS::ECS::Image"]
    assert "are not ours" in str(reason(cloud_call(json.dumps(event).encode())))


def test_log_cursors_are_refused_with_the_way_out() -> None:
    """An SLS log trigger does not carry events; the error names what does."""
    with pytest.raises(RequestError, match=r"not supported.*EventBridge"):
        read_trigger(sample("log-cursors"))


def test_our_own_role_can_be_looked_at_again() -> None:
    """Without a role name the check is off."""
    own = cloud_call(sample("own-attach"))

    assert own.role == "multi-eip"
    assert reason(own, own_role="") is None


def test_tags_of_an_event_are_visible_with_and_without_values() -> None:
    """TagResources tells key and value, UnTagResources only the key."""
    assert cloud_call(sample("call-tag-resources")).tags == (("multi-eip:group", "web"),)
    assert cloud_call(sample("call-un-tag-resources")).tags == (("multi-eip:group", None),)


@pytest.mark.parametrize(
    "parameters",
    [
        {"ResourceId.1": ENI, "ResourceId.2": INSTANCE, "Tag.1.Key": "multi-eip:group", "Tag.1.Value": "web"},
        {"ResourceId": [ENI, INSTANCE], "Tag": [{"Key": "multi-eip:group", "Value": "web"}]},
        {
            "ResourceId": {"1": ENI, "2": INSTANCE},
            "Tags": {"Tag": [{"Key": "multi-eip:group", "Value": "web"}]},
        },
        {"ResourceId": json.dumps([ENI, INSTANCE]), "Tag": '[{"Key": "multi-eip:group", "Value": "web"}]'},
        {"ResourceId": f"{ENI},{INSTANCE}", "Tag.1": {"Key": "multi-eip:group", "Value": "web"}},
    ],
)
def test_all_forms_of_repeated_parameters_mean_the_same(parameters: dict[str, object]) -> None:
    """Flattened, list, object, text of a list, comma list."""
    data = {"eventName": "TagResources", "serviceName": "Ecs", "requestParameters": parameters}
    call = cloud_call(json.dumps({"specversion": "1.0", "source": "acs.ecs", "data": data}).encode())

    assert call.ids == (ENI, INSTANCE)
    assert call.tags == (("multi-eip:group", "web"),)


@pytest.mark.parametrize(
    "parameters",
    [
        {"TagKey.1": "multi-eip:group", "TagKey.2": "owner"},
        {"TagKey": ["multi-eip:group", "owner"]},
        {"TagKeys": {"1": "owner", "2": "multi-eip:group"}},
        {"Tag.1.Key": "multi-eip:group", "Tag.2.Key": "owner"},
    ],
)
def test_tag_keys_without_values_are_seen(parameters: dict[str, object]) -> None:
    """Untagging names keys only, in as many forms."""
    data = {"eventName": "UntagResources", "serviceName": "Ecs", "requestParameters": parameters}
    call = cloud_call(json.dumps({"specversion": "1.0", "source": "acs.ecs", "data": data}).encode())

    assert call.tags == (("multi-eip:group", None), ("owner", None))
    assert reason(call) is None


@pytest.mark.parametrize(("depth", "found"), [(3, (ENI,)), (40, ())])
def test_nesting_beyond_any_real_parameter_is_not_followed(depth: int, found: tuple[str, ...]) -> None:
    """The work on hostile input is bounded."""
    nested: object = ENI
    for _ in range(depth):
        nested = [nested]
    data = {"eventName": "TagResources", "serviceName": "Ecs", "requestParameters": {"ResourceId": nested}}

    assert (
        cloud_call(json.dumps({"specversion": "1.0", "source": "acs.ecs", "data": data}).encode()).ids
        == found
    )


def test_an_empty_timer_payload_is_a_payload_without_wishes() -> None:
    """A trigger may configure none."""
    assert read_trigger(b'{"triggerTime": "t", "triggerName": "daily", "payload": ""}') == TimerEvent(
        "daily", "t", {}
    )


def test_resource_name_is_the_last_resort() -> None:
    """Where neither parameters nor references name an id, the resource's name may."""
    data = {"eventName": "Create", "serviceName": "Vpc", "resourceName": f"{EIPS[0]},{EIPS[1]};vpc-1"}

    assert (
        cloud_call(json.dumps({"specversion": "1.0", "source": "acs.vpc", "data": data}).encode()).ids
        == EIPS[:2]
    )


def test_an_event_without_id_has_one_made_of_its_content() -> None:
    """The same event delivered twice is recognised even then, whatever the order of its keys."""
    event = json.loads(sample("ecs-instance-state-change"))
    del event["id"]
    turned = dict(reversed(list(event.items())))
    changed = {**event, "data": {**event["data"], "state": "Stopped"}}
    later = {**event, "time": "2026-11-20T04:00:00Z"}

    first, second, *others = (
        cloud_call(json.dumps(each).encode()).event_id for each in (event, turned, changed, later)
    )
    assert first == second
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    "event",
    [b"{", b"\xff", b"3", b'"text"', b"null", b"[1]", b"[" * 100_000, b"1" * 5_000, b'["{"]', b"[[]]"],
)
def test_what_is_no_trigger_is_refused_as_a_request(event: bytes) -> None:
    """Nonsense is the caller's fault, never a crash of ours."""
    with pytest.raises(RequestError):
        read_triggers(event)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"triggerTime": "t", "triggerName": "daily", "payload": "[1]"}, "timer daily"),
        ({"requestContext": {}, "body": "e30", "isBase64Encoded": True}, "not Base64"),
        ({"requestContext": {}, "body": '{"requestContext": {}}'}, "within an HTTP request"),
    ],
)
def test_wrong_envelopes_say_what_is_wrong(event: dict[str, object], words: str) -> None:
    """The message leads to the cause."""
    with pytest.raises(RequestError, match=words):
        read_trigger(json.dumps(event).encode())


def test_an_event_is_no_payload() -> None:
    """`bind` and `sweep` send an event to the function that takes events."""
    with pytest.raises(RequestError, match="belongs to `react`"):
        payload_of(read_trigger(sample("call-start-instance")))


def test_a_call_without_payload_is_a_payload_without_wishes() -> None:
    """`s sweep invoke` without `-e` or `-f` sends nothing."""
    assert read_trigger(b" ") == Manual({})


def test_an_http_body_may_come_in_base64() -> None:
    """The platform encodes bodies that it takes for binary."""
    event = {"requestContext": {}, "body": "eyJncm91cCI6ICJ3ZWIifQ==", "isBase64Encoded": True}

    assert read_trigger(json.dumps(event).encode()) == Manual({"group": "web"})


@given(st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(event: bytes) -> None:
    """Nothing but `RequestError` leaves the reader."""
    try:
        triggers = read_triggers(event)
    except RequestError:
        return
    for trigger in triggers:
        if isinstance(trigger, CloudCall):
            reason(trigger)


@given(st.sampled_from(sorted({*LOOKED_AT, *SKIPPED})), st.data())
def test_hostile_fields_never_crash_the_reader(name: str, data: st.DataObject) -> None:
    """Any one field of an event may have any type."""
    event = json.loads(sample(name))
    place = event.get("data", event) if data.draw(st.booleans()) else event
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON_VALUES)

    for trigger in read_triggers(json.dumps(event).encode()):
        if isinstance(trigger, CloudCall):
            reason(trigger)


@given(st.sampled_from(sorted(LOOKED_AT)), st.randoms(use_true_random=False), JSON_VALUES)
def test_ids_do_not_depend_on_key_order_or_extra_keys(name: str, random: Any, extra: object) -> None:  # noqa: ANN401  hypothesis gives a Random
    """What an event means does not change with the product's next attribute."""
    event = json.loads(sample(name))
    data = event.get("data", event)
    data["eventAttributes"] = extra
    event["aliyunnewattribute"] = extra

    def shuffled(value: object) -> object:
        if not isinstance(value, dict):
            return value
        items = list(value.items())
        random.shuffle(items)
        return {key: shuffled(inner) for key, inner in items}

    assert cloud_call(json.dumps(shuffled(event)).encode()).ids == LOOKED_AT[name]


def test_a_payload_loads_nothing_that_reads_events_of_the_cloud() -> None:
    """The function `bind` takes payloads only, and pays for each module with each cold start."""
    code = (
        "import sys; from multieip.events.triggers import read_trigger; "
        "read_trigger(b'{\"group\": \"web\"}'); print(*sorted(m for m in sys.modules if 'multieip.' in m))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert "multieip.events.triggers" in told
    assert not {"multieip.events.table", "multieip.events.cloud_call"} & set(told.split())
