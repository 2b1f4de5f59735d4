"""Each event of a story is lost once: with the sweep as the net, the group ends as its tags want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bench._stage import REGION, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.ports import Json


class Forgetful(Stage):
    """A stage that loses one event: the one with this number, counted from the story's begin."""

    def __init__(self, lost: int) -> None:
        """Lose nothing before `begin`."""
        self._lost = lost
        self.heard: int | None = None
        super().__init__()

    def begin(self) -> None:
        """Count from here."""
        self.heard = 0

    def deliver(self, event: Json) -> None:
        """See `Stage.deliver`."""
        if self.heard is not None:
            self.heard += 1
            if self.heard == self._lost:
                return
        super().deliver(event)


def _grow(stage: Stage, eips: list[str]) -> list[str]:
    (new,) = stage.eips(1)
    stage.tag("EIP", [new], {"group": "web"})
    return [*eips, new]


def _exchange(stage: Stage, eips: list[str]) -> list[str]:
    stage.untag("EIP", eips[:1], "group")
    return _grow(stage, eips)[1:]


STORIES = {"grow": _grow, "exchange": _exchange}


def _told(story: Callable[[Stage, list[str]], list[str]], lost: int) -> int:
    """Play the story with one event lost, judge its end, and return how many events there were."""
    stage = Forgetful(lost)
    eni, eips = stage.ready(2, prune="allow")
    stage.begin()
    wanted: list[str] = []
    stage.work(lambda: wanted.extend(story(stage, eips)))
    stage.invoke("sweep", {"regions": [REGION], "mode": "repair"})
    stage.work(lambda: None)
    assert {eip.allocation_id for eip in stage.state.eips.bound_to(eni)} == set(wanted), lost
    assert stage.state.enis.all[eni].instance_id == stage.seeds.instance, lost
    for eip in wanted:
        address = str(stage.state.eips.all[eip].public.address)
        answer = stage.cloud.world.internet(["ping", "-c", "1", "-W", "1", address])
        assert answer.exit_code == 0, (lost, eip)
    heard = stage.heard or 0
    stage.close()
    return heard


@pytest.mark.parametrize("story", STORIES)
def test_any_event_of_a_story_may_be_lost(story: str) -> None:
    """None of them is the only one that leads to the end."""
    events = _told(STORIES[story], 0)
    assert events > 1

    for lost in range(1, events + 1):
        _told(STORIES[story], lost)
