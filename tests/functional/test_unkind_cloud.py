"""The functions on a cloud as unkind as the real one: nothing is lost, and all is right once it is kind.

Each fault of the local cloud that no other test of the functions uses has a case here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.functional.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "acs:ram::1234567890123456:role/multi-eip"
LISTS = (
    "DescribeEipAddresses:moves:by=1",
    "DescribeEipAddresses:lag:writes=2",
    "DescribeEipAddresses:short:rows=1,times=2",
    "DescribeEipAddresses:empty:times=2",
    "DescribeEipAddresses:field:name=Tags,as=absent,times=2",
    "DescribeEipAddresses:field:name=InstanceId,as=null,times=2",
    "DescribeEipAddresses:row-tags:value=other,times=2",
    "DescribeEipAddresses:row-tags:times=2",
    "DescribeEipAddresses:count:by=-1,times=2",
    "DescribeEipAddresses:deep-page",
    "DescribeNetworkInterfaces:tag-limit:most=0",
    "DescribeInstances:repeat-token:times=2",
    "DescribeEipAddresses:smaller:most=1",
    "*:signature:times=1",
)


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """Return a scene with a ready group of three, and every consent."""
    scene.group(3, size="3", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.forget_events()
    return scene


@pytest.mark.parametrize("fault", LISTS)
def test_a_list_that_is_wrong_costs_no_member(ready: Scene, fault: str) -> None:
    """With every consent, a list that lies takes nothing off the ENI; a true one finds all as it was."""
    ready.cloud.faults.add(fault)

    met = ready.apply()

    assert ready.changes() == []
    assert met["state"] in {"ready", "failed", "waiting", "blocked"}
    if met["state"] != "ready":
        assert met["message"]
    ready.cloud.faults.clear()
    assert ready.apply()["state"] == "ready"
    assert ready.changes() == []


@pytest.mark.parametrize("fault", LISTS)
def test_a_sweep_names_what_it_could_not_read(ready: Scene, fault: str) -> None:
    """Nothing is repaired on a list that lies, and no group is lost from the report without a word."""
    ready.cloud.faults.add(fault)

    report = ready.sweep({"mode": "repair"})

    assert ready.changes() == []
    names = [group["group"] for region in report["regions"] for group in region["groups"]]
    assert "web" in names or report["unread"] or report["not_read"]
    ready.cloud.faults.clear()
    again = ready.sweep({"mode": "repair"})
    assert (again["totals"]["ok"], again["repairs"]["groups"]) == (1, [])


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
