"""The product's own s.yaml: three functions, and rules that want what `react` can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import EventTrigger, FunctionConfig, TimerTrigger, check_roles, read_functions
from multieip.events.cloud_call import SUCCEEDED
from multieip.events.table import ROWS, Row
from multieip.runs.sweep_request import SweepMode, read_sweep_request

ROOT = Path(__file__).parents[2]
APPLICATION = read_functions(ROOT / "s.yaml", {})
REACT = APPLICATION.functions["react"]


def wanting(event: dict[str, Any]) -> list[str]:
    """Return the names of the triggers that want the event."""
    return [
        each.name for each in REACT.triggers if isinstance(each, EventTrigger) and each.pattern.matches(event)
    ]


def sample(name: str) -> dict[str, Any]:
    """Return a sample event of the repository."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return event


def test_the_three_functions_are_there() -> None:
    """Names, time limits, and a queue for bind that knows task ids."""
    functions = APPLICATION.functions

    assert {name: (each.name, each.timeout_s) for name, each in functions.items()} == {
        "react": ("multi-eip-react", 60),
        "bind": ("multi-eip-bind", 600),
        "sweep": ("multi-eip-sweep", 900),
    }
    assert functions["bind"].asynchronous.task
    assert any(isinstance(each, TimerTrigger) for each in functions["sweep"].triggers)
    check_roles(APPLICATION)


def test_what_an_installation_rests_on_is_there() -> None:
    """A role for each, logs, tags, a place for failures, bind's own instances, a net with a cap."""
    functions = APPLICATION.functions

    assert len({each.role for each in functions.values()}) == 3
    assert functions["bind"].reserved_concurrency == 100
    for each in functions.values():
        assert each.described["logConfig"] == "auto"
        assert each.described["tags"] == [{"key": "app", "value": "multi-eip"}]
        assert each.asynchronous.on_failure.startswith("acs:mns:")
    (timer,) = [each for each in functions["sweep"].triggers if isinstance(each, TimerTrigger)]
    asked = read_sweep_request(json.loads(timer.payload))
    assert (asked.mode, asked.max_repairs) == (SweepMode.REPAIR, 10)


@pytest.mark.parametrize("function", APPLICATION.functions.values(), ids=lambda function: function.resource)
def test_every_function_runs_on_the_newest_settled_python(function: FunctionConfig) -> None:
    """3.10 is the newest without a preview mark."""
    assert (function.runtime, function.handler) == ("python3.10", "index.handler")
    assert function.code_dir == ROOT / "functions" / function.resource


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_event_of_the_table_is_wanted_once(row: Row) -> None:
    """Adding a row to the table without the rule would be silent."""
    for product in row.products:
        event: dict[str, Any] = {"source": f"acs.{product}", "type": f"{product}:ActionTrail:ApiCall"}
        if ":" in row.name:
            event |= {"type": row.name, "data": {"resourceId": "i-1", "result": "Failed"}}
        else:
            event |= {"data": {"eventName": row.name}}

        assert len(wanting(event)) == 1


@pytest.mark.parametrize(
    "name", ["failed-associate", "unrelated-read", "unrelated-product", "unrelated-create-disk"]
)
def test_what_react_would_skip_by_its_name_is_not_even_sent(name: str) -> None:
    """Failed calls, reads, foreign products and other writes cost no invocation."""
    assert wanting(sample(name)) == []


def test_a_purchase_in_the_console_is_wanted() -> None:
    """It is called Create and says little more."""
    assert wanting(sample("console-create")) == ["calls"]


@pytest.mark.parametrize(
    ("code", "arrives"), [("absent", True), ("", True), (None, True), ("Throttling", False)]
)
def test_a_successful_call_arrives_in_each_of_its_three_forms(code: str | None, arrives: bool) -> None:  # noqa: FBT001  a table
    """Case c01: no error code, an empty one, or null; a real one does not arrive."""
    event = sample("call-tag-resources")
    if code != "absent":
        event["data"]["errorCode"] = code

    assert wanting(event) == (["calls"] if arrives else [])


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("operation", "status", "result", "arrives"),
    [
        *[("AttachNetworkInterface", "InUse", result, False) for result in SUCCEEDED],
        *[("DetachNetworkInterface", "Available", result, False) for result in SUCCEEDED],
        ("AttachNetworkInterface", "Available", "Failed", True),
        ("DetachNetworkInterface", "InUse", "Failed", True),
        ("AttachNetworkInterface", "Available", "accomplished", True),
    ],
)
def test_operations_of_enis_arrive_only_where_they_went_wrong(
    operation: str,
    status: str,
    result: str,
    arrives: bool,  # noqa: FBT001  a table
    wrapped: bool,  # noqa: FBT001  a table
) -> None:
    """Our own attaching would start a second run otherwise; the fields are in `data` or in `data.content`."""
    event = sample("ecs-eni-operate-completed")
    fields = event["data"] | {"operation": operation, "eniStatus": status, "result": result}
    event["data"] = {"name": "NetworkInterface", "content": fields} if wrapped else fields

    assert len(wanting(event)) == arrives
