"""What the local cloud does not have of Function Compute is refused by name, to the vendor's own clients."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import fc2
import pytest
from alibabacloud_fc20230330 import client, models
from alibabacloud_tea_openapi.exceptions import ClientException

from localcloud.catalogue import FUNCTION_COMPUTE
from tests.stubs.tests.fc.account import Account, account, package

if TYPE_CHECKING:
    from collections.abc import Iterator


def _actions_of_the_client() -> dict[str, str]:
    """Return each action of the vendor's client for 3.0, and the name of its method."""
    found = {}
    for name, method in inspect.getmembers(client.Client, inspect.isfunction):
        match = re.search(r"action = '(\w+)'", inspect.getsource(method))
        if match and name.endswith("_with_options"):
            found[match[1]] = name.removesuffix("_with_options")
    return found


CALLS = _actions_of_the_client()
REFUSED = sorted(set(CALLS) - FUNCTION_COMPUTE)


@pytest.fixture(scope="module")
def there() -> Iterator[Account]:
    """Open an account that nothing is changed in: every call of these tests is refused."""
    with account() as opened:
        opened.create("fx", package("return 1"))
        yield opened


def _arguments(method: Any) -> list[Any]:  # noqa: ANN401 - any method of the vendor's
    """Return something for each parameter: a name, or an empty request with an empty body."""
    given: list[Any] = []
    for parameter in inspect.signature(method).parameters.values():
        kind = str(parameter.annotation)
        if "models." not in kind and "main_models" not in kind and not kind.endswith("Request"):
            given.append("fx")
            continue
        request = getattr(models, kind.rpartition(".")[2])
        fields = inspect.signature(request).parameters
        given.append(request(**({"body": _body(fields["body"])} if "body" in fields else {})))
    return given


def _body(parameter: inspect.Parameter) -> Any:  # noqa: ANN401 - any model of the vendor's
    return getattr(models, str(parameter.annotation).rpartition(".")[2].strip("'\""))()


def test_most_of_the_client_is_served() -> None:
    """The rest is what the next test walks through."""
    assert len(REFUSED) == 37
    assert len(CALLS) - len(REFUSED) > 30


@pytest.mark.parametrize("action", REFUSED)
def test_a_call_that_is_not_served_is_refused_by_its_name(there: Account, action: str) -> None:
    """Not as a path that nobody knows: who reads the message knows what is missing."""
    method = getattr(there.fc3, CALLS[action])
    with pytest.raises(ClientException) as refused:
        method(*_arguments(method))

    assert (refused.value.status_code, refused.value.code) == (400, "PathNotSupported")
    assert f"{action} is not supported here" in str(refused.value)


@pytest.mark.parametrize(
    ("action", "method", "arguments"),
    [
        ("GetProvisionConfig", "get_provision_config", ("svc", "live", "fx")),
        ("PutProvisionConfig", "put_provision_config", ("svc", "live", "fx", 1)),
        ("ListProvisionConfigs", "list_provision_configs", ("svc", "live")),
        ("PutOnDemandConfig", "put_on_demand_config", ("svc", "live", "fx", 1)),
        ("GetOnDemandConfig", "get_on_demand_config", ("svc", "live", "fx")),
        ("DeleteOnDemandConfig", "delete_on_demand_config", ("svc", "live", "fx")),
        ("ListOnDemandConfigs", "list_on_demand_config", ()),
        ("ListCustomDomains", "list_custom_domains", ()),
        ("CreateCustomDomain", "create_custom_domain", ("example.com", "HTTP")),
        ("GetCustomDomain", "get_custom_domain", ("example.com",)),
        ("TagResource", "tag_resource", ("services/svc", {"a": "b"})),
        ("GetResourceTags", "get_resource_tags", ("services/svc",)),
        ("ListReservedCapacities", "list_reserved_capacities", ()),
        ("GetAccountSettings", "get_account_settings", ()),
        ("ListInstances", "list_instances", ("svc", "LATEST", "fx")),
        ("InvokeFunction", "do_http_request", ("GET", "svc", "fx", "/")),
    ],
)
def test_a_call_of_2_0_that_is_not_served_is_refused_by_its_name(
    there: Account, action: str, method: str, arguments: tuple[Any, ...]
) -> None:
    """The call of an HTTP trigger among them: its client does not raise, it shows the answer."""
    try:
        shown = getattr(there.fc2, method)(*arguments)
    except fc2.FcError as error:
        said = str(error)
    else:
        said = shown.text

    assert '"ErrorCode": "PathNotSupported"' in said.replace("'", '"')
    assert f"{action} is not supported here" in said


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("http", {"authType": "anonymous", "methods": ["GET"]}),
        ("oss", {"events": ["oss:ObjectCreated:*"]}),
        ("log", {"sourceConfig": {"logstore": "x"}}),
        ("eventbridge", {"eventSourceConfig": {"eventSourceType": "MNS"}, "eventRuleFilterPattern": "{}"}),
    ],
)
def test_a_trigger_that_would_never_fire_is_refused(
    there: Account, kind: str, config: dict[str, Any]
) -> None:
    """Made by neither version's client."""
    with pytest.raises(ClientException, match="PathNotSupported"):
        there.trigger("fx", "t", kind, config)
    with pytest.raises(fc2.FcError, match="PathNotSupported"):
        there.fc2.create_trigger("multi-eip", "fx", "t", kind, config, None, None)

    assert there.fc3.list_triggers("fx", models.ListTriggersRequest()).body.triggers == []


def test_layers_are_refused(there: Account) -> None:
    """A function that would not find its packages is not made, nor changed into one."""
    layer = "acs:fc:cn-shanghai:1234567890123456:layers/base/versions/1"
    for make in (
        lambda: there.create("other", package("return 1"), layers=[layer]),
        lambda: there.update("fx", layers=[layer]),
    ):
        with pytest.raises(ClientException, match="layers are not supported here"):
            make()

    names = [
        each.function_name for each in there.fc3.list_functions(models.ListFunctionsRequest()).body.functions
    ]
    assert names == ["fx"]
    assert not there.fc3.get_function("fx", models.GetFunctionRequest()).body.layers
