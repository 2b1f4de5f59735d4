"""Stories that were found in histories: each ended wrongly once, and is told here in its shortest form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import mock_cloud
from tests.bench._stage import REGION, Stage
from tests.functional.between import Between
from tests.functional.in_process import InProcess
from tests.functional.scene import GROUP, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from multieip.ports import Json


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Return a region with its seeds, a world of its own."""
    with mock_cloud() as local:
        yield Scene(local)


@pytest.mark.parametrize("pause", [0.5, 1.0, 2.0])
def test_tags_one_after_the_other_are_one_group_in_the_end(pause: float) -> None:
    """The run that the first tag starts finds the instance a second later, and asks for its type then."""
    stage = Stage()
    stage.keeping = False

    stage.work(lambda: stage.group("web", 3, pause, size="3"))

    assert stage.last("web", "ready")
    blocked = [run.result for run in stage.runs if run.result and run.result.get("state") == "blocked"]
    assert blocked == []


def test_a_blocked_eip_keeps_no_other_from_settling() -> None:
    """Without a size the run waits until the set has settled, also where one of it can never be bound."""
    stage = Stage()
    stage.keeping = False
    made: list[tuple[str, list[str]]] = []
    stage.work(lambda: made.append(stage.group("web", 2, detach="allow")))
    assert stage.last("web", "ready")
    elsewhere, free = stage.eips(2)
    asked = {
        "AllocationId": elsewhere,
        "InstanceId": stage.seeds.instance_windows,
        "InstanceType": "EcsInstance",
    }
    stage.work(lambda: stage.user.call("Vpc", "AssociateEipAddress", {"RegionId": "cn-shanghai", **asked}))

    stage.work(lambda: stage.tag("EIP", [elsewhere, free], {"group": "web"}))

    eni, eips = made[0]
    bound = {eip.allocation_id for eip in stage.state.eips.bound_to(eni)}
    assert bound == {*eips, free}
    run = stage.last("web", "blocked")
    assert run.result is not None
    assert set(run.result["served"]) == {*eips, free}


def _release_with(scene: Scene, then: Callable[[], object]) -> Json:
    """Release the group; `then` happens right after the ENI was taken off."""
    api = Between(InProcess(scene.cloud)).after("DetachNetworkInterface", then)
    return scene.bind({"group": GROUP, "action": "release"}, api=api)


def test_a_release_that_is_paused_half_way_puts_back_what_it_took_off(scene: Scene) -> None:
    """Seed 303822 (item 1): the pause withdraws the wish, and the EIPs that served are not left dead."""
    eni, eips = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"

    body = _release_with(scene, lambda: scene.hand.tag("eni", [eni], hold="we look at it"))

    assert (body["state"], body["restored"], body["left_detached"]) == ("held", True, None), body["message"]
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
    assert scene.answering(eips) == [True, True]


def test_a_release_that_is_called_off_half_way_serves_again(scene: Scene) -> None:
    """What is wanted stands in the tags: who takes the hold off is not overruled by the run that set it."""
    eni, eips = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"

    body = _release_with(scene, lambda: scene.hand.untag("eni", [eni], "hold"))

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]
    assert scene.apply()["state"] == "ready"


def test_a_later_turn_of_a_release_does_not_set_the_hold_again(scene: Scene) -> None:
    """The first turn has set it and runs out of time; meanwhile somebody takes the tag off."""
    eni, eips = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    body = scene.bind({"group": GROUP, "action": "release"}, limit_s=4.0)
    assert body["continues_as"]
    scene.hand.untag("eni", [eni], "hold")

    body = scene.next_turn()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]


def test_a_release_that_cannot_end_leaves_off_what_is_wanted_undone_and_says_so(scene: Scene) -> None:
    """The way back is for what shall serve: a refused unbinding does not undo the half of a release."""
    eni, _ = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    scene.cloud.faults.add("UnassociateEipAddress:error:code=Forbidden.RAM,status=403")

    body = scene.release()

    assert (body["state"], body["restored"]) == ("failed", False)
    assert body["left_detached"] == "the group is wanted undone"
    assert scene.attached_to(eni) == ("Available", "")


def test_a_release_that_ends_leaves_nothing_to_tell(scene: Scene) -> None:
    """The ENI is off because that was asked for."""
    scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"

    body = scene.release()

    assert (body["state"], body["restored"], body["left_detached"]) == ("released", None, None)


def _two_gateways_on_windows(scene: Scene, **tags: str) -> tuple[str, str, str]:
    """Make a group of two EIPs with different gateways on the Windows instance; return ENI and EIPs."""
    eni, _ = scene.group(0, instance=scene.seeds.instance_windows, **tags)
    bought = scene.hand.eips(4)
    by_gateway = {scene.addresses([eip])[0].rsplit(".", 1)[0]: eip for eip in bought}
    stays, leaves = list(by_gateway.values())[:2]
    scene.hand.tag("EIP", [stays, leaves], GROUP)
    return eni, stays, leaves


def test_windows_gets_what_is_left_when_the_eip_of_another_gateway_goes(scene: Scene) -> None:
    """Seed 402000: what is to be unbound keeps the guest from nothing while the set settles."""
    eni, stays, leaves = _two_gateways_on_windows(scene, detach="allow", prune="allow")
    assert scene.apply()["state"] == "blocked"
    scene.hand.untag("EIP", [leaves])

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.bound(eni) == {stays: "InUse"}
    assert scene.answering([stays]) == [True]


def test_windows_serves_a_member_beside_an_eip_of_another_gateway_that_may_go(scene: Scene) -> None:
    """Without the consent to detach it cannot go yet; with `prune` it may, so it is not kept in the guest."""
    eni, stays, leaves = _two_gateways_on_windows(scene, prune="allow")
    assert scene.apply()["state"] == "blocked"
    scene.hand.untag("EIP", [leaves])

    body = scene.apply()

    assert scene.bound(eni) == {stays: "InUse", leaves: "InUse"}
    assert scene.answering([stays]) == [True]
    assert body["served"] == [stays]
    assert "eni-detached-while-binding" in body["message"]


def test_windows_with_an_eip_of_another_gateway_that_stays_is_a_finding_and_no_repair(scene: Scene) -> None:
    """Item 16: the guest could never take the set, so no run is started for it again and again."""
    _, _, leaves = _two_gateways_on_windows(scene)
    assert scene.apply()["state"] == "blocked"
    scene.hand.untag("EIP", [leaves])

    body = scene.apply()
    report = scene.sweep({"mode": "repair"})

    assert body["state"] == "blocked", body["message"]
    assert [f["rule"] for f in body["findings"] if f["rule"] == "windows-one-gateway"]
    assert report["repairs"]["groups"] == []


LISTS = ("DescribeNetworkInterfaces", "DescribeEipAddresses", "DescribeInstances")


@pytest.mark.parametrize("action", LISTS)
def test_a_page_in_place_of_a_list_is_read_again(scene: Scene, action: str) -> None:
    """Item 13: a gateway's page says nothing about the group; it passes, and the run goes on."""
    _, eips = scene.group(2, size="2")
    scene.cloud.faults.add(f"{action}:html:times=3")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]


@pytest.mark.parametrize("action", LISTS)
def test_pages_that_do_not_end_are_waited_for_in_a_chain(scene: Scene, action: str) -> None:
    """Item 13: unread is neither blocked nor empty; what waits goes on, and nothing was written."""
    scene.group(2, size="2")
    scene.forget_events()
    scene.cloud.faults.add(f"{action}:html")

    body = scene.apply()

    assert body["state"] == "waiting", body["message"]
    assert "not JSON" in body["message"]
    assert body["waits_with"]
    assert scene.writes() == []


def test_a_way_back_that_cannot_be_seen_is_left_to_the_next_turn(scene: Scene) -> None:
    """Item 1: the ENI is off, the EIP is refused, and from then on every list of ENIs is a page."""
    eni, eips = scene.group(2, size="2", detach="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.eips(1, GROUP)
    scene.cloud.faults.add("AssociateEipAddressBatch:error:code=Forbidden.RAM,status=403")
    api = Between(InProcess(scene.cloud)).before(
        "AssociateEipAddressBatch", lambda: scene.cloud.faults.add("DescribeNetworkInterfaces:html")
    )

    body = scene.bind({"group": GROUP, "action": "apply"}, api=api)
    assert body.get("continues_as"), body["message"]
    scene.cloud.faults.clear()
    body = scene.next_turn()

    assert body["restored"], body["message"]
    assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
    assert scene.answering(eips) == [True, True]


@pytest.mark.parametrize(("taken_off", "sent"), [("ignore", 2), ("detach", 1)])
def test_a_detach_that_lingers_is_sent_again_only_with_consent(
    scene: Scene, taken_off: str, sent: int
) -> None:
    """Seed 600696 (item 2): between the first call and the second the tag may have gone."""
    eni, _ = scene.group(2, size="2", detach="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.eips(1, GROUP)
    scene.cloud.faults.add("DetachNetworkInterface:lingers:seconds=90")
    api = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.untag("eni", [eni], taken_off)
    )

    body = scene.bind({"group": GROUP, "action": "apply"}, api=api)

    assert body["state"] == "ready", body["message"]
    assert api.actions().count("DetachNetworkInterface") == sent


@pytest.mark.parametrize(("prune", "sent"), [("allow", 2), ("", 1)])
def test_a_detach_that_lingers_is_not_sent_again_for_an_undoing_that_takes_others_along(
    scene: Scene, prune: str, sent: int
) -> None:
    """Seed 201476 (item 5): meanwhile the group is wanted undone, and an EIP outside it is on the ENI."""
    tags = {"detach": "allow", **({"prune": prune} if prune else {})}
    eni, eips = scene.group(3, size="2", **tags)
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[2:])
    scene.hand.eips(1, GROUP)
    scene.cloud.faults.add("DetachNetworkInterface:lingers:seconds=90")
    api = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.tag("eni", [eni], hold="release")
    )

    scene.bind({"group": GROUP, "action": "apply"}, api=api)

    assert api.actions().count("DetachNetworkInterface") == sent


def test_a_detach_that_lingers_is_sent_again_only_after_a_look(scene: Scene) -> None:
    """Seed 206373 (item 5): a release takes the ENI off, and meanwhile one of its EIPs leaves the group."""
    _, eips = scene.group(2, size="2")
    assert scene.apply()["state"] == "ready"
    scene.cloud.faults.add("DetachNetworkInterface:lingers:seconds=90")
    api = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.untag("EIP", eips[:1])
    )

    scene.bind({"group": GROUP, "action": "release"}, api=api)

    assert api.actions().count("DetachNetworkInterface") == 1


def test_what_others_bound_while_a_run_waited_stays_in_the_guest() -> None:
    """Seed 668 (item 6): the run has not seen the third EIP, which has lost its tag when it goes on."""
    stage = Stage()
    stage.keeping = False
    made: list[tuple[str, list[str]]] = []

    def people() -> None:
        eni, eips = stage.group("web", 2)
        stage.clock.sleep(30)
        third = stage.eips(1)
        stage.tag("EIP", third, {"group": "web"})
        stage.invoke("bind", {"region": REGION, "group": "web", "action": "apply", "settle_seconds": 0})
        stage.clock.sleep(25)
        stage.untag("EIP", third, "group")
        made.append((eni, [*eips, *third]))

    stage.work(people)

    ((eni, eips),) = made
    assert {eip.allocation_id for eip in stage.state.eips.bound_to(eni)} == set(eips)
    for eip in eips:
        address = str(stage.state.eips.all[eip].public.address)
        assert stage.cloud.world.internet(["ping", "-c", "1", "-W", "1", address]).exit_code == 0, eip


def test_an_eni_that_is_attached_by_hand_while_its_group_is_made_is_served() -> None:
    """Seed 200757 (item 15): what was left out because the ENI was on is not unknown once it is off."""
    stage = Stage()
    stage.keeping = False
    made: list[tuple[str, list[str]]] = []

    def people() -> None:
        eips = stage.eips(2)
        stage.tag("EIP", eips, {"group": "web"})
        stage.clock.sleep(1)
        eni = stage.eni({"group": "web", "size": "2", "detach": "allow"})
        stage.tag("instance", [stage.seeds.instance], {"group": "web"})
        asked = {"RegionId": REGION, "NetworkInterfaceId": eni, "InstanceId": stage.seeds.instance}
        stage.user.call("Ecs", "AttachNetworkInterface", asked)
        made.append((eni, eips))

    stage.work(people)

    ((eni, eips),) = made
    assert {eip.allocation_id for eip in stage.state.eips.bound_to(eni)} == set(eips)
    assert stage.last("web", "ready")


@pytest.mark.parametrize("leaves", [0, 1])
def test_a_gateway_that_an_answer_lacks_takes_no_eip_out_of_the_guest(scene: Scene, leaves: int) -> None:
    """Seed 205298 (item 6): an EIP without a tag stays through a change, though an answer leaves it out."""
    _, eips = scene.group(2, size="1", detach="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", [eips[leaves]])
    more = scene.hand.eips(1, GROUP)
    api = Between(InProcess(scene.cloud)).before(
        "AttachNetworkInterface", lambda: scene.cloud.faults.add("DescribeEipGatewayInfo:short:times=1")
    )

    body = scene.bind({"group": GROUP, "action": "apply"}, api=api)

    assert body["state"] == "ready", body["message"]
    assert scene.answering([*eips, *more]) == [True, True, True]


def _two_by_one_gateway(scene: Scene, instance: str) -> list[str]:
    """Make a group whose two EIPs have one gateway, as Windows needs it."""
    scene.group(0, size="1", instance=instance)
    by_gateway: dict[str, list[str]] = {}
    for eip in scene.hand.eips(4):
        by_gateway.setdefault(scene.addresses([eip])[0].rsplit(".", 1)[0], []).append(eip)
    eips = next(each for each in by_gateway.values() if len(each) > 1)[:2]
    scene.hand.tag("EIP", eips, GROUP)
    return eips


@pytest.mark.parametrize("stays", [0, 1])
@pytest.mark.parametrize("system", ["instance", "instance_windows"])
def test_what_a_lean_look_does_not_show_stays_in_the_guest(scene: Scene, system: str, stays: int) -> None:
    """Seed 219986 (item 6): a short answer hides an EIP that stays, and the guest says that it has it."""
    eips = _two_by_one_gateway(scene, getattr(scene.seeds, system))
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", [eips[stays]])
    scene.cloud.faults.add("DescribeEipGatewayInfo:short:times=1")

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]
    assert body["served"] == [eips[1 - stays]]


@pytest.mark.parametrize("grows", [False, True])
def test_what_stays_and_has_no_gateway_by_the_cloud_keeps_that_of_the_guest(
    scene: Scene, *, grows: bool
) -> None:
    """Item 6: however often the answer lacks it, the EIP without a tag answers beside the members."""
    _, eips = scene.group(2, size="1", detach="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[1:])
    more = scene.hand.eips(1, GROUP) if grows else []
    (hidden,) = scene.addresses(eips[1:])
    api = Between(InProcess(scene.cloud)).answer(
        "DescribeEipGatewayInfo", lambda answer: _without(answer, hidden)
    )

    body = scene.bind(api=api)

    assert body["state"] == "ready", body["message"]
    assert scene.answering([*eips, *more]) == [True] * (2 + len(more))


def _without(answer: Json, address: str) -> Json:
    """Leave the rows of one EIP out of an answer about gateways."""
    rows = [row for row in answer["EipInfos"]["EipInfo"] if row["Ip"] != address]
    return {**answer, "EipInfos": {"EipInfo": rows}}
