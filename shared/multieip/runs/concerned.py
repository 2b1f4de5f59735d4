"""Which groups events concern: by their own tags, those of the resources, or of what these are bound to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from multieip.dataclass import dataclass
from multieip.events.table import BY_NAME, Meaning
from multieip.intent import GROUP_NAMES, is_group_name
from multieip.json_text import echoed
from multieip.model.resources import GroupName

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multieip.events.cloud_call import CloudCall
    from multieip.model.resources import Region
    from multieip.observe.directory import Directory, Member
    from multieip.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say about events. `account` is the functions' own."""

    tag_prefix: str
    own_role: str
    default_region: str
    max_groups: int
    gather_s: float = 0.0
    account: str = ""

    @classmethod
    def of(cls, settings: Settings, account: str = "") -> Options:
        """Take the options out of the settings."""
        own_role = settings.own_role if settings.skip_own else ""
        return cls(
            settings.tag_prefix,
            own_role,
            settings.region,
            settings.react_max_groups,
            settings.gather_seconds,
            account,
        )


@dataclass(frozen=True, slots=True)
class Skip:
    """An event, or a part of its reach, that starts nothing, and why."""

    event: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Concern:
    """An event concerns a group, with the ids of the group that it has named."""

    group: GroupName
    call: CloudCall
    named: tuple[str, ...] = ()


class Concerned:
    """The groups that the events of one region concern; `skipped` says which concern none."""

    def __init__(self, directory: Callable[[Region], Directory], region: Region, options: Options) -> None:
        """Open the directory of `region` only where something has to be read."""
        self._open = directory
        self._region = region
        self._options = options
        self._key = f"{options.tag_prefix}group"
        self.skipped: list[Skip] = []

    def is_told(self, call: CloudCall) -> bool:
        """Whether the event's own tags name a group, so that nothing has to be read."""
        return any(True for _ in self.told_by(call))

    def told_by(self, call: CloudCall) -> list[Concern]:
        """Return the groups that the event's own tags name: set, or in old calls taken away."""
        names = [value for key, value in call.tags if key == self._key and value is not None]
        return [Concern(GroupName(name), call, call.ids) for name in names if is_group_name(name)]

    def read_for(self, calls: Sequence[CloudCall]) -> list[Concern]:
        """Return the groups of the resources that the events name."""
        if not calls:
            return []
        directory = self._open(self._region)
        members = {m.id: m for m in directory.members(each for call in calls for each in call.ids)}
        neighbours = self._neighbours(directory, calls, members)
        found: list[Concern] = []
        for call in sorted(calls, key=lambda each: (each.event_id, each.source)):
            some = self._whole_region(directory, call) if not call.ids else []
            some += self._of_call(call, members, neighbours)
            if not some:
                self._skip(call, self._nobody(call))
            found += some
        return found

    def _nobody(self, call: CloudCall) -> str:
        """Return why an event concerns no group."""
        odd = [value for key, value in call.tags if key == self._key and value is not None]
        if odd:
            return f"{echoed(odd[0])} is not a valid group name: {GROUP_NAMES}"
        return f"no group tag on {', '.join(call.ids) or 'what it is about'}"

    def _of_call(
        self, call: CloudCall, members: dict[str, Member], neighbours: dict[str, tuple[Member, ...]]
    ) -> list[Concern]:
        own = [members[each] for each in call.ids if each in members]
        near = [n for member in own if self._may_have_left(call, member) for n in neighbours[member.id]]
        ids: dict[GroupName, list[str]] = defaultdict(list)
        for member in (*own, *near):
            if member.group is not None:
                ids[member.group].append(member.id)
        return [Concern(group, call, tuple(named)) for group, named in sorted(ids.items())]

    def _may_have_left(self, call: CloudCall, member: Member) -> bool:
        """Whether the event may have taken the resource out of a group that its own tag no longer tells."""
        row = BY_NAME.get(call.name)
        if row is None:
            return False
        if row.change is Meaning.PARTED:
            return member.group is None
        names_groups = not call.tags or self._key in call.tag_keys
        return row.change in {Meaning.TAGGED, Meaning.UNTAGGED} and names_groups

    def _neighbours(
        self, directory: Directory, calls: Sequence[CloudCall], members: dict[str, Member]
    ) -> dict[str, tuple[Member, ...]]:
        """Read what resources that may have left a group are still bound or attached to."""
        named = ((call, members[each]) for call in calls for each in call.ids if each in members)
        left = {member.id: member for call, member in named if self._may_have_left(call, member)}
        asked = {each for member in left.values() for each in member.neighbours}
        known = {each: members[each] for each in asked if each in members}
        known |= {m.id: m for m in directory.members(sorted(asked - set(known)))}
        enis = sorted(each for each in left if each.startswith("eni-"))
        on = {eip.id: eip for eip in directory.bound_to(enis)}
        return {
            each: (
                *(known[n] for n in member.neighbours if n in known),
                *(eip for eip in on.values() if each in eip.neighbours),
            )
            for each, member in left.items()
        }

    def _whole_region(self, directory: Directory, call: CloudCall) -> list[Concern]:
        """Return all groups of the region for an event without ids, unless they are too many."""
        names = [GroupName(v) for v in directory.tagged_by_value() if is_group_name(v)]
        if len(names) <= self._options.max_groups:
            return [Concern(name, call) for name in sorted(names)]
        self._skip(call, f"it names no id, and the region's {len(names)} groups are left to the sweep")
        return []

    def _skip(self, call: CloudCall, reason: str) -> None:
        if not any(skip.event == call.event_id for skip in self.skipped):
            self.skipped.append(Skip(call.event_id, call.name, reason))
