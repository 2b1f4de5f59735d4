"""Use case: triggers → groups → one asynchronous `bind` per group.

An event is a hint that names resources. Which groups they belong to is read from their tags, and where
a tag is gone, from the event itself and from what the resource is bound to. What neither tells cannot be
known here; the reason is logged, and the sweep finds it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass, field
from multieip.errors import CloudError, RequestError
from multieip.events.table import BY_NAME, Change
from multieip.events.triggers import CloudCall, Trigger, skip_reason
from multieip.intent import is_group_name
from multieip.model.resources import GroupName, Region
from multieip.runs.task import task_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from multieip.log import Log
    from multieip.observe.directory import Directory, Member
    from multieip.ports import Invoker, Json
    from multieip.settings import Settings


_EFFECT_S: Final = 2.0
"""An event has the time of its call; what the call did shows a little later, on clocks that may differ."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say about events."""

    tag_prefix: str
    own_role: str
    default_region: str
    max_groups: int
    gather_s: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """Take the options out of the settings."""
        own_role = settings.own_role if settings.skip_own else ""
        return cls(
            settings.tag_prefix,
            own_role,
            settings.region,
            settings.react_max_groups,
            settings.gather_seconds,
        )


@dataclass(frozen=True, slots=True)
class Skip:
    """An event, or a part of its reach, that starts nothing, and why."""

    event: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One `bind` to start: for which group, and the event that asks for it.

    Tagging a group makes a burst of events. Those that happened within one window of `gather_s` seconds
    share a task id, and the run looks at the cloud only after the window has ended, so it sees what every
    one of them did, however late or often they are delivered.
    """

    region: Region
    group: GroupName
    call: CloudCall
    gather_s: float = 0.0

    @property
    def _window(self) -> int | None:
        if self.call.at is None or self.gather_s <= 0:
            return None
        return int(self.call.at.timestamp() // self.gather_s)

    @property
    def task_id(self) -> str:
        """The same for one group and window (or event), so that a repeated event starts nothing twice."""
        window = self._window
        if window is None:
            return task_id("react", self.region, self.group, self.call.source, self.call.event_id)
        return task_id("react", self.region, self.group, f"{self.gather_s:g}s", str(window))

    def payload(self) -> Json:
        """Return what `bind` is called with."""
        cause = {"event": self.call.event_id, "name": self.call.name}
        payload = {"region": self.region, "group": self.group, "action": "apply", "cause": cause}
        if self._window is not None:
            end = (self._window + 1) * self.gather_s + _EFFECT_S
            payload["not_before"] = datetime.fromtimestamp(end, timezone.utc).isoformat()
        return payload

    def as_json(self) -> Json:
        """Return the dispatch as data for the result and the log."""
        return {
            "region": self.region,
            "group": self.group,
            "task_id": self.task_id,
            "cause": self.call.event_id,
        }


@dataclass(slots=True)
class ReactResult:
    """What became of the events. With `failed` filled the function must fail, so that it is called again."""

    started: list[Dispatch] = field(default_factory=list)
    collapsed: list[Dispatch] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the result as data."""
        return {
            "started": [each.as_json() for each in self.started],
            "collapsed": [each.as_json() for each in self.collapsed],
            "skipped": [{"event": s.event, "name": s.name, "reason": s.reason} for s in self.skipped],
            "failed": self.failed,
        }


def screen(triggers: Iterable[Trigger], options: Options) -> tuple[list[CloudCall], list[Skip]]:
    """Return the events to look at, each once, and those that the event alone rules out.

    Raises `RequestError` for a timer or a payload: they name no event.
    """
    live: dict[tuple[str, str], CloudCall] = {}
    skipped: list[Skip] = []
    for call in triggers:
        if not isinstance(call, CloudCall):
            raise RequestError(
                "react takes events of the cloud; for one group call `bind` with {region, group}, "
                "for all of them `sweep` with {mode: repair}"
            )
        reason = skip_reason(call, own_role=options.own_role, tag_prefix=options.tag_prefix)
        if reason is None and not (call.region or options.default_region):
            reason = "the event names no region; set MULTI_EIP_REGION"
        if reason is None:
            live[call.source, call.event_id] = call
        else:
            skipped.append(Skip(call.event_id, call.name, reason))
    return list(live.values()), skipped


def react(
    calls: Sequence[CloudCall],
    directory: Callable[[Region], Directory],
    invoker: Invoker,
    log: Log,
    options: Options,
) -> ReactResult:
    """Start a `bind` for every group that the events concern; a failing one stops no other."""
    result = ReactResult()
    by_region: dict[str, list[CloudCall]] = defaultdict(list)
    for call in calls:
        by_region[call.region or options.default_region].append(call)
    for region, regional in sorted(by_region.items()):
        reading = _Reading(directory(Region(region)), Region(region), options)
        try:
            found = reading.dispatches(regional)
        except CloudError as error:
            log.say("unread", region=region, error=str(error))
            result.failed.append(f"the tags of {region} could not be read: {error}")
            continue
        result.skipped += reading.skipped
        for dispatch in found:
            _start(dispatch, invoker, log, result)
    tell(result.skipped, log)
    return result


def tell(skipped: Iterable[Skip], log: Log) -> None:
    """Log why events start nothing."""
    for skip in skipped:
        log.say("skipped", cause=skip.event, name=skip.name, reason=skip.reason)


def _start(dispatch: Dispatch, invoker: Invoker, log: Log, result: ReactResult) -> None:
    try:
        fresh = invoker.start("bind", dispatch.payload(), task_id=dispatch.task_id)
    except CloudError as error:
        log.say("not started", **dispatch.as_json(), error=str(error))
        result.failed.append(f"bind of {dispatch.group} in {dispatch.region} was not started: {error}")
        return
    log.say("started" if fresh else "collapsed", **dispatch.as_json(), name=dispatch.call.name)
    (result.started if fresh else result.collapsed).append(dispatch)


class _Reading:
    """The groups that the events of one region concern; `skipped` says which concern none."""

    def __init__(self, directory: Directory, region: Region, options: Options) -> None:
        self._directory = directory
        self._region = region
        self._options = options
        self._key = f"{options.tag_prefix}group"
        self.skipped: list[Skip] = []

    def dispatches(self, calls: Sequence[CloudCall]) -> list[Dispatch]:
        """Return one dispatch per group; of several events the one with the smallest id is the cause."""
        members = {m.id: m for m in self._directory.members(each for call in calls for each in call.ids)}
        neighbours = self._neighbours(calls, members)
        causes: dict[GroupName, CloudCall] = {}
        for call in sorted(calls, key=lambda each: (each.event_id, each.source)):
            groups = self._of_call(call, members, neighbours)
            if not groups:
                self._skip(call, f"no group tag on {', '.join(call.ids) or 'what it is about'}")
            for group in groups or ():
                causes.setdefault(group, call)
        gather_s = self._options.gather_s
        return [Dispatch(self._region, group, call, gather_s) for group, call in sorted(causes.items())]

    def _of_call(
        self, call: CloudCall, members: dict[str, Member], neighbours: dict[str, Member]
    ) -> set[GroupName]:
        told = {GroupName(v) for k, v in call.tags if k == self._key and v is not None and is_group_name(v)}
        if not call.ids and not told:
            return self._whole_region(call)
        own = [members[each] for each in call.ids if each in members]
        related = [neighbours[n] for m in own if m.group is None for n in m.neighbours if n in neighbours]
        return told | {m.group for m in (*own, *related) if m.group is not None}

    def _neighbours(self, calls: Sequence[CloudCall], members: dict[str, Member]) -> dict[str, Member]:
        """Read what a resource that lost its tag is bound or attached to: that group lost a member."""
        asked: set[str] = set()
        for call in calls:
            row = BY_NAME.get(call.name)
            if row is not None and row.change is Change.UNTAGGED:
                lost = (members[each] for each in call.ids if each in members)
                asked.update(n for member in lost if member.group is None for n in member.neighbours)
        known = {each: members[each] for each in asked if each in members}
        return known | {m.id: m for m in self._directory.members(sorted(asked - set(known)))}

    def _whole_region(self, call: CloudCall) -> set[GroupName]:
        """Return all groups of the region for an event without ids, unless they are too many."""
        names = {GroupName(v) for v in self._directory.tagged_by_value() if is_group_name(v)}
        if len(names) <= self._options.max_groups:
            return names
        self._skip(call, f"it names no id, and the region's {len(names)} groups are left to the sweep")
        return set()

    def _skip(self, call: CloudCall, reason: str) -> None:
        if not any(skip.event == call.event_id for skip in self.skipped):
            self.skipped.append(Skip(call.event_id, call.name, reason))
