"""Faults, limits, latency, idempotency: what makes a client grow up."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException
from aliyunsdkcore.client import AcsClient
from aliyunsdkvpc.request.v20160428.AllocateEipAddressRequest import AllocateEipAddressRequest

from localcloud import AnswerLostError, CallRefusedError, CloudOptions, Fault, VirtualClock, mock_cloud
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import AccessKey, MockCloud


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 400, "Throttling.User"),
        ("throttle:code=Throttling", 400, "Throttling"),
        ("throttle:code=Throttling.Api", 400, "Throttling.Api"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("internal", 500, "InternalError"),
        ("deny", 403, "Forbidden.RAM"),
        ("error:code=OperationFailed.SystemBusy,status=409", 409, "OperationFailed.SystemBusy"),
    ],
)
def test_a_call_is_refused_as_often_as_asked(instant: MockCloud, kind: str, status: int, code: str) -> None:
    """The first call passes, two are refused, the fourth passes; a refused call has no effect."""
    hand = Hand(instant)
    name, _, option = kind.partition(":")
    fault = instant.cloud.faults.add(f"Allocate*:{name}:after=1,times=2{',' + option if option else ''}")
    hand.eip()
    for _ in range(2):
        with pytest.raises(CallRefusedError) as caught:
            hand.eip()
        assert (caught.value.http_status, caught.value.code) == (status, code)
    hand.eip()

    assert len(hand.eip_rows()) == 2
    assert fault.spent


def test_probability_comes_from_the_seed() -> None:
    """The same seed strikes the same calls; another one others."""

    def pattern(seed: int) -> list[bool]:
        options = CloudOptions(seed=seed, faults=("DescribeEipAddresses:throttle:p=0.5",))
        with mock_cloud(options) as local:
            return [_refused(local) for _ in range(40)]

    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)
    assert 5 < sum(pattern(1)) < 35


def _refused(local: MockCloud) -> bool:
    try:
        local.api.call("Vpc", "DescribeEipAddresses", {"RegionId": local.seeds.region})
    except CallRefusedError:
        return True
    return False


@pytest.mark.parametrize(("kind", "effect"), [("reset-before", 0), ("reset-after", 1)])
def test_a_lost_answer_with_and_without_effect(instant: MockCloud, kind: str, effect: int) -> None:
    """The connection ends; only after the effect is there something new."""
    hand = Hand(instant)
    instant.cloud.faults.add(f"AllocateEipAddress:{kind}:times=1")
    with pytest.raises(AnswerLostError):
        hand.eip()

    assert len(hand.eip_rows()) == effect


def test_a_reset_is_a_reset_on_the_socket(served: MockCloud) -> None:
    """The SDK sees a transport failure, and the effect is there."""
    served.cloud.faults.add("AllocateEipAddress:reset-after:times=1")
    client = AcsClient("LTAI5tLocalUser000000001", "main-user-secret", "cn-shanghai", auto_retry=False)
    request = AllocateEipAddressRequest()
    request.set_endpoint(served.endpoint.removeprefix("http://"))
    with pytest.raises(ClientException) as caught:
        client.do_action_with_exception(request)
    assert caught.value.get_error_code() == "SDK.HttpError"
    assert len(Hand(served).eip_rows()) == 1


def test_a_lost_answer_is_safe_with_a_client_token(instant: MockCloud) -> None:
    """The second call with the token gets the first one's answer; nothing is made twice."""
    hand = Hand(instant)
    instant.cloud.faults.add("CreateNetworkInterface:reset-after:times=1")
    with pytest.raises(AnswerLostError):
        hand.eni(ClientToken="once")
    first, second = hand.eni(ClientToken="once"), hand.eni(ClientToken="once")

    assert first == second
    assert len(hand.eni_rows(Type="Secondary")) == 1
    other = {"VSwitchId": instant.seeds.vswitch, "SecurityGroupId": instant.seeds.security_group}
    code = hand.code("Ecs", "CreateNetworkInterface", ClientToken="once", NetworkInterfaceName="xy", **other)
    assert code == "IdempotentParameterMismatch"


def test_a_refusal_uses_up_no_token(instant: MockCloud) -> None:
    """After a refusal the same token works when the reason is gone."""
    hand = Hand(instant)
    instant.cloud.faults.add("AllocateEipAddress:throttle:times=1")
    assert hand.code("Vpc", "AllocateEipAddress", ClientToken="t") == "Throttling.User"
    assert hand.eip(ClientToken="t") == hand.eip(ClientToken="t")


@pytest.mark.wire_differs
def test_some_calls_know_no_token(instant: MockCloud) -> None:
    """ReleaseEipAddress takes none: the second call is a new one."""
    hand = Hand(instant)
    eip = hand.eip()
    hand.vpc("ReleaseEipAddress", AllocationId=eip, ClientToken="t")
    assert hand.code("Vpc", "ReleaseEipAddress", AllocationId=eip, ClientToken="t") == (
        "InvalidAllocationId.NotFound"
    )


def test_stuck_changes_stay_until_the_call_is_repeated(local: MockCloud) -> None:
    """A stuck detach moves on when it is asked for again; so do a deletion, a release and an unbinding."""
    hand = Hand(local)
    for api in ("Detach", "Delete", "Release", "Unassociate"):
        local.cloud.faults.add(f"{api}*:stuck:times=1")
    eni, eip = hand.eni(), hand.eip()
    hand.bind(eni, [eip])
    local.clock.sleep(6)
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    local.clock.sleep(5)
    for product, action, params, stuck, done in (
        ("Ecs", "DetachNetworkInterface", hand.pair(eni), "Detaching", "Available"),
        ("Vpc", "UnassociateEipAddress", {"AllocationId": eip}, "Unassociating", "Available"),
        ("Vpc", "ReleaseEipAddress", {"AllocationId": eip}, "Releasing", "gone"),
        ("Ecs", "DeleteNetworkInterface", {"NetworkInterfaceId": eni}, "Deleting", "gone"),
    ):
        call = hand.ecs if product == "Ecs" else hand.vpc
        call(action, **params)
        local.clock.sleep(3600)
        assert _status(hand, params) == stuck
        call(action, **params)
        local.clock.sleep(10)
        assert _status(hand, params) == done


def _status(hand: Hand, params: dict[str, str]) -> str:
    if "NetworkInterfaceId" in params:
        return hand.eni_status(params["NetworkInterfaceId"])
    rows = hand.eip_rows(AllocationId=params["AllocationId"])
    return str(rows[0]["Status"]) if rows else "gone"


@pytest.mark.parametrize("kind", ["stuck", "falls-back"])
def test_attaching_and_binding_may_get_nowhere(local: MockCloud, kind: str) -> None:
    """Stuck ones stay on their way for hours; failed ones are back where they began, without a word."""
    hand = Hand(local)
    local.cloud.faults.add(f"AttachNetworkInterface:{kind}:times=1")
    local.cloud.faults.add(f"AssociateEipAddress:{kind}:times=1")
    eni, eip = hand.eni(), hand.eip()
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    other = hand.eni()
    hand.vpc("AssociateEipAddress", **hand.single(other, eip))
    local.clock.sleep(3600)

    expected = ("Attaching", "Associating") if kind == "stuck" else ("Available", "Available")
    assert (hand.eni_status(eni), hand.eip_row(eip)["Status"]) == expected


def test_new_things_may_be_missing_from_lists(instant: MockCloud) -> None:
    """Eventual consistency: the new object is not in the next lists, then it is."""
    hand = Hand(instant)
    instant.cloud.faults.add("*:unlisted:times=2,reads=2")
    eni, eip = hand.eni(), hand.eip()

    assert [len(hand.eni_rows(NetworkInterfaceId__1=eni)) for _ in range(3)] == [0, 0, 1]
    assert [len(hand.eip_rows(AllocationId=eip)) for _ in range(3)] == [0, 0, 1]


def test_a_missing_permission_shows_as_an_empty_list(instant: MockCloud) -> None:
    """DescribeInstances without the right is empty, and only DryRun tells; other calls are forbidden."""
    key: AccessKey = instant.cloud.accounts.add_user("bob", "LTAIbob", "bob-secret", allow=("vpc:*",))
    bob = Hand(instant, key)

    assert bob.ecs("DescribeInstances")["Instances"]["Instance"] == []
    assert bob.code("Ecs", "DescribeInstances", DryRun="true") == "Forbidden.RAM"
    assert Hand(instant).code("Ecs", "DescribeInstances", DryRun="true") == "DryRunOperation"
    assert bob.code("Ecs", "DescribeNetworkInterfaces") == "Forbidden.RAM"
    assert bob.ecs("DescribeRegions")["Regions"]["Region"]
    assert bob.eip_rows() == []


def test_realistic_latency_and_published_limits() -> None:
    """Calls take about 40 ms of virtual time; the 31st batch of a minute is throttled, the next not."""
    noon = datetime(2026, 11, 22, 12, 0, 37, tzinfo=timezone.utc)
    with mock_cloud(CloudOptions(latency="realistic", clock=VirtualClock(noon))) as local:
        hand = Hand(local)
        start = local.clock.monotonic()
        hand.eip_rows()
        assert 0.029 < local.clock.monotonic() - start < 0.051
        batch = hand.batch("eni-no", ["eip-no"])
        local.clock.sleep(60 - local.clock.now().timestamp() % 60)
        codes = [hand.code("Vpc", "AssociateEipAddressBatch", **batch) for _ in range(31)]
        assert codes == ["InvalidInstance.NotExist"] * 30 + ["Throttling.User"]
        # The minute is that of the wall clock, whenever this cloud was made.
        local.clock.sleep(59 - local.clock.now().timestamp() % 60)
        assert hand.code("Vpc", "AssociateEipAddressBatch", **batch) == "Throttling.User"
        local.clock.sleep(1)
        assert hand.code("Vpc", "AssociateEipAddressBatch", **batch) == "InvalidInstance.NotExist"


def test_a_slow_answer_takes_its_time(instant: MockCloud) -> None:
    """The answer comes, later."""
    instant.cloud.faults.add("DescribeEipAddresses:slow:seconds=7,times=1")
    start = instant.clock.monotonic()
    Hand(instant).eip_rows()

    assert instant.clock.monotonic() - start == pytest.approx(7)


@pytest.mark.parametrize(
    "spec",
    ["", "Attach", "Attach:", "Attach:often", "A:throttle:x=1", "A:throttle:times=two", "A:slow:bytes=3"],
)
def test_a_fault_that_cannot_be_is_explained(spec: str) -> None:
    """The message repeats what was asked for."""
    with pytest.raises(ValueError, match="fault") as caught:
        Fault.parse(spec)

    assert repr(spec) in str(caught.value)


def test_reset_makes_everything_new(instant: MockCloud) -> None:
    """After a reset nothing of before is left, and the same seed gives the same ids."""
    hand = Hand(instant)
    hand.eip()
    instant.cloud.faults.add("*:throttle")
    instant.cloud.reset()

    assert instant.cloud.seed() == instant.seeds
    assert hand.eip_rows() == []


def test_sts_knows_who_calls(instant: MockCloud) -> None:
    """GetCallerIdentity for root, user and role; AssumeRole gives working credentials."""
    accounts = instant.cloud.accounts

    def who(key: AccessKey) -> tuple[str, str]:
        body = instant.cloud.api(key).call("Sts", "GetCallerIdentity", {})
        return body["IdentityType"], body["Arn"]

    assert who(accounts.root_key) == ("Account", "acs:ram::1234567890123456:root")
    assert who(accounts.user_key) == ("RAMUser", "acs:ram::1234567890123456:user/alice")
    assert who(accounts.other_key)[1] == "acs:ram::6543210987654321:user/mallory"
    role = {"RoleArn": "acs:ram::1234567890123456:role/operator", "RoleSessionName": "me"}
    given = instant.api.call("Sts", "AssumeRole", role)["Credentials"]
    key = instant.cloud.keys.find(given["AccessKeyId"])
    assert (key.secret, key.token) == (given["AccessKeySecret"], given["SecurityToken"])
    assert who(key) == ("AssumedRoleUser", "acs:ram::1234567890123456:assumed-role/operator/me")
    with pytest.raises(CallRefusedError, match=r"EntityNotExist\.Role"):
        instant.api.call("Sts", "AssumeRole", {**role, "RoleArn": "acs:ram::1:role/x"})
