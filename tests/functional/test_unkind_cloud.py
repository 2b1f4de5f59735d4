"""The functions on a cloud as unkind as the real one: nothing is lost, and all is right once it is kind.

Each fault of the local cloud that no other test of the functions uses has a case here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, dressed, mock_cloud
from multieip.cloud.ecs import list_enis
from multieip.model.resources import Region
from tests.functional.scene import Scene
from tests.functional.twice import Twice

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "acs:ram::1234567890123456:role/multi-eip"
EIPS, ENIS = "DescribeEipAddresses", "DescribeNetworkInterfaces"
PAGES = f"{EIPS}:smaller:most=1"
"""Makes each EIP a page of its own."""

LISTS = (
    (f"{EIPS}:short:rows=1,times=2",),
    (f"{EIPS}:empty:times=2",),
    (f"{EIPS}:field:name=Tags,as=absent,times=2",),
    (f"{EIPS}:field:name=InstanceId,as=null,times=2",),
    (f"{EIPS}:row-tags:value=other,times=2",),
    (f"{EIPS}:row-tags:times=2",),
    (f"{EIPS}:count:by=-1,times=2",),
    (f"{EIPS}:lag:writes=1",),
    (PAGES,),
    (PAGES, f"{EIPS}:moves:by=1"),
    (PAGES, f"{EIPS}:moves:by=-1"),
    (PAGES, f"{EIPS}:deep-page:from=2"),
    ("*:signature:times=1",),
)
OF_MANY = (
    (f"{ENIS}:smaller:most=1", f"{ENIS}:repeat-token"),
    ("DescribeInstances:smaller:most=1", "DescribeInstances:repeat-token"),
    (f"{ENIS}:tag-limit:most=1", f"{ENIS}:count:by=999"),
)
"""What only a list of several groups can meet."""


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """Return a scene with a ready group of three, and every consent."""
    scene.group(3, size="3", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.forget_events()
    return scene


def _unkind(scene: Scene, faults: tuple[str, ...]) -> Twice:
    # One EIP loses its tag for a moment: a list that is one write behind does not show it.
    eips = [each for each in scene.picture()["eips"] if scene.bound_to(each)][:1]
    scene.hand.untag("EIP", eips)
    scene.hand.tag("EIP", eips, "web")
    scene.forget_events()
    for fault in faults:
        scene.cloud.faults.add(fault)
    return Twice(scene.cloud)


@pytest.mark.parametrize("faults", LISTS, ids=" ".join)
def test_a_list_that_is_wrong_costs_no_member(ready: Scene, faults: tuple[str, ...]) -> None:
    """With every consent, a list that lies takes nothing off the ENI; a true one finds all as it was."""
    api = _unkind(ready, faults)

    met = ready.bind({"group": "web", "action": "apply"}, api=api)

    assert api.met, "the run never met the fault"
    assert ready.changes() == []
    assert met["state"] in {"ready", "failed", "waiting", "blocked"}
    if met["state"] != "ready":
        assert met["message"]
    api.heal()
    again = ready.apply()
    assert again["state"] == "ready", again["message"]
    assert ready.changes() == []


@pytest.mark.parametrize("faults", [*LISTS, *OF_MANY], ids=" ".join)
def test_a_sweep_names_what_it_could_not_read(ready: Scene, faults: tuple[str, ...]) -> None:
    """Nothing is repaired on a list that lies, and no group is lost from the report without a word."""
    ready.ready_group("db", ready.hand.another_instance(ready.seeds), eips=1)
    ready.api = api = _unkind(ready, faults)

    report = ready.sweep({"mode": "repair"})

    assert api.met, "the sweep never met the fault"
    assert ready.changes() == []
    names = {group["group"] for region in report["regions"] for group in region["groups"]}
    assert names >= {"web", "db"} or report["unread"] or report["not_read"]
    api.heal()
    again = ready.sweep({"mode": "repair"})
    assert (again["totals"]["ok"], again["repairs"]["groups"]) == (2, [])


def test_pages_that_are_smaller_than_asked_are_all_read(ready: Scene) -> None:
    """They say so, and that is no contradiction: the run needs no second try."""
    api = _unkind(ready, (PAGES,))

    assert ready.bind({"group": "web", "action": "apply"}, api=api)["state"] == "ready"
    assert api.met
    ready.api = Twice(ready.cloud)
    assert ready.sweep()["unread"] == []


def test_more_enis_than_a_list_by_tag_shows_are_all_found(scene: Scene) -> None:
    """The cloud's own limit of a thousand: where a list by tag ends, the product reads the whole one."""
    scene.cloud.accounts.main.eni_quota = 2_000
    place = {"VpcId": scene.seeds.vpc, "ZoneId": scene.seeds.zone, "CidrBlock": "10.0.64.0/18"}
    room = scene.hand.api.call("Vpc", "CreateVSwitch", place)["VSwitchId"]
    seeds = replace(scene.seeds, vswitch=str(room))
    made = {scene.hand.eni(seeds, f"g{number}") for number in range(1001)}

    told = scene.api.call("Ecs", ENIS, {"RegionId": scene.seeds.region, "Tag.1.Key": "multi-eip:group"})
    found = list_enis(scene.api, Region(scene.seeds.region), tag=("multi-eip:group", None))

    assert told["TotalCount"] == 1000
    assert {each.id for each in found} == made


def test_keys_that_end_in_the_middle_end_the_run_with_what_was_done(scene: Scene) -> None:
    """The next run, with fresh keys, goes on from what is there."""
    scene.group(3, size="3")
    scene.key = scene.cloud.accounts.assume(ROLE, "fc", scene.clock.now(), 3600)
    scene.cloud.faults.add("*:expire:after=8,times=1")

    met = scene.apply()

    assert met["state"] != "ready"
    assert "Token" in met["message"]
    scene.key = scene.cloud.accounts.assume(ROLE, "fc", scene.clock.now(), 3600)
    assert scene.apply()["state"] == "ready"


def _with(switch: str, value: str) -> Iterator[Scene]:
    with mock_cloud(CloudOptions(switches={switch: value})) as local:
        yield Scene(local)


@pytest.mark.parametrize("form", ["absent", "empty", "null"])
def test_an_event_of_success_starts_a_run_in_each_of_its_forms(form: str) -> None:
    """The three ways in which a call is said to have succeeded are one."""
    for scene in _with("event-error-code", form):
        scene.hand.eips(1, "web")

        assert [each.group for each in scene.react(scene.take()).started] == ["web"]


def test_an_event_that_names_its_resources_only_finds_their_group() -> None:
    """Neither parameters nor response: the ids stand among the referenced resources."""
    for scene in _with("event-detail", "references"):
        eni, _ = scene.group(1)

        result = scene.react(scene.take())

        assert "web" in {each.group for each in result.started}
        assert eni


@pytest.mark.parametrize("coat", ["cloudmonitor", "sls", "bare"])
def test_an_event_in_another_coat_finds_its_group(scene: Scene, coat: str) -> None:
    """What CloudMonitor tells of an ECS event, what a logstore holds, and an envelope without its version."""
    eni, _ = scene.group(1)
    scene.take()
    scene.hand.attach(eni, scene.seeds.instance)
    scene.hand.api.call("Ecs", "StopInstance", {"InstanceId": scene.seeds.instance})
    scene.clock.sleep(300)
    events = scene.take()

    other = [json.loads(dressed(each, coat)) for each in events]
    changed = [after for before, after in zip(events, other, strict=True) if after != before]
    assert changed
    assert [each.group for each in scene.react(changed).started] == ["web"]


def test_counts_as_text_are_counts() -> None:
    """TotalCount is a number in some answers and a text in others."""
    for scene in _with("total-count", "text"):
        scene.group(3, size="3")

        assert scene.apply()["state"] == "ready"
        assert scene.sweep()["totals"]["ok"] == 1


@pytest.mark.parametrize("kind", ["text", "number"])
def test_a_code_is_success_as_text_and_as_number(kind: str) -> None:
    """DescribeEipGatewayInfo says 200 in either type."""
    for scene in _with("gateway-code", kind):
        scene.group(3, size="3")

        assert scene.apply()["state"] == "ready"


@pytest.mark.parametrize("action", ["DetachNetworkInterface", "UnassociateEipAddress"])
def test_an_undoing_that_the_cloud_takes_and_does_not_do_is_not_believed(ready: Scene, action: str) -> None:
    """The first is accepted and nothing happens; no run says released before all is undone."""
    struck = ready.cloud.faults.add(f"{action}:nothing:times=1")

    met = ready.release()
    for _ in range(3):
        if met["state"] == "released":
            break
        assert met["message"]
        met = ready.release()

    assert struck.spent
    assert met["state"] == "released"
    assert all(ready.bound_to(eip["id"]) == "" for eip in met["eips"])
