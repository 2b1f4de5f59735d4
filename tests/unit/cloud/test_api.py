"""The adapter on the vendor's SDK, over real HTTP: what is retried, what is lost, what is sent."""

from __future__ import annotations

import base64
import socket
import traceback
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import HttpRequest, HttpResponse, VirtualClock
from multieip.cloud.api import CallLimits, SdkApi
from multieip.cloud.credentials import Credentials
from multieip.cloud.rates import MINUTE_S, SPREAD_S, minute_of
from multieip.errors import LostAnswerError, RefusedError
from multieip.log import CallLog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localcloud import AccessKey, MockCloud
    from multieip.ports import Json

_REGION = "cn-shanghai"
_READ = {"RegionId": _REGION}
CANARIES = ("LTAICanaryOfTheKeyId", "canary-of-the-secret", "canary-of-the-token")
REFUSALS: list[Json] = [
    {"http": 400, "Code": "ServiceUnavailable"},
    {"http": 400, "Code": "SystemBusy"},
    {"http": 400, "Code": "UnknownError"},
    {"http": 400, "Code": "SignatureNonceUsed"},
    {"http": 409, "Code": "OperationConflict"},
    {"http": 429, "Code": "TooManyRequests"},
]


class Client:
    """The adapter, on a clock that nobody waits for, with the calls that it counted."""

    def __init__(
        self, endpoint: str, key: AccessKey, *, limits: CallLimits | None = None, token: str | None = None
    ) -> None:
        """Call `endpoint` as the owner of `key`."""
        # Some waits end with the minute: it begins ten seconds before, whatever the time of day.
        self.clock = VirtualClock(datetime(2026, 11, 1, 12, 0, 10, tzinfo=timezone.utc))
        self.calls = CallLog()
        given = Credentials(key.key_id, key.secret, key.token if token is None else token)
        self.api = SdkApi(lambda: given, self.clock, self.calls, endpoint=endpoint, limits=limits)

    def read(self) -> dict[str, Any]:
        """Read the EIPs of the region."""
        return self.api.call("Vpc", "DescribeEipAddresses", _READ)


def _client(local: MockCloud, **more: Any) -> Client:  # noqa: ANN401  keywords of Client
    return Client(local.endpoint, local.cloud.accounts.user_key, **more)


def test_a_read_is_answered_and_counted(local_cloud_http: MockCloud) -> None:
    """Signed by the SDK, decoded, one call."""
    client = _client(local_cloud_http)

    assert client.read()["TotalCount"] == 0
    assert client.calls.by_action() == {"Vpc.DescribeEipAddresses": 1}


def test_every_product_has_its_request(local_cloud_http: MockCloud) -> None:
    """ECS answers XML unless it is asked for JSON; STS has no request classes."""
    api = _client(local_cloud_http).api

    assert "Instances" in api.call("Ecs", "DescribeInstances", _READ)
    assert "AccountId" in api.call("Sts", "GetCallerIdentity", {})


@pytest.mark.parametrize("code", ["Throttling", "Throttling.User", "Throttling.Api"])
def test_throttling_is_waited_out_for_reads(local_cloud_http: MockCloud, code: str) -> None:
    """Twice in a row it is the limit of a whole minute: the next try is in the next one, never in between."""
    local_cloud_http.cloud.faults.add(f"DescribeEipAddresses:throttle:code={code},times=2")
    client = _client(local_cloud_http)
    began = minute_of(client.clock.now().timestamp())

    client.read()

    assert client.calls.total == 3
    now = client.clock.now().timestamp()
    assert (minute_of(now), now % MINUTE_S < SPREAD_S) == (began + 1, True)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal["Code"])
def test_what_passes_by_itself_is_waited_out_for_reads(local_cloud_http: MockCloud, refusal: Json) -> None:
    """Case c06: one table decides, whatever the HTTP status beside the code."""
    fault = f"error:code={refusal['Code']},status={refusal['http']},message=x,times=2"
    local_cloud_http.cloud.faults.add(f"DescribeEipAddresses:{fault}")
    client = _client(local_cloud_http)

    assert client.read()["TotalCount"] == 0
    assert client.calls.total == 3


@pytest.mark.parametrize(
    "fault", ["internal:times=2", "unavailable:times=2", "reset-before:times=2", "throttle:times=2"]
)
def test_reads_are_tried_again_and_writes_are_sent_once(local_cloud_http: MockCloud, fault: str) -> None:
    """What a write rests on may have changed meanwhile: its caller looks again first, token or not."""
    for action in ("DescribeEipAddresses", "AllocateEipAddress"):
        local_cloud_http.cloud.faults.add(f"{action}:{fault}")
    client = _client(local_cloud_http)

    client.read()
    assert client.calls.total == 3
    with pytest.raises((RefusedError, LostAnswerError)):
        client.api.call("Vpc", "AllocateEipAddress", {**_READ, "ClientToken": "one-token"})
    assert client.calls.by_action()["Vpc.AllocateEipAddress"] == 1


def test_pages_that_are_too_deep_are_not_asked_for_again(local_cloud_http: MockCloud) -> None:
    """The code looks like throttling, and never passes."""
    fault = "error:code=Throttling.DeepPageSkip,status=400,message=x"
    local_cloud_http.cloud.faults.add(f"DescribeEipAddresses:{fault}")
    client = _client(local_cloud_http)

    with pytest.raises(RefusedError, match="DeepPageSkip"):
        client.read()
    assert client.calls.total == 1


def test_what_sends_and_what_jitters_may_come_from_outside() -> None:
    """A simulation sends elsewhere and draws its own luck; an answer's lone surrogates are written out."""
    answers: list[Exception | Json] = [LostAnswerError("x", "no answer"), {"Tags": "fine"}]
    sent: list[tuple[str, str]] = []

    def send(product: str, action: str, _params: Mapping[str, str]) -> Json:
        sent.append((product, action))
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    clock, given = VirtualClock(), Credentials("id", "secret")
    api = SdkApi(lambda: given, clock, CallLog(), send=send, jitter=lambda _low, high: high)

    assert api.call("Vpc", "DescribeEipAddresses", _READ) == {"Tags": "fine"}
    assert sent == [("Vpc", "DescribeEipAddresses")] * 2
    assert clock.monotonic() == 0.5


def test_a_signature_error_without_a_colon_is_a_refusal(local_cloud_http: MockCloud) -> None:
    """The vendor's SDK dies of it with an IndexError."""
    fault = "error:code=SignatureDoesNotMatch,status=400,message=no colon here"
    local_cloud_http.cloud.faults.add(f"DescribeEipAddresses:{fault}")

    with pytest.raises(RefusedError) as refused:
        _client(local_cloud_http).read()
    assert refused.value.code == "SignatureDoesNotMatch"


def test_a_refusal_carries_code_words_status_and_request_id(local_cloud_http: MockCloud) -> None:
    """What the vendor's support asks for; and it is not repeated."""
    client = _client(local_cloud_http)

    with pytest.raises(RefusedError) as raised:
        client.api.call("Vpc", "ReleaseEipAddress", {**_READ, "AllocationId": "eip-nowhere"})

    assert raised.value.code == "InvalidAllocationId.NotFound"
    assert raised.value.http_status == 404
    assert raised.value.request_id
    assert client.calls.total == 1


@pytest.mark.parametrize("begins_at", [0.0, 13.0, 29.0, 47.0, 59.0])
@pytest.mark.parametrize("now", [0, 10, 35, 59])
def test_a_read_is_answered_whenever_the_minutes_of_the_cloud_begin(begins_at: float, now: int) -> None:
    """The limit of one of its minutes is used up: the first of the next one answers, in few tries."""
    clock = VirtualClock(datetime(2026, 11, 1, 12, 0, now, tzinfo=timezone.utc))
    used_up = minute_of(clock.now().timestamp() - begins_at)

    def send(_product: str, action: str, _params: Mapping[str, str]) -> dict[str, Any]:
        if minute_of(clock.now().timestamp() - begins_at) == used_up:
            raise RefusedError(action, "Throttling.User", "Request was denied.", http_status=400)
        return {"TotalCount": 0}

    calls = CallLog()
    api = SdkApi(lambda: Credentials(*CANARIES), clock, calls, send=send)

    assert api.call("Vpc", "DescribeEipAddresses", _READ) == {"TotalCount": 0}
    assert clock.monotonic() <= MINUTE_S + SPREAD_S + 1.0
    assert calls.total <= 4


def test_a_call_gives_up_at_its_deadline(local_cloud_http: MockCloud) -> None:
    """Throttled for ever: the last refusal is raised within the limit."""
    local_cloud_http.cloud.faults.add("DescribeEipAddresses:throttle")
    client = _client(local_cloud_http, limits=CallLimits(call_deadline_s=10.0))

    with pytest.raises(RefusedError, match="Throttling"):
        client.read()

    assert client.clock.monotonic() <= 10.0


def test_a_call_gives_up_at_the_end_of_the_run(local_cloud_http: MockCloud) -> None:
    """A function of a minute says what the matter is before it is stopped; the call's own limit is longer."""
    local_cloud_http.cloud.faults.add("DescribeEipAddresses:throttle")
    client = _client(local_cloud_http, limits=CallLimits(ends_at=10.0))

    with pytest.raises(RefusedError, match="Throttling"):
        client.read()

    assert client.clock.monotonic() <= 10.0


def test_nobody_at_the_endpoint_is_a_lost_answer() -> None:
    """Connection refused: the effect is unknown to the caller, and a read was tried until the deadline."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        api = SdkApi(
            lambda: Credentials(*CANARIES),
            VirtualClock(),
            calls := CallLog(),
            endpoint=endpoint,
            limits=CallLimits(call_deadline_s=2.0),
        )

        with pytest.raises(
            LostAnswerError, match=r"DescribeEipAddresses: no answer from 127\.0\.0\.1:"
        ) as lost:
            api.call("Vpc", "DescribeEipAddresses", _READ)

    assert calls.total > 1
    # The SDK's message holds the whole signed address, and a traceback would print that of a cause.
    told = "".join(traceback.format_exception(lost.value))
    assert not [canary for canary in CANARIES if canary in told]


# The SDK carries an old copy of requests, which asks for a TLS constant by its deprecated name.
@pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
def test_calls_go_over_https_unless_an_endpoint_says_otherwise(local_cloud_http: MockCloud) -> None:
    """An endpoint without http:// is spoken to in TLS: a plain server cannot answer it."""
    plain = _client(local_cloud_http)
    bare = Client(
        local_cloud_http.endpoint.removeprefix("http://"),
        local_cloud_http.cloud.accounts.user_key,
        limits=CallLimits(call_deadline_s=0.0),
    )

    assert plain.read()["TotalCount"] == 0
    with pytest.raises(LostAnswerError, match=r"(?i)ssl|https"):
        bare.read()


def test_temporary_credentials_send_their_token(local_cloud_http: MockCloud) -> None:
    """A role's key works with its token and is refused without."""
    cloud = local_cloud_http.cloud
    role = f"acs:ram::{cloud.accounts.main.account_id}:role/functions"
    key = cloud.accounts.assume(role, "session", cloud.clock.now(), 3600)

    assert Client(local_cloud_http.endpoint, key).read()["TotalCount"] == 0
    with pytest.raises(RefusedError, match="MissingSecurityToken"):
        Client(local_cloud_http.endpoint, key, token="").read()


def test_a_script_of_many_kilobytes_travels_in_the_body(local_cloud_http: MockCloud) -> None:
    """The address stays short, or the gateway would answer 414."""
    script = base64.b64encode(b"# " + b"x" * 12_000 + b"\necho done\n").decode()
    params = {
        **_READ,
        "Type": "RunShellScript",
        "ContentEncoding": "Base64",
        "CommandContent": script,
        "InstanceId.1": local_cloud_http.seeds.instance,
    }

    assert _client(local_cloud_http).api.call("Ecs", "RunCommand", params)["InvokeId"]


def test_a_region_without_a_host_is_refused_at_once(local_cloud_http: MockCloud) -> None:
    """Nothing was sent, so nothing is lost, and trying again would not find a host either."""
    client = Client("", local_cloud_http.cloud.accounts.user_key)

    with pytest.raises(RefusedError) as refused:
        client.api.call("Vpc", "DescribeEipAddresses", {"RegionId": "not a region"})

    assert refused.value.code.startswith("SDK.")
    assert client.calls.total == 1


def test_an_action_that_the_installed_sdk_does_not_know_is_called_all_the_same(
    local_cloud_http: MockCloud,
) -> None:
    """The SDK of a runtime may be older than the action: the cloud decides what exists, not the SDK."""
    with pytest.raises(RefusedError) as refused:
        _client(local_cloud_http).api.call("Vpc", "DescribeNothingOfTheKind", _READ)

    assert refused.value.code == "InvalidAction.NotFound"


def test_a_password_of_the_home_folder_goes_along_with_no_call(
    local_cloud_http: MockCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """~/.netrc is no part of a signed call; its default entry would be sent to every host."""
    (tmp_path / ".netrc").write_text("default login someone password of-somebody\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    seen: list[Mapping[str, str]] = []

    def noted(request: HttpRequest) -> bool:
        seen.append(request.headers)
        return False

    local_cloud_http.cloud.mount(noted, lambda _: HttpResponse(500))
    _client(local_cloud_http).read()

    assert seen, "no call was seen"
    assert not any("authorization" in headers for headers in seen)
