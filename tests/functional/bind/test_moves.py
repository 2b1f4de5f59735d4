"""An EIP that is tagged for another group arrives there, whoever is woken first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene


def _two_groups(scene: Scene, **of_a: str) -> tuple[list[str], list[str]]:
    """Make a with three and b with two EIPs, both serving."""
    other = scene.hand.another_instance(scene.seeds)
    _, a = scene.group(3, name="a", size="2", **of_a)
    _, b = scene.group(2, name="b", instance=other, size="2", detach="allow", prune="allow")
    for name in ("a", "b"):
        assert scene.bind({"group": name, "action": "apply"})["state"] == "ready"
    return a, b


def _until_quiet(scene: Scene) -> list[Json]:
    """Run everything that is queued, and what that queues."""
    ended = []
    while scene.queue.waiting:
        assert len(ended) < 20, "it never ends"
        ended.append(scene.next_turn())
    return ended


@pytest.mark.parametrize("by", ["its event", "a run of b", "a run of a"])
def test_an_eip_moved_from_a_to_b_arrives(scene: Scene, by: str) -> None:
    """Item 7: b tells a, a lets go and wakes b; the nine others and the rest of a serve in the end."""
    a, b = _two_groups(scene, detach="allow", prune="allow")
    scene.take()
    scene.hand.tag("EIP", a[:1], "b")
    events = scene.take()

    if by == "its event":
        scene.react(events)
    else:
        group = by[-1]
        scene.queue.waiting.append({"region": scene.seeds.region, "group": group, "action": "apply"})
    ended = _until_quiet(scene)

    assert ended[-1]["state"] == "ready", [(each["group"], each["state"], each["message"]) for each in ended]
    assert scene.answering([*a, *b]) == [True] * 5
    last = {each["group"]: each for each in ended}
    assert a[0] in last["b"]["served"]
    assert any(told["group"] == "a" for each in ended for told in each["told"]) or by == "a run of a"


def test_an_eip_whose_group_gives_no_consent_blocks_itself_only(scene: Scene) -> None:
    """Item 7: b is served without it, and says which tag is missing where."""
    a, b = _two_groups(scene)
    scene.hand.tag("EIP", a[:1], "b")

    body = scene.bind({"group": "b", "action": "apply"})

    assert body["state"] == "blocked", body["message"]
    assert "group a" in body["message"]
    assert "multi-eip:prune=allow" in body["message"]
    assert body["served"] == sorted(b)
    assert body["told"] == []
    assert scene.answering([*a, *b]) == [True] * 5


@pytest.mark.parametrize("members", [1, 2])
def test_an_eip_leaves_a_group_that_is_then_smaller_than_its_size(scene: Scene, members: int) -> None:
    """Item 7: what has to leave does not wait for others to come; who is left goes on being served."""
    other = scene.hand.another_instance(scene.seeds)
    eni, a = scene.group(members, name="a", size=str(members), detach="allow", prune="allow")
    _, b = scene.group(2, name="b", instance=other, size="2", detach="allow", prune="allow")
    for name in ("a", "b"):
        assert scene.bind({"group": name, "action": "apply"})["state"] == "ready"
    scene.hand.tag("EIP", a[:1], "b")

    scene.queue.waiting.append({"region": scene.seeds.region, "group": "b", "action": "apply"})
    ended = _until_quiet(scene)

    assert ended[-1]["state"] == "ready", [(each["group"], each["state"], each["message"]) for each in ended]
    assert scene.answering([*a, *b]) == [True] * (members + 2)
    assert scene.attached_to(eni)[0] == ("InUse" if members > 1 else "Available")
    last = {each["group"]: each for each in ended}
    if members == 1:
        assert "no EIP of the group is bound" in last["a"]["left_detached"]
