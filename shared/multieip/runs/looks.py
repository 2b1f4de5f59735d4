"""The looks of one run: how it reads, how often it reads again, and how it watches what is in motion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.fates import Fate
from multieip.cloud.refusals import fate_of, is_throttling
from multieip.errors import CloudError, RefusedError, TooLateError, UnreadableError
from multieip.model.facts import Facts, Reading
from multieip.plan.course import Goal
from multieip.plan.decision import Motion, Wait
from multieip.plan.planner import next_step
from multieip.runs.judgement import is_undoing, judged
from multieip.runs.rereading import AFTER
from multieip.runs.waiting import (
    GATHER_LOOKS_S,
    LEFT_ALONE_S,
    LONGEST_GATHERING_S,
    LONGEST_MOTION_S,
    PATIENCE_PAUSES_S,
    poll_pauses,
    until_next_minute,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from multieip.log import Log
    from multieip.observe.group import Observer
    from multieip.runs.journal import Journal
    from multieip.runs.waiting import Timer

EVERYTHING: Final = AFTER["other"]
"""What any write may depend on. Without a choice a look reads more: what only a first look needs."""

MEMBERS: Final = frozenset({Reading.ENI, Reading.EIPS, Reading.INSTANCE})
_LAST: Final = AFTER["ConfigureGuest"]
_MOST_UNREADABLE: Final = 3


class Looks:
    """Reads for one run; what could not be read is read again, until the deadline."""

    def __init__(self, observer: Observer, timer: Timer, journal: Journal, log: Log, label: str) -> None:
        """`label` is the group's name, which spreads waits over the cloud's minute."""
        self._observer = observer
        self._timer = timer
        self._journal = journal
        self._log = log
        self._label = label

    def first(self) -> Facts:
        """Look for the first time; to undo a group needs less than to build one."""
        if self._journal.course.goal is Goal.RELEASE:
            return self._look(EVERYTHING | {Reading.ATTACHED_INSTANCE}, None)
        return self._look(None, None)

    def again(self, facts: Facts, reading: Collection[Reading] = EVERYTHING) -> Facts:
        """Read anew what the next write depends on."""
        return self._look(reading, facts)

    def whole(self, facts: Facts) -> Facts:
        """Read anew everything that may make a difference."""
        return self._look(None, facts)

    def last(self, facts: Facts) -> Facts:
        """Read anew what a result depends on."""
        return self._look(_LAST, facts)

    def _look(self, reading: Collection[Reading] | None, since: Facts | None) -> Facts:
        unreadable = number = 0
        while True:
            try:
                facts = self._observer.look(self._journal.refusals, reading=reading, since=since)
            except CloudError as error:  # noqa: PERF203  a read is slower than any try
                unreadable += isinstance(error, UnreadableError)
                if _lasts(error) or unreadable >= _MOST_UNREADABLE:
                    raise
                self._pause(error, number)
                number += 1
            else:
                self._journal.seen(facts)
                return facts

    def _pause(self, error: CloudError, number: int) -> None:
        wait = PATIENCE_PAUSES_S[min(number, len(PATIENCE_PAUSES_S) - 1)]
        if isinstance(error, RefusedError) and is_throttling(error.code):
            wait = until_next_minute(self._timer.clock, self._label)
        self._log.say("unread", level="warning", error=str(error), seconds=round(wait, 3))
        if wait > self._timer.left:
            raise error
        self._timer.sleep(wait, str(error))

    def rest(self, seconds: float, reason: str) -> None:
        """Wait, and say for what."""
        self._log.say("waiting", reason=reason, seconds=round(seconds, 3))
        self._timer.sleep(seconds, reason)

    # --- the window of the events that started the run -----------------------------------------------------

    def gathered(self, facts: Facts, not_before: datetime) -> Facts:
        """Look again, within the window of the events, until the group is whole."""
        left = (not_before - self._timer.clock.now()).total_seconds()
        end = self._timer.clock.monotonic() + min(left, LONGEST_GATHERING_S)
        pauses = (
            (*GATHER_LOOKS_S, LONGEST_GATHERING_S) if _may_be_whole_soon(facts) else (LONGEST_GATHERING_S,)
        )
        for pause in pauses:
            left = end - self._timer.clock.monotonic()
            if left <= 0 or self._is_whole(facts):
                break
            self.rest(min(pause, left), "the other events of one window")
            facts = self.again(facts, MEMBERS)
        return facts

    def _is_whole(self, facts: Facts) -> bool:
        group = facts.group
        if group.hold:
            return True
        if facts.eni is None or facts.instance is None or group.size is None or len(facts.eips) < group.size:
            return False
        moving = facts.eni.status.settles or any(eip.status.settles for eip in facts.eips)
        return not moving and not any(finding.blocks for finding in judged(facts))

    def after_window(self, facts: Facts, not_before: datetime) -> Facts:
        """Look once more when the window has ended; the same facts where it has ended already."""
        left = (not_before - self._timer.clock.now()).total_seconds()
        if left <= 0:
            return facts
        self.rest(min(left, LONGEST_GATHERING_S), "the end of the events' window")
        return self.last(facts)

    # --- what is in motion ---------------------------------------------------------------------------------

    def watched(self, wait: Wait, facts: Facts) -> Facts:
        """Watch what somebody else has set in motion, until it rests or has taken too long."""
        if wait.motion is Motion.OTHERS:
            self._journal.waited_for_others = True
            self.rest(LEFT_ALONE_S, wait.reason)
            return self.whole(facts)
        reading = {Reading.ENI} if wait.motion is Motion.ENI else {Reading.EIPS, Reading.BOUND}
        began = self._timer.clock.monotonic()
        # A run that waits in a chain has seen it for long enough already.
        limit = 0.0 if self._journal.chain is not None else LONGEST_MOTION_S[wait.motion.value]
        for pause in poll_pauses(1.0):
            if self._timer.clock.monotonic() - began > limit:
                self._journal.note(given_up=self._journal.course.given_up | set(wait.ids))
                return facts
            self.rest(pause, wait.reason)
            facts = self.again(facts, reading)
            course = self._journal.course
            now = next_step(facts, judged(facts, course.goal), course)
            if not isinstance(now, Wait) or now.motion is not wait.motion:
                break
        return self.again(facts, EVERYTHING - reading)

    def is_undoing(self, facts: Facts) -> bool:
        """Whether this run takes the group back."""
        return is_undoing(facts, self._journal.course.goal)


def _may_be_whole_soon(facts: Facts) -> bool:
    """Whether members are missing that the other events of a window bring.

    Without a size a group is never whole (its ENI tells whether it has one); and where all members are there,
    what stands in their way does not go with the next event.
    """
    group = facts.group
    if facts.eni is None:
        return True
    return group.size is not None and (facts.instance is None or len(facts.eips) < group.size)


def _lasts(error: CloudError) -> bool:
    """Whether a read that failed will fail again."""
    if not isinstance(error, RefusedError):
        return isinstance(error, TooLateError)
    return fate_of(error.action, error.code, error.http_status) in {Fate.NEVER, Fate.FACTS}
