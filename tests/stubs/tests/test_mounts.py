"""Function Compute behind the cloud's door: its calls know permissions, faults and latency too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, HttpRequest, HttpResponse, mock_cloud
from localcloud.fc import http
from tests.stubs.tests.raw import Acs3

if TYPE_CHECKING:
    from localcloud import MockCloud

PATH = "/2023-03-30/functions/f/invocations"


class Service:
    """A service that counts who came through to it."""

    def __init__(self, local: MockCloud) -> None:
        """Answer what Function Compute would."""
        self.local = local
        self.calls = 0
        local.cloud.mount(http.wants, self, action_of=lambda _request: "fc:InvokeFunction")

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        """Accept the call."""
        self.calls += 1
        return HttpResponse(202)

    def invoke(
        self, key_id: str = "LTAI5tLocalUser000000001", secret: str = "main-user-secret"
    ) -> HttpResponse:
        """Invoke a function with a signed call."""
        cloud = self.local.cloud
        return Acs3(cloud, "InvokeFunction", path=PATH, query={}, key_id=key_id, secret=secret).send()


@pytest.fixture
def service(local: MockCloud) -> Service:
    """Give a service on a cloud in virtual time."""
    return Service(local)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 429, "ResourceExhausted"),
        ("unavailable", 503, "ResourceThrottled"),
        ("internal", 500, "InternalServerError"),
        ("deny", 403, "AccessDenied"),
    ],
)
def test_faults_strike_invocations(service: Service, kind: str, status: int, code: str) -> None:
    """Once, with the codes of Function Compute's own table; the next call passes."""
    service.local.cloud.faults.add(f"InvokeFunction:{kind}:times=1")

    refused = service.invoke()

    assert (refused.status, json.loads(refused.body)["Code"], service.calls) == (status, code, 0)
    assert service.invoke().status == 202


@pytest.mark.parametrize(("kind", "reached"), [("reset-before", 0), ("reset-after", 1)])
def test_an_answer_can_be_lost(service: Service, kind: str, reached: int) -> None:
    """Before the function was reached, or after."""
    service.local.cloud.faults.add(f"InvokeFunction:{kind}:times=1")

    assert (service.invoke().drop, service.calls) == (True, reached)


def test_a_slow_answer_comes_late(service: Service) -> None:
    """By as many seconds as asked for."""
    service.local.cloud.faults.add("Invoke*:slow:seconds=3,times=1")

    assert service.invoke().delay_s == 3.0
    assert service.invoke().delay_s == 0.0


def test_a_policy_may_leave_invocations_out(service: Service) -> None:
    """A user whose policy lacks fc:InvokeFunction reaches no function."""
    key = service.local.cloud.accounts.add_user("bob", "LTAIbob", "secret", allow=("fc:Get*", "ecs:*"))

    refused = service.invoke(key_id=key.key_id, secret=key.secret)

    assert (refused.status, json.loads(refused.body)["Code"], service.calls) == (403, "AccessDenied", 0)


def test_unknown_keys_have_function_computes_code(service: Service) -> None:
    """The other products call it differently."""
    refused = service.invoke(key_id="LTAInobody")

    assert (refused.status, json.loads(refused.body)["Code"]) == (403, "InvalidAccessKeyID")


def test_the_realistic_profile_has_a_way_to_functions_too() -> None:
    """A round trip of about 40 ms."""
    with mock_cloud(CloudOptions(latency="realistic")) as local:
        assert 0.03 <= Service(local).invoke().delay_s <= 0.05
