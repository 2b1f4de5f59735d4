"""The vendor's own clients, unmodified, against the functions of the local cloud."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fc2
import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions
from fc2.fc_exceptions import FcError as ClientError

from localcloud import FunctionOptions, Functions, LocalCloud, attach_functions, serving
from localcloud.guests import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURE = Path(__file__).parent / "fixtures" / "s.yaml"


class Served:
    """A cloud on a port, with a client of each version."""

    def __init__(self, cloud: LocalCloud, endpoint: str, functions: Functions) -> None:
        """Make the clients."""
        key = cloud.accounts.user_key
        self.cloud = cloud
        self.functions = functions
        self.fc2 = fc2.Client(endpoint=endpoint, accessKeyID=key.key_id, accessKeySecret=key.secret)
        self.fc3 = Client(
            Config(
                access_key_id=key.key_id,
                access_key_secret=key.secret,
                endpoint=endpoint.removeprefix("http://"),
                protocol="http",
                region_id="cn-shanghai",
            )
        )

    def invoke3(self, name: str, event: object, **headers: str) -> Any:  # noqa: ANN401 - the vendor's response
        """Invoke by the 3.0 client."""
        request = models.InvokeFunctionRequest(
            body=io.BytesIO(json.dumps(event).encode()), qualifier="LATEST"
        )
        named = models.InvokeFunctionHeaders(**headers)
        return self.fc3.invoke_function_with_options(name, request, named, RuntimeOptions())


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve a cloud with the fixture's functions."""
    cloud = LocalCloud(open_world("simulated"))
    with serving(cloud) as endpoint:
        functions = attach_functions(
            cloud, s_yaml=FIXTURE, react=False, endpoint=endpoint, options=FunctionOptions(environ={})
        )
        yield Served(cloud, endpoint, functions)
        functions.close()
    cloud.close()


def test_the_3_0_client_invokes_and_reads_tasks(served: Served) -> None:
    """Synchronous, asynchronous, the repeated id, and the task's record."""
    result = served.invoke3("fx-echo", {"a": 1}, x_fc_log_type="Tail")
    accepted = served.invoke3("fx-task", {"a": 2}, x_fc_invocation_type="Async", x_fc_async_task_id="t1")
    with pytest.raises(ClientException) as repeated:
        served.invoke3("fx-task", {"a": 2}, x_fc_invocation_type="Async", x_fc_async_task_id="t1")
    assert served.functions.wait_quiet(30)
    task = served.fc3.get_async_task("fx-task", "t1", models.GetAsyncTaskRequest()).body
    tasks = served.fc3.list_async_tasks("fx-task", models.ListAsyncTasksRequest()).body.tasks

    assert json.loads(result.body.read())["event"] == {"a": 1}
    assert result.headers["x-fc-log-result"]
    assert (accepted.status_code, accepted.headers["x-fc-async-task-id"]) == (202, "t1")
    assert repeated.value.status_code == 409
    assert (task.status, json.loads(task.return_payload)["event"]) == ("Succeeded", {"a": 2})
    assert [each.task_id for each in tasks] == ["t1"]


def test_tags_of_an_s_yaml_are_written_as_the_wire_has_them(served: Served) -> None:
    """An application writes `key` and `value`, the service answers `Key` and `Value`."""
    (tag,) = served.fc3.get_function("fx-echo", models.GetFunctionRequest()).body.tags

    assert (tag.key, tag.value) == ("app", "fixture")


def test_the_3_0_client_lists_and_is_refused(served: Served) -> None:
    """Functions and triggers are there; what is not there has the documented code."""
    functions = served.fc3.list_functions(models.ListFunctionsRequest()).body.functions
    triggers = served.fc3.list_triggers("fx-echo", models.ListTriggersRequest()).body.triggers
    with pytest.raises(ClientException) as missing:
        served.invoke3("nothing", {})

    assert [each.function_name for each in functions] == ["fx-echo", "fx-pushed", "fx-stateful", "fx-task"]
    assert [each.trigger_name for each in triggers] == ["eni", "hourly"]
    assert (missing.value.status_code, missing.value.code) == (404, "FunctionNotFound")


def test_the_2_0_client_invokes_by_service_and_function(served: Served) -> None:
    """The same functions, their service, the stateful header and the errors of 2.0."""
    logging.disable()  # this client logs every refusal itself
    task = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "z1"}
    try:
        context = served.fc2.invoke_function("multi-eip", "echo", payload=b'{"do": "context"}')
        accepted = served.fc2.invoke_function("multi-eip", "fx-task", payload=b"{}", headers=dict(task))
        with pytest.raises(ClientError) as repeated:
            served.fc2.invoke_function("multi-eip", "fx-task", payload=b"{}", headers=dict(task))
        with pytest.raises(ClientError) as failed:
            served.fc2.invoke_function("multi-eip", "echo", payload=b'{"do": "raise"}')
    finally:
        logging.disable(logging.NOTSET)

    assert json.loads(context.data)["service"] == "multi-eip"
    assert accepted.data == b""
    assert (repeated.value.status_code, repeated.value.err_code) == (
        409,
        "StatefulAsyncInvocationAlreadyExists",
    )
    assert "asked to fail" in failed.value.message


def test_a_conflict_may_be_another_than_a_repeated_task(served: Served) -> None:
    """On demand a 409 has another code; the task is not taken, and the next call is."""
    served.cloud.faults.add("InvokeFunction:conflict:code=ConcurrentUpdateError,times=1")

    with pytest.raises(ClientException) as caught:
        served.invoke3("fx-echo", {})
    assert (caught.value.status_code, caught.value.code) == (409, "ConcurrentUpdateError")
    assert served.invoke3("fx-echo", {}).status_code == 200
