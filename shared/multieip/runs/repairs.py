"""The runs that a sweep starts: drawn by lot among the groups that a run would change, up to a cap."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from multieip.errors import CloudError
from multieip.report.sweep_report import Repair
from multieip.runs.task import task_id

if TYPE_CHECKING:
    from multieip.log import Log
    from multieip.model.resources import Region
    from multieip.ports import Invoker


class Repairs:
    """Keeps who needs a run while groups are judged, and starts as many as may be."""

    def __init__(self, invoker: Invoker, log: Log, cause: str, most: int, already: int = 0) -> None:
        """`most` is the cap of the whole sweep, of which earlier parts have started `already`."""
        self._invoker = invoker
        self._log = log
        self._cause = cause
        self._most = most
        self.started = already
        self._due: list[tuple[Region, str, tuple[str, ...]]] = []

    def need(self, region: Region, group: str, rules: tuple[str, ...]) -> None:
        """Note a group that a run would change, with the rules that it breaks."""
        self._due.append((region, group, rules))

    def start(self) -> tuple[Repair, ...]:
        """Start what may be started and say what became of each."""
        # Not by name: with a cap, groups that never mend would keep the same others waiting for ever.
        self._due.sort(key=lambda each: _lot(self._cause, each[0], each[1]))
        return tuple(self._start(*each) for each in self._due)

    def _start(self, region: Region, group: str, rules: tuple[str, ...]) -> Repair:
        task = task_id("sweep", region, group, self._cause)
        outcome, reason = "left-over", f"more than max_repairs ({self._most}) groups need it"
        if self.started < self._most:
            outcome, reason = self._invoke(region, group, task)
            self.started += 1
        self._log.say("repair", region=region, group=group, outcome=outcome, task_id=task, reason=reason)
        return Repair(region, group, task, rules, outcome, reason)

    def _invoke(self, region: Region, group: str, task: str) -> tuple[str, str]:
        payload = {"region": region, "group": group, "action": "apply", "cause": {"sweep": self._cause}}
        try:
            fresh = self._invoker.start("bind", payload, task_id=task)
        except CloudError as error:
            return "failed", str(error)
        return ("started", "") if fresh else ("collapsed", "this sweep has already queued it")


def _lot(cause: str, region: str, group: str) -> str:
    return hashlib.sha256(f"{cause} {region} {group}".encode()).hexdigest()
