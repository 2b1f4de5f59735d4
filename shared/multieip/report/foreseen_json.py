"""What an apply would do, as data: call by call, with seconds, and how long each EIP would be away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.report.seconds import timed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.plan.steps import Step
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport
    from multieip.report.ways import Way


def foreseen_json(report: GroupReport, found: Sequence[Way]) -> Json | None:
    """Return the plan with its times; None where nobody looked ahead."""
    foreseen = report.foreseen
    if foreseen is None:
        return None
    if foreseen.plan is None:
        return {"steps": [], "waits_for": foreseen.waits_for, "only_if": "", "seconds": 0.0, "away": []}
    times = timed(foreseen.plan)
    steps = zip(foreseen.plan.steps, times.steps, strict=True)
    away = times.away
    return {
        "steps": [_step(step, seconds) for step, seconds in steps],
        "waits_for": foreseen.waits_for,
        "only_if": foreseen.only_if,
        "seconds": round(times.total, 1),
        "seconds_source": "assumed",
        "away": []
        if away is None
        else [
            {
                "eip": way.eip.id,
                "address": way.eip.address,
                "from": round(away[0], 1),
                "to": round(away[1], 1),
            }
            for way in found
            if way.works
        ],
    }


def _step(step: Step, seconds: float) -> Json:
    calls = [
        f"{call.product}.{call.action} " + " ".join(f"{name}={value}" for name, value in call.params.items())
        for call in step.calls()
    ]
    return {"title": step.title, "calls": calls, "seconds": seconds}
