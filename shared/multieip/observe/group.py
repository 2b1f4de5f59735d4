"""Ids or a group's name → `Facts`: one look, few reads, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.parallel import Threads
from multieip.dataclass import replace
from multieip.model.facts import NOT_BY_A_LOOK, Catalog, Facts, Group, Reading, Refusal, Target
from multieip.observe.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from multieip.model.resources import OddRow
    from multieip.observe.reader import UnderWay
    from multieip.ports import Api, Clock, Parallel

_EVERYTHING: Final = frozenset(Reading) - NOT_BY_A_LOOK


class Observer:
    """Reads the state of one group. Keeps nothing but what never changes (instance types)."""

    def __init__(  # noqa: PLR0913  named where it is composed
        self,
        api: Api,
        target: Target,
        catalog: Catalog,
        *,
        prefix: str,
        clock: Clock | None = None,
        parallel: Parallel | None = None,
        bind_while_attached: bool = False,
    ) -> None:
        """Look with `api` at `target`; `prefix` is that of our tags, `clock` dates the looks.

        Reads go side by side by `parallel`, on threads where none is given.
        """
        self._clock = clock
        self._target = target
        self._prefix = prefix
        self._blank = Facts(Group(target.region), catalog, bind_while_attached=bind_while_attached)
        self._reader = Reader(api, target.region, prefix, parallel or Threads())
        self._begun: tuple[Facts, UnderWay] | None = None

    def unseen(self) -> Facts:
        """Return what is known without a look: what the caller named."""
        return replace(
            self._blank, group=self._target.explicit or Group(self._target.region, self._target.name)
        )

    def begin(self) -> None:
        """Begin the first look, which the next `look` then waits for: its caller has other work meanwhile."""
        self._begun = (self._dated(self._blank), self._members(frozenset(Reading)))

    def look(
        self,
        refusals: Sequence[Refusal] = (),
        *,
        reading: Collection[Reading] | None = None,
        since: Facts | None = None,
    ) -> Facts:
        """Return the facts as they are now.

        `reading` limits the look to what the next write depends on; the rest is carried over from `since`,
        the look before. Without it everything is read that can make a difference: what needs no reading to be
        known, or no longer matters once the group serves, is left out (`Facts.unasked`).

        A reading that RAM denies, or that contradicts itself twice, is noted in `Facts.unread`, and so is
        whatever surrounds the members and could not be read. A list of members that fails otherwise is
        raised, because a run must not go on with half a picture that the next try may complete.
        """
        wanted = _EVERYTHING if reading is None else frozenset(reading)
        begun, self._begun = self._begun, None
        if begun is None or since is not None:
            begun = (self._dated(since or self._blank), self._members(wanted))
        blank = replace(begun[0], refusals=tuple(refusals))
        from multieip.observe.draft import Draft  # noqa: PLC0415  imported while the lists are under way

        draft = Draft(self._target, self._prefix, wanted, since)
        found = begun[1]()
        draft.take(found.enis, found.eips, found.instances)
        draft.unread.update(found.unread)
        draft.odd += self._ours(found.odd)
        self._reader.complete([draft], lean=reading is None)
        return draft.facts(blank)

    def _dated(self, blank: Facts) -> Facts:
        if self._clock is None:
            return blank
        asof_ms = int(self._clock.now().timestamp() * 1000)
        return replace(blank, looked_at=self._clock.monotonic(), asof_ms=asof_ms)

    def _members(self, wanted: Collection[Reading]) -> UnderWay:
        if self._target.explicit is not None:
            return self._reader.by_ids(self._target.explicit, wanted)
        return self._reader.by_tag(self._target.name, wanted)

    def _ours(self, odd: Sequence[OddRow]) -> list[OddRow]:
        """Leave out entries whose own tag says that they are another group's."""
        key, name = f"{self._prefix}group", self._target.name
        return [row for row in odd if name is None or dict(row.tags).get(key, name) == name]
