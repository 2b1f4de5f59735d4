"""All groups of one region read together: a few paged lists instead of a handful of reads per group.

The lists are read once; the groups then come in pieces, so that a region of any size fits into memory.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from multieip.cloud import vpc
from multieip.cloud.listing import Listed
from multieip.cloud.parallel import Threads
from multieip.dataclass import dataclass, field, replace
from multieip.errors import CloudError, UnreadableError
from multieip.intent import Tagged, by_value, groups_of, is_group_name
from multieip.model.facts import NOT_BY_A_LOOK, Facts, IntentFault, Reading, Target, Unread
from multieip.model.resources import BindMode, GroupName
from multieip.observe.asking import why
from multieip.observe.draft import Draft
from multieip.observe.reader import Reader
from multieip.observe.region_lists import Elsewhere, Found, Known, RegionLists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multieip.model.resources import Gateway, OddRow, Region
    from multieip.ports import Api, Parallel, Pending

_MEMBERS: Final = (Reading.ENI, Reading.EIPS, Reading.INSTANCE)
_EVERYTHING: Final = frozenset(Reading) - NOT_BY_A_LOOK
_WITHOUT_GATEWAYS: Final = _EVERYTHING - {Reading.GATEWAYS}


@dataclass(frozen=True, slots=True)
class RegionGroups:
    """The groups of a region with their facts, and what carries a group tag but forms no group.

    `unread` says which list of members could not be read: there may be more groups than are known.
    """

    facts: tuple[Facts, ...]
    ungrouped: tuple[IntentFault, ...]
    unread: Mapping[Reading, Unread] = field(default_factory=dict)


class RegionReader:
    """Reads one region for a sweep. `blank` holds what all facts share: catalogue and switches."""

    def __init__(
        self,
        api: Api,
        region: Region,
        prefix: str,
        blank: Facts,
        parallel: Parallel | None = None,
        known: Known | None = None,
    ) -> None:
        """Look at `region` with `api` for tags that begin with `prefix`; reads go side by side.

        `known` is shared by the regions of one sweep.
        """
        self._api = api
        self._region = region
        self._prefix = prefix
        self._key = f"{prefix}group"
        self._blank = blank
        self._parallel = parallel or Threads()
        known = known or Known()
        self._reader = Reader(api, region, prefix, self._parallel, known.types)
        self._lists = RegionLists(api, region, self._key, self._parallel, known)
        self._found = Found()
        self._wanted: dict[str, Tagged] = {}
        self._enis: frozenset[str] = frozenset()
        self._told: set[OddRow] = set()
        self._faults: list[IntentFault] = []

    def read(self, only: Iterable[str] = ()) -> RegionGroups:
        """Return the groups (those named, else all) as they are now, all at once, gateways included."""
        facts = self.facts(self.begin(only), gateways=True)
        return RegionGroups(facts, self.ungrouped(), self.unread)

    def begin(self, only: Iterable[str] = ()) -> tuple[GroupName, ...]:
        """Read the lists and return the names of the groups (those named, else all).

        A list that is denied or not to be believed is noted in the groups' `unread`, and in that of the
        region. Where no list of members can be read, or one fails otherwise, that is raised, because a region
        half read would pass for one with fewer groups.
        """
        self._found = found = self._lists.read()
        members = found.members
        if len(members.unread) == len(_MEMBERS):
            reasons = "; ".join(dict.fromkeys(each.text for each in members.unread.values()))
            raise UnreadableError("the tags of the region", reasons)
        self._enis = frozenset(eni.id for eni in members.enis)
        values = by_value(Tagged(members.enis, members.eips, members.instances), self._key)
        names = frozenset(only)
        self._wanted = {value: some for value, some in values.items() if not names or value in names}
        self._faults = self._ungrouped()
        # From here on each group holds its own rows, and lets them go when it is reported.
        members.enis, members.eips = Listed((), members.enis.odd), Listed((), members.eips.odd)
        members.instances = Listed((), members.instances.odd)
        return tuple(GroupName(value) for value in self._wanted if is_group_name(value))

    @property
    def unread(self) -> Mapping[Reading, Unread]:
        """Which lists of members could not be read: there may be more groups than are known."""
        return self._found.members.unread

    def facts(self, names: Iterable[GroupName], *, gateways: bool = False) -> tuple[Facts, ...]:
        """Return the facts of these groups, each asked for once; without `gateways` those come later."""
        drafts = [self._draft(name, self._wanted.pop(name), gateways=gateways) for name in names]
        self._reader.complete(drafts, lean=False)
        facts = tuple(draft.facts(self._blank) for draft in drafts)
        self._told.update(row for each in facts for row in each.odd)
        self._faults += _without_eni(facts)
        return facts

    def with_gateways(self, some: Sequence[Facts]) -> tuple[Facts, ...]:
        """Return the facts with the gateways of each ENI, read side by side: one call takes one ENI."""
        begun = [self._ask_gateways(facts) for facts in some]
        return tuple(_with_gateways(facts, asked) for facts, asked in zip(some, begun, strict=True))

    def _ask_gateways(self, facts: Facts) -> Pending[list[Gateway]] | None:
        if facts.eni is None or not any(eip.mode is BindMode.MULTI for eip in facts.bound):
            return None
        return self._parallel.submit(partial(vpc.gateways, self._api, self._region, facts.eni.id))

    def ungrouped(self) -> tuple[IntentFault, ...]:
        """Return what carries a group tag and is in none of the groups that were asked for so far."""
        return (*self._faults, *self._unreadable())

    def elsewhere(self, *, asked: bool) -> Elsewhere | None:
        """Return the EIPs in this mode on ENIs without a group tag.

        None where the lists that were needed do not show them, and they are not `asked` for by themselves.
        Raises `CloudError`.
        """
        if self._found.bound is not None:
            return self._found.bound.elsewhere
        return self._lists.elsewhere(self._enis) if asked else None

    def _draft(self, name: GroupName, some: Tagged, *, gateways: bool) -> Draft:
        members, bound = self._found.members, self._found.bound
        wanted = _EVERYTHING if gateways else _WITHOUT_GATEWAYS
        draft = Draft(Target(self._region, name), self._prefix, wanted)
        draft.take(some.enis, some.eips, some.instances)
        draft.unread.update(members.unread)
        draft.odd += [row for row in members.odd if dict(row.tags).get(self._key) == name]
        if bound is not None and draft.eni is not None:
            draft.done.add(Reading.BOUND)
            draft.take_bound(Listed(bound.by_eni.pop(draft.eni.id, ())))
        return draft

    def _ungrouped(self) -> list[IntentFault]:
        """Return what carries a tag whose value names no group."""
        odd = [some for value, some in self._wanted.items() if not is_group_name(value)]
        found = (groups_of(self._region, some, prefix=self._prefix).ungrouped for some in odd)
        return list(dict.fromkeys(fault for faults in found for fault in faults))

    def _unreadable(self) -> list[IntentFault]:
        """Return the entries that cannot be read and that are in none of the groups' facts."""
        return [
            IntentFault(
                f"unreadable: an entry of {row.action} could not be read: {row.text}",
                (row.id,) if row.id else (),
            )
            for row in dict.fromkeys(self._found.members.odd)
            if row not in self._told
        ]


def _without_eni(facts: Sequence[Facts]) -> tuple[IntentFault, ...]:
    """Return what is in a group that no ENI belongs to: nothing will ever happen to it."""
    return tuple(
        IntentFault(
            f"Group {each.group.label} has no ENI. Tag one, or remove the tag from {', '.join(orphans)}.",
            orphans,
        )
        for each in facts
        if Reading.ENI not in each.unread
        and not each.group.enis
        and (orphans := (*each.group.eips, *each.group.instances))
    )


def _with_gateways(facts: Facts, asked: Pending[list[Gateway]] | None) -> Facts:
    read = replace(facts, unasked=facts.unasked - {Reading.GATEWAYS})
    if asked is None:
        return read
    try:
        found = asked.result()
    except CloudError as fault:
        return replace(read, unread={**facts.unread, Reading.GATEWAYS: why(fault)})
    return replace(read, gateways=tuple(sorted(found, key=lambda each: each.address)))
