"""Events of the local cloud → the groups that `react` starts a `bind` for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud import mock_cloud
from multieip.errors import RequestError
from multieip.events.cloud_call import CloudCall
from multieip.events.triggers import read_triggers
from tests.functional.in_process import InProcess
from tests.functional.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.runs.react import ReactResult


GATHER_S = 5.0
SETTINGS = {
    "MULTI_EIP_OWN_ROLE": "multi-eip",
    "MULTI_EIP_REACT_MAX_GROUPS": "3",
    "MULTI_EIP_GATHER_SECONDS": f"{GATHER_S:g}",
}


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Return an empty region whose functions have these settings."""
    scene.environ |= SETTINGS
    return scene


def groups(result: ReactResult) -> list[str]:
    """Return the groups that were started."""
    return sorted(dispatch.group for dispatch in result.started)


def test_tagging_three_eips_starts_one_bind(scene: Scene) -> None:
    """The event names the group and three EIPs of it: one task, no read, and a payload of names only."""
    eips = scene.hand.eips(3)
    scene.take()
    scene.hand.tag("EIP", eips, "web")
    (event,) = scene.take()

    result = scene.react([event])

    assert groups(result) == ["web"]
    assert scene.api.calls == []
    (payload,) = scene.queue.started.values()
    assert payload.pop("not_before") > event["time"]
    assert payload == {
        "region": "cn-shanghai",
        "group": "web",
        "action": "apply",
        "cause": {"event": event["id"], "name": "TagResources"},
        "named": sorted(eips),
    }


def test_a_repeated_event_collapses(scene: Scene) -> None:
    """The same event again has the same task id; a later event of the same group has its own."""
    eni = scene.hand.eni(scene.seeds, "web")
    first = scene.take()
    scene.cloud.clock.sleep(GATHER_S)
    scene.hand.tag("eni", [eni], size="3")
    second = scene.take()

    assert groups(scene.react(first)) == ["web"]
    again = scene.react(first)
    assert (again.started, [each.group for each in again.collapsed]) == ([], ["web"])
    assert groups(scene.react(second)) == ["web"]


def test_a_burst_of_events_starts_one_bind(scene: Scene) -> None:
    """Events of one group that happened together share a task, and its run looks after all of them."""
    seconds = scene.cloud.clock.now().timestamp()
    scene.cloud.clock.sleep(GATHER_S - seconds % GATHER_S)
    scene.hand.eni(scene.seeds, "web")
    scene.hand.tag("EIP", scene.hand.eips(3), "web")
    scene.hand.tag("instance", [scene.seeds.instance], "web")
    calls = ("CreateNetworkInterface", "TagResources")
    events = [event for event in scene.take() if event["data"].get("eventName") in calls]
    assert len(events) > 2

    results = [scene.react([event]) for event in events]

    assert [groups(result) for result in results] == [["web"]] + [[]] * (len(events) - 1)
    assert all(each.group == "web" for result in results[1:] for each in result.collapsed)
    (payload,) = scene.queue.started.values()
    assert payload["not_before"] > max(event["time"] for event in events)


def test_every_real_event_of_a_flow_is_understood(scene: Scene) -> None:
    """What the cloud says of creating, tagging, binding, attaching and taking back names the right ids."""
    eni = scene.hand.eni(scene.seeds, "web")
    eips = scene.hand.eips(2, "web")
    scene.hand.tag("instance", [scene.seeds.instance], "web")
    scene.hand.bind(eni, eips)
    scene.hand.attach(eni, scene.seeds.instance)
    told: dict[str, set[str]] = {}
    for trigger in read_triggers(json.dumps(scene.take()).encode()):
        assert isinstance(trigger, CloudCall)
        assert trigger.region == "cn-shanghai"
        told.setdefault(trigger.name, set()).update(trigger.ids)

    assert told["CreateNetworkInterface"] == {eni}
    assert told["AllocateEipAddress"] == set(eips)
    assert told["TagResources"] == {*eips, scene.seeds.instance}
    assert told["AssociateEipAddressBatch"] == {eni, *eips}
    assert told["AttachNetworkInterface"] == {eni, scene.seeds.instance}


def test_what_carries_no_tag_starts_nothing(scene: Scene) -> None:
    """The reason is in the answer and in the log."""
    scene.hand.eips(1)

    result = scene.react(scene.take())

    assert result.started == []
    (skip,) = result.skipped
    assert "no group tag on eip-" in skip.reason
    assert [line["reason"] for line in scene.said()] == [skip.reason]


def test_a_tag_value_that_is_no_group_name_starts_nothing(scene: Scene) -> None:
    """The sweep reports it; `bind` would refuse it."""
    scene.hand.eips(1, "not a name!")

    assert scene.react(scene.take()).started == []


def test_an_untagged_eip_concerns_the_group_of_its_eni(scene: Scene) -> None:
    """Its own tag is gone, but the ENI that it is still bound to tells which group lost it."""
    eni = scene.hand.eni(scene.seeds, "web")
    eips = scene.hand.eips(2, "web")
    scene.hand.bind(eni, eips)
    scene.take()
    scene.hand.untag("EIP", eips[:1])

    assert groups(scene.react(scene.take())) == ["web"]


def test_an_untagged_eip_that_is_bound_to_nothing_is_left_to_the_sweep(scene: Scene) -> None:
    """Nothing tells the group any more; that is said, not guessed."""
    eips = scene.hand.eips(1, "web")
    scene.take()
    scene.hand.untag("EIP", eips)

    result = scene.react(scene.take())

    assert result.started == []
    assert "no group tag" in result.skipped[0].reason


def test_the_event_knows_a_tag_that_the_listing_does_not_show_yet(scene: Scene) -> None:
    """A created ENI may not be listed for a moment; the event carries its tags."""
    scene.hand.eni(scene.seeds, "web")
    text = json.dumps(scene.take()).replace("eni-", "eni-notyet")

    assert groups(scene.react(json.loads(text))) == ["web"]


def console_purchase(event_id: str = "purchase-1") -> dict[str, Any]:
    """Return a purchase that names nothing, as buy pages do."""
    data = {
        "eventName": "Create",
        "eventType": "ConsoleOperation",
        "serviceName": "Vpc",
        "requestParameters": {},
    }
    kind = "vpc:ActionTrail:ConsoleOperation"
    return {"id": event_id, "specversion": "1.0", "source": "acs.vpc", "type": kind, "data": data}


def test_an_event_without_ids_looks_at_all_groups_of_its_region(scene: Scene) -> None:
    """Something was bought; which of the few groups it is for, `bind` finds out."""
    for group in ("a", "b"):
        scene.hand.eni(scene.seeds, group)

    assert groups(scene.react([console_purchase()])) == ["a", "b"]


def test_an_event_without_ids_does_not_start_a_storm(scene: Scene) -> None:
    """More groups than the limit are left to the sweep, in words."""
    for number in range(4):
        scene.hand.eni(scene.seeds, f"group{number}")

    result = scene.react([console_purchase()])

    assert result.started == []
    assert "the region's 4 groups are left to the sweep" in result.skipped[0].reason


def test_a_group_that_cannot_be_queued_stops_no_other(scene: Scene) -> None:
    """The failure is named, so that the function fails and is called again; the others are queued."""
    for group in ("a", "b", "c"):
        scene.hand.eni(scene.seeds, group)
    events = scene.take()
    scene.queue.failing = frozenset({"b"})

    result = scene.react(events)

    assert groups(result) == ["a", "c"]
    assert len(result.failed) == 1
    assert "bind of b in cn-shanghai was not started" in result.failed[0]
    scene.queue.failing = frozenset()
    retried = scene.react(events)
    assert (groups(retried), len(retried.collapsed)) == (["b"], 2)


def test_tags_that_cannot_be_read_are_a_failure_not_an_empty_list(scene: Scene) -> None:
    """A role without DescribeEipAddresses must not pass for a cloud without groups."""
    scene.hand.eips(1, "web")
    key = scene.cloud.accounts.add_user("blind", "LTAI5tLocalBlind00000001", "blind", allow=("ecs:*",))
    scene.api = InProcess(scene.cloud, key)

    result = scene.react(scene.take()[:1])

    assert result.started == []
    assert "the tags of cn-shanghai could not be read" in result.failed[0]


def test_react_takes_events_only(scene: Scene) -> None:
    """A payload by hand is answered with the functions that take one."""
    with pytest.raises(RequestError, match="call `bind`"):
        scene.react([{"group": "web"}])


@pytest.fixture(scope="module")
def busy() -> Iterator[tuple[Scene, list[dict[str, Any]]]]:
    """Return a stage on which three groups were built, and all its events."""
    with mock_cloud() as local:
        made = Scene(local)
        made.environ |= SETTINGS
        yield made, _built(made)


def _built(made: Scene) -> list[dict[str, Any]]:
    """Build three groups and return what happened."""
    for group in ("a", "b", "c"):
        eni = made.hand.eni(made.seeds, group)
        made.hand.bind(eni, made.hand.eips(2, group))
    made.hand.attach(eni, made.seeds.instance)
    return made.take()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_and_repetition_change_nothing(
    busy: tuple[Scene, list[dict[str, Any]]], data: st.DataObject
) -> None:
    """Any order and any repetition of the same events concern the same groups, each once."""
    scene, events = busy
    chosen = data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=8))
    scene.queue.forget()
    expected = {d.group for d in scene.react(chosen).started}

    scene.queue.forget()
    result = scene.react(data.draw(st.permutations([*chosen, *chosen])))

    assert {d.group for d in result.started} == expected
    assert len(result.started) == len(expected)
    assert (result.failed, result.collapsed) == ([], [])
