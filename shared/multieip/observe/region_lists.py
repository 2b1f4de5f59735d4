"""All that carries our tags in one region, and what is bound to those ENIs, with as few calls as can be.

Few groups are read by their tags, and the EIPs of each ENI by itself; of many, the plain lists of everything
take fewer calls. Which of the two, the first answers tell by their totals.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from multieip.cloud import ecs, vpc
from multieip.cloud.listing import Listed
from multieip.cloud.refusals import passes
from multieip.dataclass import dataclass, field
from multieip.errors import CloudError
from multieip.model.facts import Reading
from multieip.model.resources import BindMode
from multieip.observe.asking import is_lasting, listed, why
from multieip.observe.candidates import Candidates

if TYPE_CHECKING:
    from collections.abc import Collection

    from multieip.cloud.numbered import Numbered
    from multieip.model.resources import Eip, InstanceType, Region
    from multieip.ports import Api, Parallel

_FEW: Final = 5
"""So few calls are made at once: finding out how long the list of all EIPs is would be one more."""

_SOME: Final = 12
"""So few are made where the region before has shown that its list of all EIPs would have been longer."""

_GOES_ON: Final = 2
"""So often a list goes on at a page that was refused for longer than one call is tried again."""


Elsewhere = dict[str, dict[str, str]]
"""ENIs without a group tag that EIPs are bound to in this mode: the address of each EIP by its id."""


@dataclass(slots=True)
class Bound:
    """The EIPs of a region as the list of all shows them: on our ENIs, and in this mode elsewhere."""

    by_eni: dict[str, list[Eip]] = field(default_factory=dict)
    elsewhere: Elsewhere = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    """What the regions before have shown: instance types, which are the same everywhere, and sizes."""

    types: dict[str, InstanceType] = field(default_factory=dict)
    eip_pages: int = 0


@dataclass(slots=True)
class Found:
    """What the lists show; without `bound`, the EIPs on each ENI are still to be asked for."""

    members: Candidates = field(default_factory=Candidates)
    bound: Bound | None = None


class RegionLists:
    """Reads one region once."""

    def __init__(self, api: Api, region: Region, key: str, parallel: Parallel, known: Known) -> None:
        """Look for the tag `key`; lists go side by side by `parallel`, `known` is of the regions before."""
        self._api = api
        self._region = region
        self._key = key
        self._parallel = parallel
        self._known = known

    def read(self) -> Found:
        """Return the members and, where one list is fewer calls, what is bound to their ENIs.

        A list that is denied or not to be believed is noted; every other failure is raised.
        """
        api, region, tag = self._api, self._region, (self._key, None)
        submit, members = self._parallel.submit, Candidates()
        some_enis = submit(partial(ecs.list_enis, api, region, tag=tag))
        some_instances = submit(partial(ecs.list_instances, api, region, tag=tag))
        by_tag = vpc.eips_in_pages(api, region, tag=tag)
        some_eips = submit(partial(_begun, by_tag))
        members.enis = listed(some_enis, Reading.ENI, members.unread)
        bound, members.eips = None, listed(some_eips, Reading.EIPS, members.unread)
        if Reading.EIPS not in members.unread and self._asks(by_tag.pages_left + len(members.enis)):
            bound = self._all(by_tag, members)
        if bound is None and Reading.EIPS not in members.unread:
            members.eips = listed(submit(partial(_whole, by_tag)), Reading.EIPS, members.unread)
        members.instances = listed(some_instances, Reading.INSTANCE, members.unread)
        return Found(members, bound)

    def _asks(self, calls: int) -> bool:
        """Whether to find out if the list of all EIPs takes less than so many calls."""
        return calls > (_SOME if self._known.eip_pages > calls else _FEW)

    def elsewhere(self, enis: Collection[str]) -> Elsewhere:
        """Return the EIPs in this mode on ENIs other than these; raises `CloudError`."""
        bound = Bound()
        keep = partial(self._keep, bound, frozenset(enis))
        vpc.eips_in_pages(self._api, self._region, on_enis=True, keep=keep).whole()
        return bound.elsewhere

    def _all(self, by_tag: Numbered[Eip], members: Candidates) -> Bound | None:
        """Read the list of all EIPs where that is fewer calls; else, or where it is refused, None."""
        bound = Bound()
        enis = frozenset(eni.id for eni in members.enis)
        every = vpc.eips_in_pages(self._api, self._region, keep=partial(self._keep, bound, enis))
        try:
            self._parallel.submit(every.first).result()
            self._known.eip_pages = every.pages_left + 1
            if every.pages_left >= by_tag.pages_left + len(enis):
                return None
            found = self._parallel.submit(partial(_whole, every)).result()
        except CloudError as fault:
            if why(fault).passes and not is_lasting(fault):
                # Who asks for each ENI instead asks the same action, and more often.
                raise
            # The cloud takes no deep pages, or not these: the lists by tag tell whether anything is denied.
            return None
        for eip in found:
            if eip.bound_to in enis:
                bound.by_eni.setdefault(eip.bound_to, []).append(eip)
        ours = (row for row in found.odd if row.untold or self._key in dict(row.tags))
        members.eips = Listed((eip for eip in found if self._key in eip.tags), ours)
        return bound

    def _keep(self, bound: Bound, enis: frozenset[str], eip: Eip) -> bool:
        if self._key in eip.tags or eip.bound_to in enis:
            return True
        if eip.mode is BindMode.MULTI and eip.bound_to:
            bound.elsewhere.setdefault(eip.bound_to, {})[eip.id] = eip.address
        return False


def _whole(pages: Numbered[Eip], more: int = _GOES_ON) -> Listed[Eip]:
    """Read all pages; where one of them has got no answer, the pages before it are not read again."""
    try:
        return pages.whole()
    except CloudError as fault:
        if not more or is_lasting(fault) or not passes(fault):
            raise
        return _whole(pages, more - 1)


def _begun(pages: Numbered[Eip]) -> Listed[Eip]:
    """Read the first page; what it shows is taken with the rest."""
    pages.first()
    return Listed()
