"""Who has to decide something hears of it by the robot, each group at most once a day.

Nothing is remembered here: what reaches the robot is a task of its own, a dry run of the group with an id
that is the same all day, and Function Compute starts a task with the same id once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.errors import CloudError
from multieip.plan.steps import ConfigureGuest, MarkRefused
from multieip.runs.bind_result import WANTED_UNDONE, RunState
from multieip.runs.task import group_digest, task_id

if TYPE_CHECKING:
    from multieip.log import Log
    from multieip.model.resources import GroupName, Region
    from multieip.ports import Clock, Invoker, Json
    from multieip.runs.bind_result import RunResult

MOST_TEXT: Final = 1_000
"""A message is read on a phone; the page has the rest."""


@dataclass(frozen=True, slots=True)
class PersonCaller:
    """Starts the task that tells of a group; `account` and `prefix` are those of the installation."""

    invoker: Invoker
    clock: Clock
    log: Log
    account: str
    prefix: str

    def call(self, region: Region, group: GroupName, why: str) -> None:
        """Let the robot hear why the group waits, unless it has heard of the group today."""
        day = self.clock.now().date().isoformat()
        name = task_id("person", region, group_digest(self.account, region, self.prefix, group), day)
        payload: Json = {"region": region, "group": group, "action": "plan", "tell": why[:MOST_TEXT]}
        try:
            fresh = self.invoker.start("bind", payload, task_id=name)
        except CloudError as error:
            self.log.say("not told", level="warning", group=group, reason=str(error))
            return
        self.log.say("person called", group=group, task=name, fresh=fresh, reason=why)


def why_a_person(result: RunResult) -> str:
    """Return why the group waits for a person after this run; empty where it does not."""
    left = result.left_detached not in {None, WANTED_UNDONE} and not (
        result.continues_as or result.waits_with
    )
    return result.message if result.state is RunState.BLOCKED or left or result.gave_up else ""


def still_waits(result: RunResult) -> bool:
    """Whether a dry run finds that somebody still has to do something."""
    if result.plan is None:
        return result.state is not RunState.HELD
    # To read back, or to set a mark, changes nothing for anybody.
    changes = any(not isinstance(step, ConfigureGuest | MarkRefused) for step in result.plan.steps)
    return changes or bool(result.message)
