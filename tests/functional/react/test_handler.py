"""The handler of `react`: real bytes in, a process of its own, the real SDKs over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.functional.operator import Operator

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.handlers import Functions


def test_an_event_becomes_a_task(functions: Functions) -> None:
    """A real event of the cloud, the real SDK's read, a real asynchronous invocation."""
    events: list[Json] = []
    functions.local.cloud.subscribe(events.append)
    Operator(functions.local.cloud).eni(functions.local.seeds, "web")
    event = next(each for each in events if each["data"].get("eventName") == "CreateNetworkInterface")

    answer = functions("react", event)

    assert [each["group"] for each in answer["started"]] == ["web"]
    assert [payload["cause"]["event"] for _, _, payload in functions.started] == [event["id"]]


def test_a_task_id_that_is_taken_collapses(functions: Functions) -> None:
    """Function Compute answers 409 for it; that is no failure."""
    events: list[Json] = []
    functions.local.cloud.subscribe(events.append)
    Operator(functions.local.cloud).eips(1, "web")
    functions.status = 409
    functions.code = "StatefulAsyncInvocationAlreadyExists"

    answer = functions("react", events[-1])

    assert (answer["started"], [each["group"] for each in answer["collapsed"]]) == ([], ["web"])


def test_react_fails_when_a_group_could_not_be_queued(functions: Functions) -> None:
    """The event is delivered again then; the error carries what was done."""
    events: list[Json] = []
    functions.local.cloud.subscribe(events.append)
    Operator(functions.local.cloud).eips(1, "web")
    functions.status = 403

    answer = functions("react", events[-1])

    assert answer["error"] == "RunFailedError"
    assert "bind of web in cn-shanghai was not started" in answer["message"]
