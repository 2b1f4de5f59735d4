"""What an apply would do is told for groups that need one."""

from __future__ import annotations

from multieip.dataclass import replace
from multieip.reference.good_group import AFTER, BEFORE
from multieip.rules import evaluate
from multieip.runs.foresee import foresee


def test_advice_alone_needs_no_apply() -> None:
    """A group that serves is told nothing, whatever the vendor advises."""
    assert any(finding.bad for finding in evaluate(AFTER))

    assert foresee(AFTER, evaluate(AFTER)) is None


def test_what_is_broken_is_mended_by_the_plan_that_is_told() -> None:
    """An EIP that is not bound yet: its binding stands in the plan."""
    facts = replace(BEFORE, bound=())

    found = foresee(facts, evaluate(facts))

    assert found is not None
    assert found.plan is not None
    assert found.plan.steps
