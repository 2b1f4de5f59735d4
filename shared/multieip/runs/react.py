"""Use case: triggers → groups → one asynchronous `bind` per group.

An event is a hint that names resources. Where its own tags name the group, nothing is read. Else the groups
are read from the resources' tags, and where a resource has left its group, from what it is still bound or
attached to. What neither tells cannot be known here; the reason is logged, and the sweep finds it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from multieip import REACT_SCHEMA, __version__
from multieip.dataclass import dataclass, field
from multieip.errors import CloudError, RequestError
from multieip.events.skips import skip_reason
from multieip.events.triggers import Manual, NoEvent, TimerEvent
from multieip.model.resources import GroupName, Region
from multieip.runs.concerned import Concern, Concerned, Options, Skip
from multieip.runs.task import group_digest, task_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from multieip.events.cloud_call import CloudCall
    from multieip.events.triggers import Trigger
    from multieip.log import Log
    from multieip.observe.directory import Directory
    from multieip.ports import Invoker, Json


_EFFECT_S: Final = 2.0
"""An event has the time of its call; what the call did shows a little later, on clocks that may differ."""

_MOST_NAMED: Final = 50
_CONSENTS: Final = ("detach", "prune", "hold", "refused")
_MOST_CONSENTS: Final = 8
_PLAIN_ID: Final = r"(eni|eip|i)-[A-Za-z0-9]{1,60}"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One `bind` to start: for which group, the event that asks for it, the ids that events named.

    `consents` says who has set which tags that a write may rest on.

    Tagging a group makes a burst of events. Those that happened within one window of `gather_s` seconds
    share a task id, and the run acts on no look before the window has ended unless it finds the group whole,
    so it sees what every one of them did, however late or often they are delivered.
    """

    region: Region
    group: GroupName
    call: CloudCall
    options: Options
    named: tuple[str, ...] = ()
    consents: tuple[Json, ...] = ()

    @property
    def _window(self) -> int | None:
        if self.call.at is None or self.options.gather_s <= 0:
            return None
        return int(self.call.at.timestamp() // self.options.gather_s)

    @property
    def task_id(self) -> str:
        """The same for one group and window (or event), so that a repeated event starts nothing twice."""
        options, window = self.options, self._window
        account = options.account or self.call.account
        group = group_digest(account, self.region, options.tag_prefix, self.group)
        if window is None:
            return task_id("react", self.region, group, self.call.source, self.call.event_id)
        return task_id("react", self.region, group, f"{options.gather_s:g}s", str(window))

    def payload(self) -> Json:
        """Return what `bind` is called with."""
        cause: Json = {"event": self.call.event_id, "name": self.call.name}
        if self.consents:
            cause["consents"] = list(self.consents)
        payload: Json = {"region": self.region, "group": self.group, "action": "apply", "cause": cause}
        if self.named:
            payload["named"] = list(self.named)
        if self._window is not None:
            end = (self._window + 1) * self.options.gather_s + _EFFECT_S
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
            "schema": REACT_SCHEMA,
            "version": __version__,
            "started": [each.as_json() for each in self.started],
            "collapsed": [each.as_json() for each in self.collapsed],
            "skipped": [{"event": s.event, "name": s.name, "reason": s.reason} for s in self.skipped],
            "failed": self.failed,
        }


def screen(triggers: Sequence[Trigger], options: Options) -> tuple[list[CloudCall], list[Skip]]:
    """Return the events to look at, each once, and what is ruled out without a look.

    Raises `RequestError` for a timer or a payload that comes alone: it names no event.
    """
    live: dict[tuple[str, str], CloudCall] = {}
    skipped: list[Skip] = []
    for trigger in triggers:
        if isinstance(trigger, (Manual, NoEvent, TimerEvent)):
            skipped.append(_no_event(trigger, alone=len(triggers) == 1))
            continue
        reason = skip_reason(trigger, own_role=options.own_role, tag_prefix=options.tag_prefix)
        if reason is None and not (trigger.region or options.default_region):
            reason = "the event names no region; set MULTI_EIP_REGION"
        if reason is None:
            live[trigger.source, trigger.event_id] = trigger
        else:
            skipped.append(Skip(trigger.event_id, trigger.name, reason))
    return list(live.values()), skipped


def _no_event(trigger: Trigger, *, alone: bool) -> Skip:
    if isinstance(trigger, NoEvent):
        return Skip("", "", trigger.reason)
    reason = (
        "react takes events of the cloud; for one group call `bind` with {region, group}, "
        "for all of them `sweep` with {mode: repair}"
    )
    if alone:
        raise RequestError(reason)
    return Skip("", "", f"an element of the array is a payload: {reason}")


def react(
    calls: Sequence[CloudCall],
    directory: Callable[[Region], Directory],
    invoker: Invoker,
    log: Log,
    options: Options,
) -> ReactResult:
    """Start a `bind` for every group that the events concern; a failing one stops no other."""
    result = ReactResult()
    by_region: dict[Region, list[CloudCall]] = defaultdict(list)
    for call in calls:
        by_region[Region(call.region or options.default_region)].append(call)
    for region, regional in sorted(by_region.items()):
        reading = Concerned(directory, region, options)
        concerned = [each for call in regional for each in reading.told_by(call)]
        try:
            concerned += reading.read_for([call for call in regional if not reading.is_told(call)])
        except CloudError as error:
            log.say("unread", level="warning", region=region, error=str(error))
            result.failed.append(f"the tags of {region} could not be read: {error}")
        result.skipped += reading.skipped
        for dispatch in _dispatches(region, concerned, options):
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
        log.say("not started", level="warning", **dispatch.as_json(), error=str(error))
        result.failed.append(f"bind of {dispatch.group} in {dispatch.region} was not started: {error}")
        return
    log.say("started" if fresh else "collapsed", **dispatch.as_json(), name=dispatch.call.name)
    (result.started if fresh else result.collapsed).append(dispatch)


def _dispatches(region: Region, concerned: Sequence[Concern], options: Options) -> list[Dispatch]:
    """Return one dispatch per group: of its events the latest is the cause, so that its run sees them all.

    An event that does not tell its time is in nobody's window and starts a run of its own.
    """
    by_group: dict[tuple[GroupName, bool], list[Concern]] = defaultdict(list)
    for each in concerned:
        by_group[each.group, each.call.at is None].append(each)
    found: list[Dispatch] = []
    for (group, _), some in sorted(by_group.items()):
        cause = max((each.call for each in some), key=_moment)
        ids = sorted({named for each in some for named in each.named if re.fullmatch(_PLAIN_ID, named)})
        given = tuple(_consents(some, options))[:_MOST_CONSENTS]
        found.append(Dispatch(region, group, cause, options, tuple(ids[:_MOST_NAMED]), given))
    return found


def _consents(concerned: Iterable[Concern], options: Options) -> Iterator[Json]:
    """Yield who has set which of the tags that a write may rest on, the latest first."""
    keys = {f"{options.tag_prefix}{word}" for word in _CONSENTS}
    for call in sorted({each.call for each in concerned if each.call.who}, key=_moment, reverse=True):
        who = {"by": call.who, "at": call.at.isoformat() if call.at else "", "event": call.event_id}
        given = [(key, value) for key, value in call.tags if key in keys and value is not None]
        yield from ({"tag": key, "value": value, "on": on, **who} for key, value in given for on in call.ids)


def _moment(call: CloudCall) -> tuple[float, str, str]:
    return (call.at.timestamp() if call.at else 0.0, call.event_id, call.source)
