"""All groups of one region read together: a few paged lists instead of a handful of reads per group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.parallel import Threads
from multieip.dataclass import dataclass, field
from multieip.errors import UnreadableError
from multieip.intent import Tagged, by_value, groups_of, is_group_name
from multieip.model.facts import Facts, IntentFault, Reading, Target, Unread
from multieip.model.resources import GroupName
from multieip.observe.draft import Draft
from multieip.observe.reader import Candidates, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multieip.model.resources import OddRow, Region
    from multieip.ports import Api, Parallel

_MEMBERS: Final = (Reading.ENI, Reading.EIPS, Reading.INSTANCE)
_EVERYTHING: Final = frozenset(Reading) - {Reading.GUEST}


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
        self, api: Api, region: Region, prefix: str, blank: Facts, parallel: Parallel | None = None
    ) -> None:
        """Look at `region` with `api` for tags that begin with `prefix`; reads go side by side."""
        self._region = region
        self._prefix = prefix
        self._key = f"{prefix}group"
        self._blank = blank
        self._reader = Reader(api, region, prefix, parallel or Threads())

    def read(self, only: Iterable[str] = ()) -> RegionGroups:
        """Return the groups (those named, else all) as they are now.

        A reading that is denied or not to be believed is noted in the groups' `unread`, and where it is a
        list of members, in that of the region. Where no list of members can be read, or one fails otherwise,
        that is raised, because a region half read would pass for one with fewer groups.
        """
        found = self._reader.by_tag(None)
        if len(found.unread) == len(_MEMBERS):
            reasons = "; ".join(dict.fromkeys(why.text for why in found.unread.values()))
            raise UnreadableError("the tags of the region", reasons)
        values = by_value(Tagged(found.enis, found.eips, found.instances), self._key)
        names = frozenset(only)
        wanted = {value: some for value, some in values.items() if not names or value in names}
        drafts = [
            self._draft(GroupName(value), some, found)
            for value, some in wanted.items()
            if is_group_name(value)
        ]
        self._reader.complete(drafts, lean=False)
        facts = tuple(draft.facts(self._blank) for draft in drafts)
        ungrouped = (*self._ungrouped(wanted), *self._unreadable(found.odd, facts), *_without_eni(facts))
        return RegionGroups(facts, ungrouped, found.unread)

    def _draft(self, name: GroupName, some: Tagged, found: Candidates) -> Draft:
        draft = Draft(Target(self._region, name), self._prefix, _EVERYTHING)
        draft.take(some.enis, some.eips, some.instances)
        draft.unread.update(found.unread)
        draft.odd += [row for row in found.odd if dict(row.tags).get(self._key) == name]
        return draft

    def _ungrouped(self, wanted: Mapping[str, Tagged]) -> list[IntentFault]:
        """Return what carries a tag whose value names no group."""
        odd = [some for value, some in wanted.items() if not is_group_name(value)]
        found = (groups_of(self._region, some, prefix=self._prefix).ungrouped for some in odd)
        return list(dict.fromkeys(fault for faults in found for fault in faults))

    def _unreadable(self, odd: Sequence[OddRow], facts: Sequence[Facts]) -> list[IntentFault]:
        """Return the entries that cannot be read and that are in none of the groups' facts."""
        told = {row for each in facts for row in each.odd}
        return [
            IntentFault(
                f"unreadable: an entry of {row.action} could not be read: {row.text}",
                (row.id,) if row.id else (),
            )
            for row in dict.fromkeys(odd)
            if row not in told
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
