"""The whole plan of a dry run: every first step in turn, each made from what the one before brings about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass, replace
from multieip.plan.decision import End, Ending, Wait, Write
from multieip.plan.effect import after
from multieip.plan.planner import next_step
from multieip.plan.steps import ConfigureGuest, Detach, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.plan.course import Course
    from multieip.plan.decision import Decision

_MOST_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do now, in order, and how it would end.

    `waits_for` is empty where the steps lead to the end; else it says what has to happen first, in words.
    `settling` is set when the one thing missing is time: the set of EIPs may still grow.
    """

    steps: tuple[Step, ...]
    end: End
    settling: bool = False

    @property
    def waits_for(self) -> str:
        """What has to happen before the group can be ready, in words; empty where nothing has."""
        return "" if self.end.ending in {Ending.DONE, Ending.RELEASED} else self.end.reason

    def as_json(self) -> dict[str, Any]:
        """Return the plan as data: every cloud call, and the guest's wanted set."""
        return {
            "steps": [_step_json(step) for step in self.steps],
            "waits_for": self.waits_for,
            "text": self.as_text(),
        }

    def as_text(self) -> str:
        """Return the plan for people, a line per step and per call."""
        lines: list[str] = []
        for number, step in enumerate(self.steps, 1):
            lines.append(f"{number}. {step.title}")
            for call in step.calls():
                params = " ".join(f"{name}={value}" for name, value in call.params.items())
                lines.append(f"     {call.product}.{call.action} {params}")
            if isinstance(step, ConfigureGuest):
                lines += [
                    f"     {w['address']} mask {w['mask']} gateway {w['gateway']}" for w in step.wanted()
                ]
        if not lines:
            lines.append("nothing to do")
        if self.waits_for:
            lines.append(f"then waits: {self.waits_for}")
        return "\n".join(lines)


def whole_plan(facts: Facts, judge: Callable[[Facts], Sequence[Finding]], course: Course) -> Plan:
    """Return every step that a run would take from these facts, in a cloud without trouble.

    `judge` gives the findings for facts. Where a run would wait for the set to settle, the way after that is
    shown too; where something is in motion, the way from there is not known yet.
    """
    steps: list[Step] = []
    settling = False
    while len(steps) < _MOST_STEPS:
        decision: Decision = next_step(facts, judge(facts), course)
        if isinstance(decision, Write):
            steps.append(decision.step)
            detaches = course.detaches + isinstance(decision.step, Detach)
            facts, course = after(decision.step, facts, replace(course, detaches=detaches))
        elif isinstance(decision, Wait):
            return Plan(tuple(steps), End(Ending.TIME, decision.reason), settling)
        elif decision.ending is Ending.SETTLING:
            settling = True
            course = replace(course, settled=True)
        else:
            return Plan(tuple(steps), decision, settling)
    raise AssertionError(f"a plan that does not end: {[type(step).__name__ for step in steps]}")


def _step_json(step: Step) -> dict[str, Any]:
    calls = [{"product": c.product, "action": c.action, "params": c.params} for c in step.calls()]
    body: dict[str, Any] = {"step": type(step).__name__, "title": step.title, "calls": calls}
    if isinstance(step, ConfigureGuest):
        body["wanted"] = step.wanted()
    return body
