"""The handler of `sweep`: real bytes in, a process of its own, the real SDKs over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.functional.operator import Operator

if TYPE_CHECKING:
    from tests.functional.handlers import Functions


def test_a_timer_sweeps_and_repairs_through_function_compute(functions: Functions) -> None:
    """The payload in the timer's text is read, and the repair arrives at `bind` as a task."""
    hand = Operator(functions.local.cloud)
    hand.eni(functions.local.seeds, "web")
    hand.eips(2, "web")
    wish = {"mode": "repair", "regions": ["cn-shanghai"]}
    timer = {"triggerTime": "2026-11-20T04:00:00Z", "triggerName": "daily", "payload": json.dumps(wish)}

    report = functions("sweep", timer)

    assert (report["complete"], report["totals"]["groups"]) == (True, 1)
    ((path, task, payload),) = functions.started
    assert path == "/2023-03-30/functions/multi-eip-bind/invocations"
    assert task == report["repairs"]["groups"][0]["task_id"]
    assert payload["group"] == "web"


def test_a_sweep_of_all_regions_reads_those_that_offer_the_mode(functions: Functions) -> None:
    """Without wishes every open region is read, and none is missing."""
    report = functions("sweep", {})

    assert report["complete"] is True
    assert len(report["regions"]) >= 9
    assert "ap-south-1" not in {each["region"] for each in report["regions"]}


def test_a_sweep_that_could_read_nothing_fails(functions: Functions) -> None:
    """An empty report of nothing must not look like a clean cloud; the error carries the reasons."""
    answer = functions("sweep", {"regions": ["cn-nowhere"]})

    assert answer["error"] == "RunFailedError"
    assert "none of 1 regions could be read" in answer["message"]
    assert "cn-nowhere" in answer["message"]


def test_a_wrong_payload_is_refused_before_anything_is_read(functions: Functions) -> None:
    """A result, which nothing calls again; the message is for whoever typed it, and its echo is cut."""
    answer = functions("sweep", {"mode": "repare"})

    assert (answer["state"], answer["message"]) == (
        "refused",
        "sweep: mode 'repare': must be report or repair",
    )
    long = functions("sweep", {"mode": "x" * 10_000})
    assert long["state"] == "refused"
    assert len(long["message"]) < 200
    assert functions("react", {"group": "web"})["state"] == "refused"
    assert functions("bind", {"action": "aply", "group": "web"})["state"] == "refused"
