"""Stories that were found in histories: each ended wrongly once, and is told here in its shortest form."""

from __future__ import annotations

import pytest

from tests.bench._stage import Stage


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
