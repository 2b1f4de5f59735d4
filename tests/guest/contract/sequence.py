"""Plays one sequence on a real guest and on the simulated one, and says where they differ."""

from __future__ import annotations

import copy
import random
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tests.guest.contract.deeds import Ask, Awaited, Cut, Deed, Event, Pair
from tests.guest.contract.drawing import Lot
from tests.guest.contract.likeness import Likeness
from tests.guest.contract.standing import differences, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.guest.contract.real import RealGuest
    from tests.guest.contract.standing import Standing


@dataclass(frozen=True, slots=True)
class Difference:
    """The first deed after which the two were not equal, and in what."""

    deeds: tuple[Deed, ...]
    at: int
    found: tuple[str, ...]

    def __str__(self) -> str:
        """Tell the sequence so that a person can follow it."""
        lines = [f"{'>' if at == self.at else ' '} {at + 1}. {deed}" for at, deed in enumerate(self.deeds)]
        return "\n".join([*lines, *(f"    {each}" for each in self.found)])


def drawn(seed: int) -> tuple[Deed, ...]:
    """Draw the sequence of a seed."""
    return tuple(Lot(random.Random(seed)).sequence())


def possible(deeds: Sequence[Deed]) -> bool:
    """Whether nothing comes that is there already, and nothing happens to what is gone."""
    gone: set[str] = set()
    for deed in deeds:
        nic = deed.nic if isinstance(deed, Awaited | Event) else None
        comes = isinstance(deed, Awaited) or (isinstance(deed, Event) and deed.what == "back")
        if (isinstance(deed, Pair) and gone) or (nic is not None and (nic.eni_id in gone) != comes):
            return False
        if nic is not None and comes:
            gone.discard(nic.eni_id)
        elif isinstance(deed, Event) and deed.what == "gone" and nic is not None:
            gone.add(nic.eni_id)
    return True


def play(real: RealGuest, deeds: Sequence[Deed], simulated: type[Likeness] = Likeness) -> Difference | None:
    """Play on both; None when they were equal after every deed."""
    real.reset()
    clean = real.look()
    like = simulated(real.order, clean.names)
    left = _stand(clean, like.look())
    assert not left, left
    for at, deed in enumerate(deeds):
        found = _differ(real, like, deed)
        if found:
            return Difference(tuple(deeds), at, tuple(found))
    return None


def shrunk(real: RealGuest, difference: Difference, simulated: type[Likeness] = Likeness) -> Difference:
    """Leave out what is not needed for a difference."""
    best = Difference(difference.deeds[: difference.at + 1], difference.at, difference.found)
    at = best.at
    while at > 0:
        at -= 1
        deeds = best.deeds[:at] + best.deeds[at + 1 :]
        fewer = play(real, deeds, simulated) if possible(deeds) else None
        if fewer is not None:
            best = Difference(fewer.deeds[: fewer.at + 1], fewer.at, fewer.found)
            at = min(at, best.at)
    return best


def _differ(real: RealGuest, like: Likeness, deed: Deed) -> list[str]:
    if isinstance(deed, Ask):
        answers = [(real.ask(deed), like.ask(deed))]
        return [*_answers(answers), *_stand(real.look(), like.look())]
    if isinstance(deed, Cut):
        real.cut(deed.ask, deed.calls)
        return _cut(real.look(), like, deed)
    if isinstance(deed, Pair):
        return _pair(real, like, deed)
    if isinstance(deed, Awaited):
        return _awaited(real, like, deed)
    real.happens(deed)
    like.happens(deed)
    return _stand(real.look(), like.look())


def _answers(pairs: Sequence[tuple[bytes, bytes]]) -> list[str]:
    return [each for real, simulated in pairs for each in differences(told(real), told(simulated), "answer")]


def _stand(real: Standing, simulated: Standing) -> list[str]:
    return list(differences(asdict(real), asdict(simulated), "guest"))


def _cut(stands: Standing, like: Likeness, deed: Cut) -> list[str]:
    """Find the place between two writes that the kill has hit; the sequence goes on from there."""
    nearest: list[str] = []
    for _ in like.cuts(deed.ask):
        found = _stand(stands, like.look())
        if not found:
            return []
        nearest = found if not nearest or len(found) < len(nearest) else nearest
    return [f"no place of a kill leaves this; the nearest: {each}" for each in nearest]


def _pair(real: RealGuest, like: Likeness, deed: Pair) -> list[str]:
    """One of the two was first."""
    outputs = dict(zip((deed.first, deed.second), real.at_once(deed.first, deed.second), strict=True))
    stands, before, found = real.look(), like.guest.disk, []
    for order in ((deed.first, deed.second), (deed.second, deed.first)):
        like.guest.disk = copy.deepcopy(before)
        answers = [(outputs[ask], like.ask(ask)) for ask in order]
        differ = [*_answers(answers), *_stand(stands, like.look())]
        if not differ:
            return []
        found += [f"if {order[0].mode.value} was first: {each}" for each in differ]
    return found


def _awaited(real: RealGuest, like: Likeness, deed: Awaited) -> list[str]:
    """Whether the keeper or the command that waits is first to put back what was there, nobody says."""
    waited, met = real.awaited(deed.first, deed.second, deed.nic)
    simulated, simulated_met = like.awaited(deed.first, deed.second, deed.nic)
    first = [each for each in _answers([(waited, simulated)]) if not each.startswith("answer.changed:")]
    return [*first, *_answers([(met, simulated_met)]), *_stand(real.look(), like.look())]
