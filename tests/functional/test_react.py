"""Events of the local cloud → the groups that `react` starts a `bind` for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from multieip.errors import RequestError
from multieip.events.triggers import CloudCall, read_triggers
from multieip.log import Log
from multieip.observe.directory import Directory
from multieip.runs.react import Options, ReactResult, react, screen
from tests.functional.operator_hand import PREFIX, Operator, Queue
from tests.stubs.clock import VirtualClock
from tests.stubs.cloud import LocalCloud
from tests.stubs.guests import open_world
from tests.stubs.options import CloudOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multieip.model.resources import Region

GATHER_S = 5.0
OPTIONS = Options(
    tag_prefix=PREFIX, own_role="multi-eip", default_region="cn-shanghai", max_groups=3, gather_s=GATHER_S
)


class Stage:
    """A local cloud with an operator, the events that happened, and a `react` that looks at them."""

    def __init__(self) -> None:
        """Start with one network and no groups; time is virtual."""
        self.world = open_world("simulated")
        self.cloud = LocalCloud(self.world, CloudOptions(clock=VirtualClock()))
        self.seeds = self.cloud.seed()
        self.hand = Operator(self.cloud)
        self.events: list[dict[str, Any]] = []
        self.cloud.subscribe(self.events.append)
        self.queue = Queue()
        self.lines: list[dict[str, Any]] = []
        self.api = self.cloud.api()

    def close(self) -> None:
        """Leave nothing behind."""
        self.cloud.close()

    def take(self) -> list[dict[str, Any]]:
        """Return the events since the last time."""
        taken = list(self.events)
        self.events.clear()
        return taken

    def react(self, events: Sequence[dict[str, Any]], options: Options = OPTIONS) -> ReactResult:
        """Deliver events in one array, as a stream does."""
        calls, skipped = screen(read_triggers(json.dumps(list(events)).encode()), options)
        log = Log(self.cloud.clock, sink=lambda line: self.lines.append(json.loads(line)))
        result = react(calls, self.directory, self.queue, log, options)
        result.skipped[:0] = skipped
        return result

    def directory(self, region: Region) -> Directory:
        """Look up tags in a region."""
        return Directory(self.api, region, PREFIX)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Return an empty stage."""
    made = Stage()
    yield made
    made.close()


def groups(result: ReactResult) -> list[str]:
    """Return the groups that were started."""
    return sorted(dispatch.group for dispatch in result.started)


def test_tagging_three_eips_starts_one_bind(stage: Stage) -> None:
    """The event names three EIPs of one group: one task, one read, and a payload of names only."""
    eips = stage.hand.eips(3)
    stage.take()
    stage.hand.tag("EIP", eips, "web")
    (event,) = stage.take()

    result = stage.react([event])

    assert groups(result) == ["web"]
    assert [action for action, _ in stage.api.calls] == ["DescribeEipAddresses"]
    (payload,) = stage.queue.started.values()
    assert payload.pop("not_before") > event["time"]
    assert payload == {
        "region": "cn-shanghai",
        "group": "web",
        "action": "apply",
        "cause": {"event": event["id"], "name": "TagResources"},
    }


def test_a_repeated_event_collapses(stage: Stage) -> None:
    """The same event again has the same task id; a later event of the same group has its own."""
    eni = stage.hand.eni(stage.seeds, "web")
    first = stage.take()
    stage.cloud.clock.sleep(GATHER_S)
    stage.hand.tag("eni", [eni], size="3")
    second = stage.take()

    assert groups(stage.react(first)) == ["web"]
    again = stage.react(first)
    assert (again.started, [each.group for each in again.collapsed]) == ([], ["web"])
    assert groups(stage.react(second)) == ["web"]


def test_a_burst_of_events_starts_one_bind(stage: Stage) -> None:
    """Events of one group that happened together share a task, and its run looks after all of them."""
    seconds = stage.cloud.clock.now().timestamp()
    stage.cloud.clock.sleep(GATHER_S - seconds % GATHER_S)
    stage.hand.eni(stage.seeds, "web")
    stage.hand.tag("EIP", stage.hand.eips(3), "web")
    stage.hand.tag("instance", [stage.seeds.instance], "web")
    events = [event for event in stage.take() if event["data"].get("eventName") != "AllocateEipAddress"]
    assert len(events) > 2

    results = [stage.react([event]) for event in events]

    assert [groups(result) for result in results] == [["web"]] + [[]] * (len(events) - 1)
    assert all(each.group == "web" for result in results[1:] for each in result.collapsed)
    (payload,) = stage.queue.started.values()
    assert payload["not_before"] > max(event["time"] for event in events)


def test_every_real_event_of_a_flow_is_understood(stage: Stage) -> None:
    """What the cloud says of creating, tagging, binding, attaching and taking back names the right ids."""
    eni = stage.hand.eni(stage.seeds, "web")
    eips = stage.hand.eips(2, "web")
    stage.hand.tag("instance", [stage.seeds.instance], "web")
    stage.hand.bind(eni, eips)
    stage.hand.attach(eni, stage.seeds.instance)
    told: dict[str, set[str]] = {}
    for trigger in read_triggers(json.dumps(stage.take()).encode()):
        assert isinstance(trigger, CloudCall)
        assert trigger.region == "cn-shanghai"
        told.setdefault(trigger.name, set()).update(trigger.ids)

    assert told["CreateNetworkInterface"] == {eni}
    assert told["AllocateEipAddress"] == set(eips)
    assert told["TagResources"] == {*eips, stage.seeds.instance}
    assert told["AssociateEipAddressBatch"] == {eni, *eips}
    assert told["AttachNetworkInterface"] == {eni, stage.seeds.instance}


def test_what_carries_no_tag_starts_nothing(stage: Stage) -> None:
    """The reason is in the answer and in the log."""
    stage.hand.eips(1)

    result = stage.react(stage.take())

    assert result.started == []
    (skip,) = result.skipped
    assert "no group tag on eip-" in skip.reason
    assert [line["reason"] for line in stage.lines] == [skip.reason]


def test_a_tag_value_that_is_no_group_name_starts_nothing(stage: Stage) -> None:
    """The sweep reports it; `bind` would refuse it."""
    stage.hand.eips(1, "not a name!")

    assert stage.react(stage.take()).started == []


def test_an_untagged_eip_concerns_the_group_of_its_eni(stage: Stage) -> None:
    """Its own tag is gone, but the ENI that it is still bound to tells which group lost it."""
    eni = stage.hand.eni(stage.seeds, "web")
    eips = stage.hand.eips(2, "web")
    stage.hand.bind(eni, eips)
    stage.take()
    stage.hand.untag("EIP", eips[:1])

    assert groups(stage.react(stage.take())) == ["web"]


def test_an_untagged_eip_that_is_bound_to_nothing_is_left_to_the_sweep(stage: Stage) -> None:
    """Nothing tells the group any more; that is said, not guessed."""
    eips = stage.hand.eips(1, "web")
    stage.take()
    stage.hand.untag("EIP", eips)

    result = stage.react(stage.take())

    assert result.started == []
    assert "no group tag" in result.skipped[0].reason


def test_the_event_knows_a_tag_that_the_listing_does_not_show_yet(stage: Stage) -> None:
    """A created ENI may not be listed for a moment; the event carries its tags."""
    stage.hand.eni(stage.seeds, "web")
    text = json.dumps(stage.take()).replace("eni-", "eni-notyet")

    assert groups(stage.react(json.loads(text))) == ["web"]


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


def test_an_event_without_ids_looks_at_all_groups_of_its_region(stage: Stage) -> None:
    """Something was bought; which of the few groups it is for, `bind` finds out."""
    for group in ("a", "b"):
        stage.hand.eni(stage.seeds, group)

    assert groups(stage.react([console_purchase()])) == ["a", "b"]


def test_an_event_without_ids_does_not_start_a_storm(stage: Stage) -> None:
    """More groups than the limit are left to the sweep, in words."""
    for number in range(4):
        stage.hand.eni(stage.seeds, f"group{number}")

    result = stage.react([console_purchase()])

    assert result.started == []
    assert "the region's 4 groups are left to the sweep" in result.skipped[0].reason


def test_a_group_that_cannot_be_queued_stops_no_other(stage: Stage) -> None:
    """The failure is named, so that the function fails and is called again; the others are queued."""
    for group in ("a", "b", "c"):
        stage.hand.eni(stage.seeds, group)
    events = stage.take()
    stage.queue.failing = frozenset({"b"})

    result = stage.react(events)

    assert groups(result) == ["a", "c"]
    assert len(result.failed) == 1
    assert "bind of b in cn-shanghai was not started" in result.failed[0]
    stage.queue.failing = frozenset()
    retried = stage.react(events)
    assert (groups(retried), len(retried.collapsed)) == (["b"], 2)


def test_tags_that_cannot_be_read_are_a_failure_not_an_empty_list(stage: Stage) -> None:
    """A role without DescribeEipAddresses must not pass for a cloud without groups."""
    stage.hand.eips(1, "web")
    key = stage.cloud.accounts.add_user("blind", "LTAI5tLocalBlind00000001", "blind", allow=("ecs:*",))
    stage.api = stage.cloud.api(key)

    result = stage.react(stage.take()[:1])

    assert result.started == []
    assert "the tags of cn-shanghai could not be read" in result.failed[0]


def test_react_takes_events_only(stage: Stage) -> None:
    """A payload by hand is answered with the functions that take one."""
    with pytest.raises(RequestError, match="call `bind`"):
        stage.react([{"group": "web"}])


@pytest.fixture(scope="module")
def busy() -> Iterator[tuple[Stage, list[dict[str, Any]]]]:
    """Return a stage on which three groups were built, and all its events."""
    made = Stage()
    for group in ("a", "b", "c"):
        eni = made.hand.eni(made.seeds, group)
        made.hand.bind(eni, made.hand.eips(2, group))
    made.hand.attach(eni, made.seeds.instance)
    yield made, made.take()
    made.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_and_repetition_change_nothing(
    busy: tuple[Stage, list[dict[str, Any]]], data: st.DataObject
) -> None:
    """Any order and any repetition of the same events concern the same groups, each once."""
    stage, events = busy
    chosen = data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=8))
    stage.queue.started.clear()
    expected = {d.group for d in stage.react(chosen).started}

    stage.queue.started.clear()
    result = stage.react(data.draw(st.permutations([*chosen, *chosen])))

    assert {d.group for d in result.started} == expected
    assert len(result.started) == len(expected)
    assert (result.failed, result.collapsed) == ([], [])
