"""The rules of security groups, each group of rules once in a sweep, and no more of them than may be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multieip.cloud.security import security_group
from multieip.dataclass import replace
from multieip.errors import CloudError
from multieip.model.facts import Reading, Unread
from multieip.model.resources import SecurityGroup
from multieip.observe.asking import why

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multieip.model.facts import Facts
    from multieip.model.resources import Region
    from multieip.ports import Api, Parallel, Pending


class SecurityGroups:
    """Reads the security groups of one region for the groups whose ENIs are in them."""

    def __init__(self, api: Api, region: Region, parallel: Parallel, most: int | None) -> None:
        """Read at most so many, with no limit for None: each takes a call."""
        self._api = api
        self._region = region
        self._parallel = parallel
        self._most = most
        self._known: dict[str, SecurityGroup | Unread] = {}

    def add_to(self, some: Sequence[Facts]) -> list[Facts]:
        """Return the facts with what is known of the ENIs' security groups; who comes first is read first."""
        self._read(dict.fromkeys(named for facts in some for named in _asked(facts)))
        return [self._with(facts) for facts in some]

    @property
    def read(self) -> int:
        """How many were read."""
        return len(self._known)

    def _read(self, named: Iterable[str]) -> None:
        new = [each for each in named if each not in self._known]
        if self._most is not None:
            new = new[: self._most - len(self._known)]
        # The first one tells whether the role may read them at all.
        for some in (new[:1], new[1:]):
            if not self._denied:
                self._ask(some)

    @property
    def _denied(self) -> list[Unread]:
        return [each for each in self._known.values() if isinstance(each, Unread) and each.denied]

    def _ask(self, some: Sequence[str]) -> None:
        submit = self._parallel.submit
        begun = [(each, submit(partial(security_group, self._api, self._region, each))) for each in some]
        self._known |= {each: _answer(pending) for each, pending in begun}

    def _with(self, facts: Facts) -> Facts:
        asked = _asked(facts)
        if not asked:
            return facts
        found = [self._known[each] for each in asked if each in self._known]
        unread = [each for each in found if isinstance(each, Unread)] or self._denied
        facts = replace(facts, unasked=facts.unasked - {Reading.SECURITY_GROUPS})
        if unread:
            return replace(facts, unread={**facts.unread, Reading.SECURITY_GROUPS: unread[0]})
        return replace(
            facts, security_groups=tuple(each for each in found if isinstance(each, SecurityGroup))
        )


def _answer(pending: Pending[SecurityGroup]) -> SecurityGroup | Unread:
    try:
        return pending.result()
    except CloudError as fault:
        return why(fault)


def _asked(facts: Facts) -> tuple[str, ...]:
    """Return the security groups that decide whether the group's EIPs can be reached."""
    return facts.eni.security_groups if facts.eni is not None and facts.bound else ()
