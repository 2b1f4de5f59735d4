"""Functions are deployed by the vendor's client, in the calls and the order of the deploying component."""

from __future__ import annotations

import base64
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import ClientException

from localcloud import HttpRequest
from localcloud.fc.http import FunctionApi
from localcloud.fc.model import AsyncConfig
from localcloud.fc.registry import Alias
from localcloud.vendor.check import response_differences
from localcloud.vendor.models import action_model
from tests.stubs.tests.fc.account import ROLE, Account, account, package, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from localcloud.fc.service import FunctionService

ENI_EVENTS = {
    "triggerEnable": True,
    "asyncInvocationType": True,
    "eventRuleFilterPattern": '{"source": ["acs.ecs"], "data": {"eventName": ["CreateNetworkInterface"]}}',
    "eventSourceConfig": {"eventSourceType": "Default"},
    "runOptions": {"mode": "event-driven", "errorsTolerance": "ALL"},
}


@pytest.fixture
def there() -> Iterator[Account]:
    """Open an empty account."""
    with account() as opened:
        yield opened


def code_of(call: Callable[[], object]) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    with pytest.raises(ClientException) as refused:
        call()
    return refused.value.status_code, refused.value.code


def create_eni(there: Account) -> None:
    """Do what ENI_EVENTS waits for, and let everything run that follows."""
    seeds = there.local.seeds
    place = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group}
    there.local.api.call("Ecs", "CreateNetworkInterface", {"RegionId": seeds.region, **place})
    there.functions.wait_quiet()


def test_a_deployment_as_the_component_does_it_runs_on_events(there: Account) -> None:
    """Look, upload, create, triggers, settings; then an event runs the uploaded zip."""
    get = lambda: there.fc3.get_function("fx", models.GetFunctionRequest())  # noqa: E731 - said twice
    assert code_of(get) == (404, "FunctionNotFound")

    token = there.bucket_token()
    bucket, name = token["ossBucket"], f"1234567890123456/{token['objectName']}"
    code = package("return {'seen': json.loads(event)['data']['eventName']}")
    assert there.upload(token["credentials"], bucket, name, code) == 200
    location = models.InputCodeLocation(oss_bucket_name=bucket, oss_object_name=name)
    body = models.CreateFunctionInput(
        function_name="fx", runtime="python3.10", handler="index.handler", code=location, role=ROLE
    )
    there.fc3.create_function(models.CreateFunctionRequest(body=body))
    there.trigger("fx", "eni", "eventbridge", ENI_EVENTS)
    settings = models.PutAsyncInvokeConfigInput(max_async_retry_attempts=1)
    there.fc3.put_async_invoke_config("fx", models.PutAsyncInvokeConfigRequest(body=settings))
    create_eni(there)

    assert there.ended("fx") == [{"seen": "CreateNetworkInterface"}]
    assert get().body.code_size == len(code)


def test_every_field_that_a_plan_compares_comes_back(there: Account) -> None:
    """As it was given, and with the defaults where nothing was."""
    given = {
        "description": "for a test",
        "cpu": 0.5,
        "memory_size": 1024,
        "disk_size": 512,
        "internet_access": False,
        "environment_variables": {"A": "1"},
        "role": ROLE,
        "log_config": models.LogConfig(project="p", logstore="s", enable_request_metrics=True),
    }
    there.create("full", package("return 1"), **given)
    there.create("bare", package("return 1"))

    full = there.fc3.get_function("full", models.GetFunctionRequest()).body
    bare = there.fc3.get_function("bare", models.GetFunctionRequest()).body.to_map()

    for name, value in given.items():
        found = getattr(full, name)
        assert found == value or found.to_map() == value.to_map(), name
    defaults = {"cpu": 0.35, "memorySize": 512, "diskSize": 512, "internetAccess": True, "description": ""}
    assert {name: bare[name] for name in defaults} == defaults
    assert (bare["state"], bare["lastUpdateStatus"]) == ("Active", "Successful")
    assert all(bare[name] for name in ("functionId", "codeChecksum", "createdTime", "lastModifiedTime"))


def test_the_checksum_is_the_one_that_the_component_computes(there: Account) -> None:
    """CRC-64 of ECMA-182, whose check value is public; a wrong one is refused."""
    from localcloud.fc.packages import checksum  # noqa: PLC0415 - a pure function, compared with a public value

    assert checksum(b"123456789") == str(0x995DC9BBDF1939FA)
    location = models.InputCodeLocation(zip_file=base64.b64encode(package("return 1")).decode(), checksum="7")
    body = models.CreateFunctionInput(
        function_name="fx", runtime="python3.10", handler="index.handler", code=location
    )
    assert code_of(lambda: there.fc3.create_function(models.CreateFunctionRequest(body=body)))[0] == 400


@pytest.mark.parametrize("deployed", [True, False])
def test_answers_are_what_the_models_say(there: Account, service: FunctionService, *, deployed: bool) -> None:
    """Each answer to a read, of what was deployed and of what an s.yaml holds."""
    if deployed:
        there.create("fx-echo", package("return 1"), log_config=models.LogConfig(project="p", logstore="s"))
        there.trigger("fx-echo", "eni", "eventbridge", ENI_EVENTS)
        service = there.functions.service
    api, registry = FunctionApi(service), service.registry
    registry.publish("fx-echo", "one")
    registry.put_alias("fx-echo", Alias("live", "1", weights={"LATEST": 0.5}), new=True)
    registry.set_async("fx-echo", "LATEST", AsyncConfig(on_failure="acs:mns:x"))
    registry.set_concurrency("fx-echo", 3)
    looked = set()
    for route in (each for each in api.routes if each.method == "GET" and "2023" in each.path.pattern):
        item = {"GetTrigger": "eni", "GetAlias": "live"}.get(route.action, "none")
        path = re.sub(
            r"\(\?P<item>[^)]*\)", item, re.sub(r"\(\?P<function>[^)]*\)", "fx-echo", route.path.pattern)
        )
        answer = api(HttpRequest("GET", path))
        if answer.status == 200:
            model = action_model("Fc", route.action)
            assert list(response_differences(model, json.loads(answer.body))) == [], route.action
            looked.add(route.action)

    assert {"GetFunction", "ListFunctions", "GetTrigger", "ListTriggers", "GetAlias", "ListAliases"} <= looked
    assert {"ListFunctionVersions", "GetAsyncInvokeConfig", "ListAsyncInvokeConfigs"} <= looked


def test_what_is_updated_runs_from_then_on(there: Account) -> None:
    """Code, settings and environment; what was not named stays."""
    there.create("fx", package("return ['old', os.environ.get('A'), context.function.timeout]"), timeout=30)
    assert there.invoke("fx") == ["old", None, 30]

    there.update("fx", package("return ['new', os.environ.get('A'), context.function.timeout]"))
    assert there.invoke("fx") == ["new", None, 30]

    there.update("fx", environment_variables={"A": "1"}, timeout=5)
    assert there.invoke("fx") == ["new", "1", 5]


def test_versions_and_aliases_keep_what_was_published(there: Account) -> None:
    """A number is what was there then; an alias names one, or parts its calls between two."""
    publish = lambda: there.fc3.publish_function_version("fx", models.PublishFunctionVersionRequest())  # noqa: E731
    there.create("fx", package("return [1, os.environ['FC_VER_ID']]"))
    first = publish().body.version_id
    there.update("fx", package("return [2, os.environ['FC_VER_ID']]"))
    second = publish().body.version_id
    alias = models.CreateAliasInput(alias_name="live", version_id=first)
    there.fc3.create_alias("fx", models.CreateAliasRequest(body=alias))

    assert [there.invoke("fx", qualifier=each) for each in ("LATEST", first, second, "live")] == [
        [2, "LATEST"],
        [1, first],
        [2, second],
        [1, first],
    ]
    parted = models.UpdateAliasInput(version_id=first, additional_version_weight={second: 0.5})
    there.fc3.update_alias("fx", "live", models.UpdateAliasRequest(body=parted))
    assert {there.invoke("fx", qualifier="live")[0] for _ in range(20)} == {1, 2}

    listed = there.fc3.list_function_versions("fx", models.ListFunctionVersionsRequest(limit=1)).body
    assert ([each.version_id for each in listed.versions], listed.next_token) == ([second], "1")
    assert code_of(lambda: there.fc3.delete_function_version("fx", first))[0] == 409
    assert code_of(lambda: there.fc3.get_alias("fx", "none")) == (404, "AliasNotFound")


def test_triggers_begin_and_end(there: Account) -> None:
    """A changed one is what counts, a removed one ends; what they were made with comes back."""
    there.create("fx", package("return 1"))
    made = there.trigger("fx", "eni", "eventbridge", ENI_EVENTS)
    assert json.loads(made.trigger_config) == ENI_EVENTS
    assert code_of(lambda: there.trigger("fx", "eni", "eventbridge", ENI_EVENTS)) == (
        409,
        "TriggerAlreadyExists",
    )

    off = models.UpdateTriggerInput(trigger_config=json.dumps({**ENI_EVENTS, "triggerEnable": False}))
    there.fc3.update_trigger("fx", "eni", models.UpdateTriggerRequest(body=off))
    create_eni(there)
    assert there.ended("fx") == []

    there.fc3.update_trigger(
        "fx",
        "eni",
        models.UpdateTriggerRequest(body=models.UpdateTriggerInput(trigger_config=json.dumps(ENI_EVENTS))),
    )
    create_eni(there)
    assert there.ended("fx") == [1]

    there.fc3.delete_trigger("fx", "eni")
    create_eni(there)
    assert there.ended("fx") == [1]
    assert code_of(lambda: there.fc3.get_trigger("fx", "eni")) == (404, "TriggerNotFound")


def test_timers_fire_by_themselves(there: Account) -> None:
    """As often as time passes, with what they were given; one that is removed fires no more."""
    there.create("fx", package("return [json.loads(event)['payload']]"))
    config = {"cronExpression": "@every 10m", "enable": True, "payload": "ten"}
    there.trigger("fx", "ten", "timer", config)
    there.functions.pass_time(3600)

    assert there.ended("fx") == [["ten"]] * 6

    there.fc3.delete_trigger("fx", "ten")
    there.functions.pass_time(3600)
    assert len(there.ended("fx")) == 6


def test_nobody_waits_for_a_timer(there: Account) -> None:
    """To be quiet is to have nothing left but timers."""
    there.create("fx", package("return 1"))
    there.trigger("fx", "hourly", "timer", {"cronExpression": "0 0 * * * *", "enable": True})

    assert there.functions.wait_quiet()
    assert there.ended("fx") == []


def test_a_package_runs_alone(there: Account) -> None:
    """On the Python of its runtime where this machine has it, without what is installed beside the tests."""
    body = (
        "try:\n    import yaml\n    found = True\nexcept ImportError:\n    found = False\n"
        "return [found, sys.version_info[0], sys.version_info[1], os.environ['FC_FUNC_CODE_PATH']]"
    )
    there.create("fx", package(body))
    found, major, minor, folder = there.invoke("fx")

    assert not found
    assert (major, minor) in {(3, 10), sys.version_info[:2]}
    assert folder != ""
    log = there.functions.service.journal.after(0)[-1].view()["log"]
    assert ((major, minor) == (3, 10)) == ("there is no python3.10" not in log)


def test_a_function_has_the_memory_that_it_was_given(there: Account) -> None:
    """One that wants more is ended, and the next call finds a new instance."""
    there.create(
        "fx", package("return len(bytearray(json.loads(event) * 1024 * 1024))"), memory_size=256, cpu=0.1
    )

    assert "exited unexpectedly" in there.invoke("fx", 600)["errorMessage"]
    assert there.invoke("fx", 10) == 10 * 1024 * 1024


def test_a_function_may_do_what_its_role_may(there: Account) -> None:
    """The role's policies are asked, by the key that the function was given."""
    there.create(
        "fx", package("c = context.credentials\nreturn [c.access_key_id, c.security_token]"), role=ROLE
    )
    key_id, token = there.invoke("fx")
    key = there.local.cloud.keys.find(key_id)
    there.local.cloud.accounts.grant(ROLE, {"Version": "1", "Statement": []})

    assert (key.token, key.identity.name) == (token, "deployed")
    with pytest.raises(Exception, match=r"Forbidden\.RAM"):
        there.local.cloud.api(key).call("Vpc", "DescribeEipAddresses", {"RegionId": "cn-shanghai"})


def test_what_could_not_be_delivered_is_kept(there: Account) -> None:
    """Dead letters of events, and what destinations receive, by the ARN that they were to go to."""
    queue = "acs:mns:cn-shanghai:1234567890123456:/queues/dead/messages"
    there.create("fx", package("raise ValueError('no')"))
    config: dict[str, Any] = {**ENI_EVENTS, "asyncInvocationType": False}
    config["runOptions"] = {"deadLetterQueue": {"Arn": queue}}
    there.trigger("fx", "eni", "eventbridge", config)
    create_eni(there)

    (letter,) = there.functions.kept(queue)
    assert json.loads(letter)["data"]["eventName"] == "CreateNetworkInterface"

    failed = models.DestinationConfig(on_failure=models.Destination(destination=f"{queue}2"))
    settings = models.PutAsyncInvokeConfigInput(max_async_retry_attempts=0, destination_config=failed)
    there.fc3.put_async_invoke_config("fx", models.PutAsyncInvokeConfigRequest(body=settings))
    function = there.functions.service.find("fx")
    there.functions.service.enqueue(there.functions.service.request(function, b"1"))
    there.functions.wait_quiet()

    (message,) = there.functions.kept(f"{queue}2")
    assert json.loads(message)["requestContext"]["condition"] == "UnhandledInvocationError"
    lines = [entry.view() for entry in there.functions.service.journal.after(0)]
    assert [line["target"] for line in lines if line["kind"] == "kept"] == [queue, f"{queue}2"]


def test_a_function_that_is_deleted_is_gone(there: Account) -> None:
    """Not before what hangs on it; then it is found no more, and its name is free."""
    there.create("fx", package("return 1"))
    there.trigger("fx", "eni", "eventbridge", ENI_EVENTS)
    assert code_of(lambda: there.fc3.delete_function("fx")) == (412, "FunctionNotEmpty")

    there.fc3.delete_trigger("fx", "eni")
    there.fc3.delete_function("fx")
    assert code_of(lambda: there.invoke("fx")) == (404, "FunctionNotFound")
    there.create("fx", package("return 2"))
    assert there.invoke("fx") == 2


def test_concurrency_is_reserved_and_given_back(there: Account) -> None:
    """None reserved is none to run with."""
    there.create("fx", package("return 1"))
    body = models.PutConcurrencyInput(reserved_concurrency=0)
    there.fc3.put_concurrency_config("fx", models.PutConcurrencyConfigRequest(body=body))
    assert there.fc3.get_concurrency_config("fx").body.reserved_concurrency == 0
    assert code_of(lambda: there.invoke("fx"))[0] == 429

    there.fc3.delete_concurrency_config("fx")
    assert there.invoke("fx") == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"timeout": 0}, "timeout"),
        ({"memory_size": 100}, "memorySize"),
        ({"disk_size": 1024}, "diskSize is 1024, it is 512 or 10240"),
        ({"cpu": 0.33}, "steps of 0.05"),
        ({"cpu": 2.0}, "1 to 4 GB"),
        ({"runtime": "python3.11"}, "python3.11"),
        ({"role": "multi-eip"}, "is no ARN"),
        ({"environment_variables": {"FC_X": "1"}}, "FC_X"),
        ({"handler": "index"}, "handler"),
    ],
)
def test_what_the_cloud_would_refuse_is_refused(there: Account, fields: dict[str, Any], words: str) -> None:
    """With the field's name, before anything is made."""
    with pytest.raises(ClientException, match=words):
        there.create("fx", package("return 1"), **fields)
    assert there.fc3.list_functions(models.ListFunctionsRequest()).body.functions == []


@pytest.mark.parametrize("code", [b"no zip", zipped({"../out.py": ""})], ids=["no zip", "a path outside"])
def test_a_package_that_cannot_be_unpacked_is_refused(there: Account, code: bytes) -> None:
    """No zip, or one that leaves its folder."""
    assert code_of(lambda: there.create("fx", code)) == (400, "InvalidArgument")


# The vendor's client leaves the file of the package open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_2_0_client_deploys_too(there: Account, tmp_path: Path) -> None:
    """A service, a function in it with its package, a trigger; the service's role is the function's."""
    there.fc2.create_service("svc", role=ROLE)
    file = tmp_path / "code.zip"
    file.write_bytes(package("return [os.environ['FC_SERVICE_NAME'], context.service.name]"))
    there.fc2.create_function("svc", "fx", "python3.10", "index.handler", codeZipFile=str(file))
    there.fc2.create_trigger(
        "svc", "fx", "t", "timer", {"cronExpression": "@every 1h", "enable": True}, None, None
    )

    there.fc2.put_function_async_invoke_config("svc", "LATEST", "fx", {"maxAsyncRetryAttempts": 1})

    assert json.loads(there.fc2.invoke_function("svc", "fx", payload=b"1").data) == ["svc", "svc"]
    settings = there.fc2.get_function_async_invoke_config("svc", "LATEST", "fx").data
    assert (settings["maxAsyncRetryAttempts"], settings["statefulInvocation"]) == (1, False)
    assert there.fc2.get_trigger("svc", "fx", "t").data["triggerConfig"]["cronExpression"] == "@every 1h"
    assert [each["functionName"] for each in there.fc2.list_functions("svc").data["functions"]] == ["fx"]
    there.fc2.delete_trigger("svc", "fx", "t")
    there.fc2.delete_function("svc", "fx")
    there.fc2.delete_service("svc")


def test_the_place_for_logs_is_made_once(there: Account) -> None:
    """As `logConfig: auto` asks for it: project, logstore, index; each is looked for first."""
    look = [("GET", "/"), ("GET", "/logstores/all"), ("GET", "/logstores/all/index")]
    # The project is made by its region's host: it has none of its own yet.
    make = [("", "/"), ("serverless-test", "/logstores"), ("serverless-test", "/logstores/all/index")]
    codes = ["ProjectNotExist", "LogStoreNotExist", "IndexConfigNotExist"]

    for (method, path), code, creation in zip(look, codes, make, strict=True):
        status, body = there.log_service("serverless-test", method, path)
        assert (status, json.loads(body)["errorCode"]) == (404, code)
        where, called = creation
        fields = {"projectName": "serverless-test", "logstoreName": "all"}
        made = there.log_service(where, "POST", called, fields)
        assert made[0] == 200
        assert there.log_service("serverless-test", method, path)[0] == 200


def test_the_log_service_checks_signatures(there: Account) -> None:
    """A wrong one is refused."""
    assert there.log_service("serverless-test", "GET", "/", secret="wrong")[0] == 403


@pytest.mark.parametrize("path", ["/logstores/all/index?type=log", "/logstores", "/elsewhere"])
def test_what_the_log_service_does_not_do_is_refused(there: Account, path: str) -> None:
    """No call is answered as if it had done something."""
    status, body = there.log_service("serverless-test", "GET", path)

    assert (status, json.loads(body)["errorCode"]) == (404, "NotSupported")


def test_a_package_with_a_trust_store_of_its_own_trusts_who_it_is_told_to(there: Account) -> None:
    """With --hosts the local cloud's authority; what the package trusted before stays."""
    there.functions.trust(b"the local cloud")
    code = "def handler(event, context):\n    return open('vendored/cacert.pem').read().split('\\n')\n"
    there.create("fx", zipped({"index.py": code, "vendored/cacert.pem": "others"}))

    assert there.invoke("fx") == ["others", "the local cloud"]
