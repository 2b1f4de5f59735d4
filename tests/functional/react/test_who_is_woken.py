"""Whoever may have something to do is woken: groups that are named, that gained, and that lost a member."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from multieip.app.react import start_binds
from multieip.events.triggers import read_triggers
from multieip.runs.concerned import Options
from multieip.runs.react import screen
from tests.functional.in_process import InProcess
from tests.functional.operator import PREFIX

if TYPE_CHECKING:
    from multieip.runs.react import ReactResult
    from tests.functional.scene import Scene

OWN = {"MULTI_EIP_OWN_ROLE": "multi-eip", "MULTI_EIP_GATHER_SECONDS": "5"}


def groups(result: ReactResult) -> list[str]:
    """Return the groups that were started."""
    return sorted(dispatch.group for dispatch in result.started)


def woken(scene: Scene, events: list[dict[str, Any]]) -> list[str]:
    """Deliver events, which must not fail, and return the groups that were started."""
    result = scene.react(events, **OWN)
    assert result.failed == []
    return groups(result)


def two_groups(scene: Scene) -> tuple[list[str], list[str]]:
    """Make group a with two bound EIPs on an attached ENI, and group b with an ENI; return ENIs and EIPs."""
    enis = [scene.hand.eni(scene.seeds, "a"), scene.hand.eni(scene.seeds, "b")]
    eips = scene.hand.eips(2, "a")
    scene.hand.tag("instance", [scene.seeds.instance], "a")
    scene.hand.bind(enis[0], eips)
    scene.hand.attach(enis[0], scene.seeds.instance)
    scene.take()
    return enis, eips


def test_an_event_that_names_its_group_costs_no_read(scene: Scene) -> None:
    """Three tag calls and a creation with tags: an invocation each, and nothing is read for any of them."""
    eni = scene.hand.eni(scene.seeds, "web")
    eips = scene.hand.eips(2)
    scene.take()
    scene.hand.tag("eni", [eni], "web")
    scene.hand.tag("EIP", eips, "web")
    scene.hand.tag("instance", [scene.seeds.instance], "web")

    assert woken(scene, scene.take()) == ["web"]
    assert scene.api.calls == []
    (payload,) = scene.queue.started.values()
    assert payload["named"] == sorted([eni, *eips, scene.seeds.instance])


def test_an_untagged_member_wakes_the_group_that_it_is_bound_or_attached_to(scene: Scene) -> None:
    """An EIP by its ENI, an instance by its ENI, an ENI by its instance and its EIPs."""
    enis, eips = two_groups(scene)
    for kind, ids in (("EIP", eips[:1]), ("instance", [scene.seeds.instance])):
        scene.hand.untag(kind, ids)
        assert woken(scene, scene.take()) == ["a"], kind
        scene.hand.tag(kind, ids, "a")
        scene.take()
        scene.queue.forget()

    scene.hand.untag("eni", enis[:1])
    assert woken(scene, scene.take()) == ["a"]


def test_an_untagged_detached_eni_wakes_the_group_of_its_eips(scene: Scene) -> None:
    """It is attached to nothing; what is bound to it still says whose it was."""
    eni = scene.hand.eni(scene.seeds, "a")
    scene.hand.bind(eni, scene.hand.eips(1, "a"))
    scene.take()
    scene.hand.untag("eni", [eni])

    assert woken(scene, scene.take()) == ["a"]


def test_a_member_that_is_untagged_and_tagged_again_wakes_both_groups(scene: Scene) -> None:
    """When the first event is looked at, the EIP says b already; its ENI says a."""
    _, eips = two_groups(scene)
    scene.hand.untag("EIP", eips[:1])
    scene.hand.tag("EIP", eips[:1], "b")

    assert woken(scene, scene.take()) == ["a", "b"]


def test_unbinding_wakes_the_group_of_the_eip_and_that_of_the_eni(scene: Scene) -> None:
    """An EIP of b that was on an ENI of a: both have something to do now."""
    _, eips = two_groups(scene)
    scene.hand.tag("EIP", eips[:1], "b")
    scene.cloud.clock.sleep(60)
    scene.take()
    (event,) = unbinding(eips[0], scene)

    assert woken(scene, [event]) == ["a", "b"]


def test_unbinding_that_names_the_eip_only_wakes_the_group_of_the_eni(scene: Scene) -> None:
    """`InstanceId` is optional; while the EIP lets go, its row still names the ENI."""
    _, eips = two_groups(scene)
    scene.hand.untag("EIP", eips[:1])
    scene.take()
    (event,) = unbinding(eips[0], scene)
    event = copy.deepcopy(event)
    del event["data"]["requestParameters"]["InstanceId"]

    assert woken(scene, [event]) == ["a"]


def unbinding(eip: str, scene: Scene) -> list[dict[str, Any]]:
    """Return the event of an unbinding, as the cloud would tell it once the ENI lets its EIPs go."""
    common = {"eventType": "ApiCall", "eventRW": "Write", "serviceName": "Vpc", "acsRegion": "cn-shanghai"}
    eni = scene.bound_to(eip)
    parameters = {"RegionId": "cn-shanghai", "AllocationId": eip, "InstanceId": eni}
    data = {**common, "eventName": "UnassociateEipAddress", "requestParameters": parameters}
    return [
        {
            "id": "unbound-1",
            "specversion": "1.0",
            "source": "acs.vpc",
            "type": "vpc:ActionTrail:ApiCall",
            "time": scene.clock.now().isoformat(),
            "data": data,
        }
    ]


def test_an_old_call_that_tells_the_lost_group_needs_no_read(scene: Scene) -> None:
    """RemoveTags names key and value: the group that lost the instance."""
    data = {
        "eventName": "RemoveTags",
        "serviceName": "Ecs",
        "requestParameters": {
            "RegionId": "cn-shanghai",
            "ResourceId": scene.seeds.instance,
            "ResourceType": "instance",
            "Tag.1.Key": f"{PREFIX}group",
            "Tag.1.Value": "web",
        },
    }
    event = {"id": "removed-1", "specversion": "1.0", "source": "acs.ecs", "type": "ecs:x", "data": data}

    assert woken(scene, [event]) == ["web"]
    assert scene.api.calls == []


def test_what_is_told_is_started_also_where_nothing_can_be_read(scene: Scene) -> None:
    """One event needs a read that is denied; the other names its group. Only the first is delivered again."""
    scene.hand.eips(1)
    scene.hand.tag("EIP", scene.hand.eips(1), "web")
    key = scene.cloud.accounts.add_user("blind", "LTAI5tLocalBlind00000001", "blind", allow=("ecs:*",))

    result = scene.react(scene.take(), api=InProcess(scene.cloud, key), **OWN)

    assert groups(result) == ["web"]
    assert "the tags of cn-shanghai could not be read" in result.failed[0]


def test_a_hidden_instance_is_a_failure_to_read_and_no_instance_without_tags(scene: Scene) -> None:
    """To a role without DescribeInstances the list is empty and nothing refuses; a DryRun tells."""
    scene.hand.tag("instance", [scene.seeds.instance], "web", owner="me")
    scene.take()
    scene.hand.tag("instance", [scene.seeds.instance], size="3")
    allow = ("vpc:*", "ecs:DescribeNetworkInterfaces")
    key = scene.cloud.accounts.add_user("half", "LTAI5tLocalHalf000000001", "half", allow=allow)

    result = scene.react(scene.take(), api=InProcess(scene.cloud, key), **OWN)

    assert result.started == []
    assert "DescribeInstances" in result.failed[0]


def test_the_latest_event_of_a_group_is_the_cause_of_its_run(scene: Scene) -> None:
    """Two windows in one array: the run looks after the later one has ended, so it sees both."""
    eips = scene.hand.eips(2)
    scene.take()
    scene.hand.tag("EIP", eips[:1], "web")
    scene.cloud.clock.sleep(12)
    scene.hand.tag("EIP", eips[1:], "web")
    early, late = scene.take()

    assert woken(scene, [late, early]) == ["web"]
    (payload,) = scene.queue.started.values()
    assert payload["cause"]["event"] == late["id"]
    assert payload["not_before"] > late["time"]
    assert payload["named"] == sorted(eips)


def test_an_event_without_a_time_is_in_nobodys_window(scene: Scene) -> None:
    """Nobody knows whether the run of a window would see what it did."""
    scene.hand.tag("EIP", scene.hand.eips(1), "web")
    timed = scene.take()[-1]
    timeless = copy.deepcopy(timed)
    timeless |= {"id": "no-time", "time": "2026-11-20T11:15:07.149Asia/Shanghai"}
    del timeless["data"]["eventTime"]

    assert woken(scene, [timed, timeless]) == ["web", "web"]
    assert sum("not_before" in payload for payload in scene.queue.started.values()) == 1


def test_a_task_id_holds_the_digest_of_account_region_prefix_and_name(scene: Scene) -> None:
    """Names may be of any script, task ids may not; another account or prefix is another group."""
    scene.hand.tag("EIP", scene.hand.eips(1), "web")
    (event,) = scene.take()[-1:]
    woken(scene, [event])
    other = copy.deepcopy(event)
    other["aliyunaccountid"] = "9" * 16
    woken(scene, [other])

    first, second = scene.queue.task_ids
    assert re.fullmatch(r"react-cn-shanghai-[0-9a-f]{16}-5s-\d+-[0-9a-f]{32}", first)
    assert first != second


def test_the_account_is_that_of_the_functions_whatever_an_event_calls_it(scene: Scene) -> None:
    """An event that lacks its account is an event of the same group: started once, not twice."""
    scene.hand.tag("EIP", scene.hand.eips(1), "web")
    (event,) = scene.take()[-1:]
    nameless = copy.deepcopy(event)
    nameless.pop("aliyunaccountid", None)
    nameless["data"]["userIdentity"].pop("accountId", None)
    nameless["data"].pop("userId", None)
    app = scene.app()
    options = Options.of(app.settings, account=scene.cloud.accounts.main.account_id)

    for each in (event, nameless):
        calls, _ = screen(read_triggers(json.dumps([each]).encode()), options)
        start_binds(app, calls, options)

    assert len(scene.queue.task_ids) == 1


def test_one_bad_element_of_an_array_stops_no_other(scene: Scene) -> None:
    """It is skipped with the true reason."""
    scene.hand.tag("EIP", scene.hand.eips(1), "web")
    (event,) = scene.take()[-1:]

    result = scene.react([7, event, {"group": "web"}], **OWN)  # type: ignore[list-item]  # that is the point

    assert groups(result) == ["web"]
    reasons = [skip.reason for skip in result.skipped]
    assert "JSON int" in reasons[0]
    assert "payload" in reasons[1]


@pytest.mark.parametrize("name", ["not a name!", ""])
def test_the_reason_names_a_value_that_is_no_group_name(scene: Scene, name: str) -> None:
    """The tag is there; what it says is no name."""
    scene.hand.tag("EIP", scene.hand.eips(1), name)

    result = scene.react(scene.take()[-1:], **OWN)

    assert result.started == []
    assert f"{name!r} is not a valid group name" in result.skipped[0].reason


def test_an_untagging_that_tells_no_keys_wakes_who_may_have_lost_a_member(scene: Scene) -> None:
    """Only referenced resources: nobody knows which tags went. The EIP says b by now, its ENI says a."""
    _, eips = two_groups(scene)
    scene.hand.tag("EIP", eips[:1], "b")
    scene.take()
    scene.hand.untag("EIP", eips[:1], "size")
    (event,) = scene.take()
    record = event["data"]
    for part in ("requestParameters", "requestParameterJson", "responseElements"):
        record.pop(part, None)
    record["referencedResources"] = {"ACS::EIP::EipAddress": eips[:1]}

    assert woken(scene, [event]) == ["a", "b"]
