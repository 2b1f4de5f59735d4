"""Triggers at work: rules on the event bus, and timers that fire by themselves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from localcloud.eventbridge import Rule
from localcloud.fc.cron import next_firing
from localcloud.fc.errors import FcError
from localcloud.fc.model import EventTrigger, TimerTrigger

if TYPE_CHECKING:
    from localcloud.eventbridge import EventBus
    from localcloud.eventbridge.bus import Pushed
    from localcloud.fc.registry import KeptTrigger
    from localcloud.fc.service import FunctionService

_LATEST: Final = "LATEST"
_LOG = logging.getLogger(__name__)


class Firing:
    """Starts and ends what triggers do; each call finds the function as it is deployed then."""

    def __init__(self, service: FunctionService, bus: EventBus, *, timers: bool) -> None:
        """Put rules on this bus; without `timers` they fire only when somebody asks for it."""
        self._service = service
        self._bus = bus
        self._timers = timers
        self._live: set[str] = set()

    def __call__(self, name: str, kept: KeptTrigger, begins: bool) -> None:  # noqa: FBT001 - a callback's form
        """Begin or end one trigger of a function."""
        trigger = kept.run
        match trigger:
            case EventTrigger() if begins and trigger.enabled:
                self._bus.add_rule(self._rule(name, trigger, kept))
            case EventTrigger():
                self._bus.remove_rule(f"{name}/{trigger.name}")
            case TimerTrigger() if begins and trigger.enabled and self._timers:
                self._live.add(kept.mark)
                self._wait(name, trigger, kept)
            case TimerTrigger():
                self._live.discard(kept.mark)

    def _rule(self, name: str, trigger: EventTrigger, kept: KeptTrigger) -> Rule:
        def push(event: bytes) -> Pushed:
            return self._service.push(name, trigger, event, _qualifier(kept))

        def give_up(event: bytes) -> None:
            if trigger.dead_letters:
                self._service.keep(trigger.dead_letters, event, f"dead letter of {name}/{trigger.name}")

        return Rule(f"{name}/{trigger.name}", trigger.pattern, name, push, trigger.retry, give_up)

    def _wait(self, name: str, trigger: TimerTrigger, kept: KeptTrigger) -> None:
        timeline = self._service.timeline
        due = next_firing(trigger.cron, timeline.now())
        if due is None:
            _LOG.warning("timer %s of %s never fires: %s", trigger.name, name, trigger.cron)
            return

        def fire() -> None:
            if kept.mark not in self._live:
                return
            self._wait(name, trigger, kept)
            try:
                function = self._service.find(name, qualifier=_qualifier(kept))
                self._service.fire_timer(function, trigger)
            except FcError as error:
                _LOG.warning("timer %s of %s did not fire: %s", trigger.name, name, error)

        timeline.after(due - timeline.now(), fire, background=True)


def _qualifier(kept: KeptTrigger) -> str:
    return str(kept.fields.get("qualifier") or _LATEST)
