"""The stories that are told in every variation: fresh, grow, exchange, move, release, instance change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.bench._stage import REGION
from tests.simulation.enumerated import Place, Story, Told, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping


def _nothing(stage: Told) -> Wanted:
    stage.keeping = False
    return []


def _two(stage: Told) -> Wanted:
    eni, eips = stage.ready(2, prune="allow", size="1")
    return [Place(eni, stage.seeds.instance, eips)]


def _two_groups(stage: Told) -> Wanted:
    """Group `web` with two EIPs, and group `other` with one on an instance of its own."""
    (first,) = _two(stage)
    made: list[Place] = []

    def another() -> None:
        instance, (eip,) = stage.another_instance(), stage.eips(1)
        eni = stage.eni({"group": "other", "size": "1", "detach": "allow", "prune": "allow"})
        stage.tag("EIP", [eip], {"group": "other"})
        stage.tag("instance", [instance], {"group": "other"})
        made.append(Place(eni, instance, [eip]))

    stage.work(another)
    stage.last("other", "ready")
    stage.clock.sleep(300)
    stage.runs.clear()
    return [first, *made]


def _fresh(stage: Told, _: Wanted) -> Wanted:
    eni, eips = stage.group("web", 2, 1.0, size="2")
    return [Place(eni, stage.seeds.instance, eips)]


def _grow(stage: Told, wanted: Wanted) -> Wanted:
    (place,) = wanted
    (new,) = stage.eips(1)
    stage.tag("EIP", [new], {"group": "web"})
    return [Place(place.eni, place.instance, [*place.eips, new])]


def _exchange(stage: Told, wanted: Wanted) -> Wanted:
    (place,) = wanted
    stage.untag("EIP", place.eips[:1], "group")
    stage.clock.sleep(1.0)
    return _grow(stage, [Place(place.eni, place.instance, place.eips[1:])])


def _move(stage: Told, wanted: Wanted) -> Wanted:
    source, target = wanted
    stays, goes = source.eips
    stage.tag("EIP", [goes], {"group": "other"})
    return [
        Place(source.eni, source.instance, [stays]),
        Place(target.eni, target.instance, [*target.eips, goes]),
    ]


def _release(stage: Told, wanted: Wanted) -> Wanted:
    (place,) = wanted
    if stage.keeping:
        # The race is the release itself, beside an apply.
        stage.tag("eni", [place.eni], {"hold": "release"})
    else:
        stage.invoke("bind", {"region": REGION, "group": "web", "action": "release"})
    return [Place(place.eni, "")]


def _change_instance(stage: Told, wanted: Wanted) -> Wanted:
    (place,) = wanted
    other = stage.another_instance()
    stage.untag("instance", [place.instance], "group")
    stage.clock.sleep(1.0)
    stage.tag("instance", [other], {"group": "web"})
    return [Place(place.eni, other, place.eips)]


STORIES: Final[Mapping[str, Story]] = {
    "fresh": Story(_nothing, _fresh),
    "grow": Story(_two, _grow),
    "exchange": Story(_two, _exchange),
    "move": Story(_two_groups, _move),
    "release": Story(_two, _release, ("release", "apply")),
    "instance change": Story(_two, _change_instance),
}
