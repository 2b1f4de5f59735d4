"""Something that happens between two calls of a run: what makes the difference between a look and a write."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Api, Json, Product


class KilledError(BaseException):
    """The process is gone: nothing of it may catch this."""


@dataclass
class Plan:
    """What happens before or after one call of an action."""

    action: str
    number: int
    what: Callable[[], object]
    after: bool


@dataclass
class Between:
    """Passes calls on; at chosen ones something else happens first, or follows, or the process dies."""

    inner: Api
    plans: list[Plan] = field(default_factory=list)
    answers: dict[str, Callable[[Json], Json]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def before(self, action: str, what: Callable[[], object], *, number: int = 1) -> Between:
        """Let something happen right before the n-th call of this action."""
        self.plans.append(Plan(action, number, what, after=False))
        return self

    def after(self, action: str, what: Callable[[], object], *, number: int = 1) -> Between:
        """Let something happen right after the n-th call of this action took effect."""
        self.plans.append(Plan(action, number, what, after=True))
        return self

    def killed_after(self, action: str, *, number: int = 1) -> Between:
        """Let the process die right after the n-th call of this action took effect."""
        return self.after(action, _die, number=number)

    def answer(self, action: str, change: Callable[[Json], Json]) -> Between:
        """Let every answer of this action arrive changed."""
        self.answers[action] = change
        return self

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        with self.lock:
            self.seen[action] = number = self.seen.get(action, 0) + 1
            self.sent.append((action, params))
            due = [plan for plan in self.plans if (plan.action, plan.number) == (action, number)]
        for plan in due:
            if not plan.after:
                plan.what()
        answer = self.inner.call(product, action, params)
        for plan in due:
            if plan.after:
                plan.what()
        return self.answers[action](answer) if action in self.answers else answer

    def actions(self) -> list[str]:
        """Return the actions that were sent, in order."""
        return [action for action, _ in self.sent]


def _die() -> None:
    raise KilledError
