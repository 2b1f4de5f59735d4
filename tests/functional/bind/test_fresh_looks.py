"""Each write stands on a look of its own: what was withdrawn before it is not done any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.between import Between
from tests.functional.in_process import InProcess
from tests.functional.scene import GROUP, Scene

if TYPE_CHECKING:
    from collections.abc import Callable


def _grown(scene: Scene, **tags: str) -> tuple[str, list[str], str]:
    eni, eips = scene.group(2, size="2", detach="allow", **tags)
    assert scene.apply()["state"] == "ready"
    (new,) = scene.hand.eips(1, GROUP)
    scene.forget_events()
    return eni, eips, new


def _with(scene: Scene, action: str, what: Callable[[], object], *, number: int = 1) -> Between:
    return Between(InProcess(scene.cloud)).before(action, what, number=number)


def test_consent_that_is_withdrawn_after_the_look_detaches_nothing(scene: Scene) -> None:
    """Item 2: `detach` goes while the guest is being asked; the ENI stays on."""
    eni, eips, _ = _grown(scene)

    body = scene.bind(api=_with(scene, "RunCommand", lambda: scene.hand.untag("eni", [eni], "detach")))

    assert "DetachNetworkInterface" not in scene.writes()
    assert body["state"] == "blocked", body["message"]
    assert scene.answering(eips) == [True, True]


def test_prune_that_is_withdrawn_after_the_detach_unbinds_nothing(scene: Scene) -> None:
    """Item 2: the EIP outside the group stays, and the ENI goes on again."""
    eni, eips = scene.group(2, size="1", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[1:])
    scene.forget_events()
    withdrawn = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.untag("eni", [eni], "prune")
    )

    body = scene.bind(api=withdrawn)

    assert "UnassociateEipAddress" not in scene.writes()
    assert body["state"] == "ready", body["message"]
    assert set(scene.bound(eni)) == set(eips)


def test_an_eip_that_changes_its_group_before_the_batch_is_not_bound(scene: Scene) -> None:
    """Item 2: tagged for another group after the first look: it stays free for that one."""
    eni, eips, new = _grown(scene)
    moved = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.tag("EIP", [new], "other")
    )

    body = scene.bind(api=moved)

    assert new not in scene.bound(eni)
    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]


def test_an_instance_that_left_the_group_is_not_configured(scene: Scene) -> None:
    """Item 2: untagged while the EIPs are being bound: neither attached nor asked."""
    eni, _ = scene.group(2, size="2")
    scene.forget_events()
    left = Between(InProcess(scene.cloud)).after(
        "AssociateEipAddressBatch", lambda: scene.hand.untag("instance", [scene.seeds.instance])
    )

    body = scene.bind(api=left)

    assert body["state"] == "waiting", body["message"]
    assert "RunCommand" not in scene.writes()
    assert scene.attached_to(eni) == ("Available", "")


def test_no_write_stands_on_a_look_that_is_older_than_the_setting(scene: Scene) -> None:
    """Item 2: where the reads themselves take longer than FRESH, the run says so and writes nothing."""
    scene.environ["MULTI_EIP_FRESH_SECONDS"] = "1"
    scene.group(2, size="2")
    scene.forget_events()

    class Slow(Between):
        """Takes its time for every read."""

        def call(self, product, action, params):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            scene.clock.sleep(0.8)
            return super().call(product, action, params)

    body = scene.bind(api=Slow(InProcess(scene.cloud)))

    assert body["state"] == "failed"
    assert "too long to write on it" in body["message"]
    assert scene.writes() == []


def test_an_eip_tagged_while_the_group_is_pruned_is_not_unbound(scene: Scene) -> None:
    """Item 3: the row's own tag decides right before the write, whatever the list said before."""
    _, eips = scene.group(2, size="1", detach="allow", prune="allow")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[1:])
    scene.forget_events()
    back = Between(InProcess(scene.cloud)).after(
        "DetachNetworkInterface", lambda: scene.hand.tag("EIP", eips[1:], GROUP)
    )

    body = scene.bind(api=back)

    assert "UnassociateEipAddress" not in scene.writes()
    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True, True]


def test_an_eip_that_lost_its_tag_stays_configured_without_prune(scene: Scene) -> None:
    """Item 6: the finding says that it stays, and it goes on answering."""
    _, eips = scene.group(3, size="2")
    assert scene.apply()["state"] == "ready"
    scene.hand.untag("EIP", eips[2:])

    body = scene.apply()

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True] * 3
    assert set(body["served"]) == set(eips[:2])


def test_an_older_set_never_takes_a_newer_eip_out_of_the_guest(scene: Scene) -> None:
    """Item 4: a run is overtaken between its look and its command; both end ready, and all four answer."""
    eni, eips = scene.group(3, size="3", detach="allow")
    assert scene.apply()["state"] == "ready"

    def overtake() -> None:
        scene.hand.tag("eni", [eni], size="4")
        eips.extend(scene.hand.eips(1, GROUP))
        assert scene.apply()["state"] == "ready"

    body = scene.bind(api=_with(scene, "RunCommand", overtake))

    assert body["state"] == "ready", body["message"]
    assert scene.answering(eips) == [True] * 4
    assert set(body["served"]) == set(eips)


def test_the_command_of_a_dead_run_that_arrives_late_changes_nothing(scene: Scene) -> None:
    """Item 4: the same content delivered once more, after a newer set, is refused by the guest."""
    eni, eips = scene.group(3, size="3", detach="allow")
    recorded = Between(InProcess(scene.cloud))
    assert scene.bind(api=recorded)["state"] == "ready"
    (command,) = [params for action, params in recorded.sent if action == "RunCommand"]
    scene.hand.tag("eni", [eni], size="4")
    eips += scene.hand.eips(1, GROUP)
    assert scene.apply()["state"] == "ready"

    scene.hand.api.call("Ecs", "RunCommand", {**command, "ClientToken": "late"})
    scene.clock.sleep(30)

    assert scene.answering(eips) == [True] * 4


def test_ready_is_said_only_after_a_last_look(scene: Scene) -> None:
    """Item 4: an EIP that is tagged while the attach runs is seen before the end."""
    _, eips = scene.group(2, size="2", detach="allow")
    late = Between(InProcess(scene.cloud)).after(
        "AttachNetworkInterface", lambda: eips.extend(scene.hand.eips(1, GROUP))
    )

    body = scene.bind(api=late)

    assert body["state"] == "ready", body["message"]
    assert len(body["served"]) == 3
    assert scene.answering(eips) == [True] * 3
