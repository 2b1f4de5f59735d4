"""What functions wrote is read where their `logConfig` says, and they run in roles that RAM's API made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_fc20230330 import models

from localcloud.accounts.roles import FUNCTION_COMPUTE
from tests.stubs.tests.fc.account import Account, account, package
from tests.stubs.tests.fc.test_deploying import code_of
from tests.stubs.tests.test_ram import trust

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = "serverless-test"
EVER = "from=0&to=99999999999"


@pytest.fixture
def there() -> Iterator[Account]:
    """Open an empty account."""
    with account() as opened:
        yield opened


def rows(there: Account, store: str, **more: str) -> list[dict[str, Any]]:
    """Read logs, with the parameters in the order in which they are signed."""
    asked = "&".join(sorted([*EVER.split("&"), "type=log", *(f"{k}={v}" for k, v in more.items())]))
    status, body = there.log_service(PROJECT, "GET", f"/logstores/{store}?{asked}")
    assert status == 200, body
    found: list[dict[str, Any]] = json.loads(body)
    return found


def test_logs_are_read_where_a_function_writes_them(there: Account) -> None:
    """Of its logstore and no other, by topic, in pages, in either order."""
    there.log_service("", "POST", "/", {"projectName": PROJECT})
    for store in ("all", "empty"):
        there.log_service(PROJECT, "POST", "/logstores", {"logstoreName": store})
        there.log_service(PROJECT, "POST", f"/logstores/{store}/index", {})
    place = models.LogConfig(project=PROJECT, logstore="all")
    for name in ("one", "two"):
        there.create(name, package(f"print('said by {name}')"), log_config=place)
        there.invoke(name)
    there.create("silent", package("print('kept nowhere')"))
    there.invoke("silent")

    said = [row["message"] for row in rows(there, "all") if row["message"].startswith(("said", "kept"))]
    of_two = rows(there, "all", topic="FCLogs:two")

    assert said == ["said by one", "said by two"]
    assert {row["functionName"] for row in of_two} == {"two"}
    assert rows(there, "empty") == []
    assert rows(there, "all", line="1", offset="1") == rows(there, "all")[1:2]
    assert rows(there, "all", reverse="true") == rows(there, "all")[::-1]


@pytest.mark.parametrize(
    ("service", "runs"), [(FUNCTION_COMPUTE, True), ("ecs.aliyuncs.com", False)], ids=["trusted", "not"]
)
def test_a_function_runs_in_a_role_that_trusts_function_compute(
    there: Account, service: str, *, runs: bool
) -> None:
    """With another trust the role is not taken on, and the call is refused."""
    ram = there.local.cloud.api()
    ram.call("Ram", "CreateRole", {"RoleName": "fx", "AssumeRolePolicyDocument": trust(service)})
    there.create(
        "fx",
        package("return bool(context.credentials.security_token)"),
        role="acs:ram::1234567890123456:role/fx",
    )

    if runs:
        assert there.invoke("fx") is True
    else:
        assert code_of(lambda: there.invoke("fx")) == (403, "AccessDenied")
