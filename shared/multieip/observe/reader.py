"""Reads groups of one region: the one way for one group and for all of them.

The members come first, by tag or by id. Then, each step with its reads side by side: by id what lists should
have shown and did not, what surrounds the ENI, by id what two lists show differently. A reading that is
denied, or that contradicts itself twice, is noted as unread; what surrounds one group spoils no other.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from multieip.cloud import ecs, vpc
from multieip.model.facts import Reading
from multieip.model.resources import Eip, Eni, Instance, InstanceType
from multieip.observe.asking import Asked, listed
from multieip.observe.candidates import Candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from multieip.cloud.listing import Listed
    from multieip.model.facts import Group
    from multieip.model.resources import Region
    from multieip.observe.draft import Draft
    from multieip.ports import Api, Parallel

_R = TypeVar("_R", Eni, Eip, Instance)


if TYPE_CHECKING:
    UnderWay = Callable[[], Candidates]


class Reader:
    """Reads groups of one region. Keeps nothing but what never changes (instance types)."""

    def __init__(
        self,
        api: Api,
        region: Region,
        prefix: str,
        parallel: Parallel,
        types: dict[str, InstanceType] | None = None,
    ) -> None:
        """Read with `api`, side by side by `parallel`; `prefix` is that of our tags.

        `types` is what is known of instance types already.
        """
        self._api = api
        self._region = region
        self._key = f"{prefix}group"
        self._parallel = parallel
        self._types: dict[str, InstanceType] = {} if types is None else types

    def by_tag(self, value: str | None, wanted: Collection[Reading] = frozenset(Reading)) -> UnderWay:
        """Begin to list what carries the group tag with this value (None: any); the answer waits for it.

        A list that is denied or not to be believed is noted; every other failure is raised.
        """
        api, region, tag = self._api, self._region, (self._key, value)
        return self._candidates(
            wanted,
            partial(ecs.list_enis, api, region, tag=tag),
            partial(vpc.list_eips, api, region, tag=tag),
            partial(ecs.list_instances, api, region, tag=tag),
        )

    def by_ids(self, group: Group, wanted: Collection[Reading]) -> UnderWay:
        """Begin to read the members that a call names by their ids; fails like `by_tag`."""
        api, region = self._api, self._region
        return self._candidates(
            wanted,
            partial(ecs.list_enis, api, region, ids=group.enis),
            partial(vpc.list_eips, api, region, ids=group.eips),
            partial(ecs.list_instances, api, region, ids=group.instances),
        )

    def _candidates(
        self,
        wanted: Collection[Reading],
        enis: Callable[[], Listed[Eni]],
        eips: Callable[[], Listed[Eip]],
        instances: Callable[[], Listed[Instance]],
    ) -> UnderWay:
        submit = self._parallel.submit
        some_enis = submit(enis) if Reading.ENI in wanted else None
        some_eips = submit(eips) if Reading.EIPS in wanted else None
        some_instances = submit(instances) if Reading.INSTANCE in wanted else None

        def wait() -> Candidates:
            found = Candidates()
            found.enis = listed(some_enis, Reading.ENI, found.unread)
            found.eips = listed(some_eips, Reading.EIPS, found.unread)
            found.instances = listed(some_instances, Reading.INSTANCE, found.unread)
            return found

        return wait

    def complete(self, drafts: Sequence[Draft], *, lean: bool) -> None:
        """Read everything else that the groups need; `lean` leaves out what would change nothing.

        Expects the members' rows in the drafts.
        """
        from multieip.observe.around import Around  # noqa: PLC0415  the lists of members came first

        around = Around(self._api, self._region, self._parallel, self._types)
        self._by_id([(draft, draft.not_shown()) for draft in drafts])
        around.read(drafts, lean=lean)
        self._by_id([(draft, draft.disagreeing()) for draft in drafts])
        around.read(drafts, lean=lean)
        around.expect_instances(drafts)

    def _by_id(self, doubts: Sequence[tuple[Draft, frozenset[str]]]) -> None:
        """Read the rows of these ids, which then decide."""
        api, region = self._api, self._region
        enis = self._some(doubts, "eni-", Reading.ENI, partial(ecs.list_enis, api, region))
        eips = self._some(doubts, "eip-", Reading.EIPS, partial(vpc.list_eips, api, region))
        instances = self._some(doubts, "i-", Reading.INSTANCE, partial(ecs.list_instances, api, region))
        answers = (_answer(enis), _answer(eips), _answer(instances))
        for draft, ids in doubts:
            draft.believe(ids, *answers)

    def _some(
        self,
        doubts: Iterable[tuple[Draft, frozenset[str]]],
        start: str,
        reading: Reading,
        read: Callable[..., Listed[_R]],
    ) -> Asked[Listed[_R]] | None:
        about = [(draft, {each for each in ids if each.startswith(start)}) for draft, ids in doubts]
        ids = sorted(frozenset().union(*(own for _, own in about)))
        if not ids:
            return None
        drafts = [draft for draft, own in about if own]
        return Asked(self._parallel, reading, drafts, partial(read, ids=ids))


def _answer(asked: Asked[Listed[_R]] | None) -> Listed[_R] | None:
    return None if asked is None else asked.answer()
