"""Calls that end otherwise than the reference says: HTML, odd fields, odd refusals; seen through SDKs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc  # type: ignore[import-untyped]
from alibabacloud_vpc20160428.client import Client as VpcClient  # type: ignore[import-untyped]
from aliyunsdkcore.acs_exception.exceptions import ServerException
from darabonba.exceptions import DaraException

from localcloud import AnswerGarbledError, CallRefusedError
from tests.stubs.tests.hand import Hand
from tests.stubs.tests.sdk import Sdk

if TYPE_CHECKING:
    from localcloud import MockCloud


@pytest.fixture
def sdk(served: MockCloud) -> Sdk:
    """Give the vendor's SDK as the first account's user."""
    return Sdk(served)


def test_a_page_of_html_instead_of_an_answer(served: MockCloud, sdk: Sdk) -> None:
    """The call took effect, and what came with status 200 is no JSON."""
    served.cloud.faults.add("AllocateEipAddress:html:times=1")

    with pytest.raises(ValueError, match="Expecting value"):
        sdk.vpc("AllocateEipAddress")
    assert sdk.vpc("DescribeEipAddresses")["TotalCount"] == 1


def test_a_gateway_that_is_down_says_it_in_html(served: MockCloud, sdk: Sdk) -> None:
    """Status 502, no code that the SDK can read, and no effect."""
    served.cloud.faults.add("AllocateEipAddress:bad-gateway:times=1")

    with pytest.raises(ServerException) as caught:
        sdk.vpc("AllocateEipAddress")
    assert (caught.value.get_error_code(), caught.value.get_http_status()) == ("SDK.UnknownServerError", 502)
    assert sdk.vpc("DescribeEipAddresses")["TotalCount"] == 0


def test_the_client_in_process_gets_the_page_too(instant: MockCloud) -> None:
    """Signed or below the HTTP form, the answer is garbled and never an empty one."""
    instant.cloud.faults.add("DescribeEipAddresses:html")
    region = {"RegionId": instant.seeds.region}

    for api in (instant.cloud.api(), instant.cloud.direct_api()):
        with pytest.raises(AnswerGarbledError) as caught:
            api.call("Vpc", "DescribeEipAddresses", region)
        assert caught.value.http_status == 200


def test_a_conflict_is_a_409(served: MockCloud, sdk: Sdk) -> None:
    """OperationConflict unless another code is named."""
    served.cloud.faults.add("AllocateEipAddress:conflict:times=1")
    served.cloud.faults.add("AllocateEipAddress:conflict:code=LastTokenProcessing")

    refused = []
    for _ in range(2):
        with pytest.raises(ServerException) as caught:
            sdk.vpc("AllocateEipAddress")
        refused.append((caught.value.get_http_status(), caught.value.get_error_code()))
    assert refused == [(409, "OperationConflict"), (409, "LastTokenProcessing")]


def test_a_signature_error_without_a_colon(served: MockCloud, sdk: Sdk) -> None:
    """The old SDK dies of it, as it does on the real one; the newer one says the code."""
    served.cloud.faults.add("DescribeEipAddresses:signature")

    with pytest.raises(IndexError):
        sdk.vpc("DescribeEipAddresses")
    with pytest.raises(DaraException) as caught:
        _new_sdk(served).describe_eip_addresses(
            vpc.DescribeEipAddressesRequest(region_id=served.seeds.region)
        )
    assert caught.value.code == "SignatureDoesNotMatch"
    assert "server string to sign" not in str(caught.value)


def _new_sdk(served: MockCloud, credentials: tuple[str, str, str] | None = None) -> VpcClient:
    key = served.cloud.accounts.user_key
    key_id, secret, token = credentials or (key.key_id, key.secret, "")
    config = Config(
        access_key_id=key_id,
        access_key_secret=secret,
        security_token=token or None,
        region_id=served.seeds.region,
        endpoint=served.endpoint.removeprefix("http://"),
        protocol="http",
    )
    return VpcClient(config)


def test_credentials_expire_in_the_middle(served: MockCloud) -> None:
    """Two calls pass, then the token is old for good; keys without an end are not touched."""
    role = "acs:ram::1234567890123456:role/operator"
    client = _new_sdk(served, served.cloud.issue_credentials(role, "session"))
    request = vpc.DescribeEipAddressesRequest(region_id=served.seeds.region)
    served.cloud.faults.add("*:expire:after=2,times=1")

    for _ in range(2):
        client.describe_eip_addresses(request)
    for _ in range(2):
        with pytest.raises(DaraException) as caught:
            client.describe_eip_addresses(request)
        assert caught.value.code == "InvalidSecurityToken.Expired"
    _new_sdk(served).describe_eip_addresses(request)


def test_a_refusal_waits_for_a_detach(served: MockCloud, sdk: Sdk) -> None:
    """`since` lets a definite refusal begin with the first detach that was accepted."""
    hand = Hand(served)
    eni = hand.eni()
    served.cloud.faults.add("AllocateEipAddress:error:code=OperationDenied.Unauthorized,since=DetachNetwork*")
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    sdk.vpc("AllocateEipAddress")
    with pytest.raises(CallRefusedError):
        hand.ecs("DetachNetworkInterface", **{**hand.pair(eni), "NetworkInterfaceId": "eni-unknown"})
    sdk.vpc("AllocateEipAddress")
    hand.ecs("DetachNetworkInterface", **hand.pair(eni))

    with pytest.raises(ServerException) as caught:
        sdk.vpc("AllocateEipAddress")
    assert caught.value.get_error_code() == "OperationDenied.Unauthorized"


FORMS: list[tuple[str, str, Any]] = [
    ("name=EipInfos,as=absent", "EipInfos", "absent"),
    ("name=EipInfos,as=null", "EipInfos", None),
    ("name=Message,as=empty", "Message", ""),
    ("name=Code,as=number", "Code", 200),
    ("name=Message,value=-", "Message", "-"),
]


@pytest.mark.parametrize(("option", "name", "value"), FORMS)
def test_a_field_is_missing_null_or_of_another_type(
    served: MockCloud, sdk: Sdk, option: str, name: str, value: object
) -> None:
    """The gateway's answer lacks a field, or has it in a form that no reference shows; once."""
    eni = Hand(served).eni()
    served.cloud.faults.add(f"DescribeEipGatewayInfo:field:{option},times=1")

    assert sdk.vpc("DescribeEipGatewayInfo", InstanceId=eni).get(name, "absent") == value
    assert sdk.vpc("DescribeEipGatewayInfo", InstanceId=eni)["EipInfos"] == {"EipInfo": []}


def test_only_the_first_rows_are_odd(served: MockCloud, sdk: Sdk) -> None:
    """A row without its id, a lock as a bare text, a null number; the other rows stay whole."""
    hand = Hand(served)
    eips = hand.eips(2)
    for each in served.cloud.states()[0].eips.all.values():
        each.lock_reason = "financial"
    for option in ("name=AllocationId,as=absent", "name=OperationLocks,as=words", "name=ServiceID,as=null"):
        served.cloud.faults.add(f"DescribeEipAddresses:field:{option},rows=1")

    odd, whole = sdk.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"]
    assert "AllocationId" not in odd
    assert odd["OperationLocks"] == {"LockReason": ["financial"]}
    assert odd["ServiceID"] is None
    assert whole["AllocationId"] == eips[1]
    assert whole["OperationLocks"] == {"LockReason": [{"LockReason": "financial"}]}


def test_an_answer_that_is_kept_stays_straight(instant: MockCloud) -> None:
    """A field is bent in the answer of a ClientToken, and the repeated call gets the right one."""
    hand = Hand(instant)
    instant.cloud.faults.add("AllocateEipAddress:field:name=AllocationId,as=null,times=1")

    assert hand.vpc("AllocateEipAddress", ClientToken="one")["AllocationId"] is None
    assert hand.vpc("AllocateEipAddress", ClientToken="one")["AllocationId"].startswith("eip-")
    assert hand.vpc("DescribeEipAddresses")["TotalCount"] == 1


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("*:lag", "in writes or in seconds"),
        ("*:lag:writes=1,seconds=2", "in writes or in seconds"),
        ("*:field:as=null", "it wants a name"),
        ("*:field:name=A", "either as or value"),
        ("*:field:name=A,as=odd", "as is one of absent, null"),
        ("*:count:by=few", "invalid literal"),
        ("*:smaller:most=-2", "not negative"),
        ("*:moves:rows=2", "there are after, by, p, since, times, with"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_at_once(local: MockCloud, spec: str, said: str) -> None:
    """A mistake in a fault says what is possible, before any call is made."""
    with pytest.raises(ValueError, match=said):
        local.cloud.faults.add(spec)


def test_answers_below_http_are_those_of_signed_calls(instant: MockCloud) -> None:
    """The same action by `perform`, with the refusal's code and the same rows."""
    cloud, region = instant.cloud, {"RegionId": instant.seeds.region}
    key = cloud.accounts.user_key
    made = cloud.perform(key, "Vpc", "AllocateEipAddress", {**region, "Tag.1.Key": "a", "Tag.1.Value": "b"})
    listed = cloud.perform(key, "Vpc", "DescribeEipAddresses", {**region, "Tag.1.Key": "a"})
    signed = instant.api.call("Vpc", "DescribeEipAddresses", {**region, "Tag.1.Key": "a"})
    assert listed["EipAddresses"] == signed["EipAddresses"]
    assert listed["EipAddresses"]["EipAddress"][0]["AllocationId"] == made["AllocationId"]

    with pytest.raises(CallRefusedError) as caught:
        cloud.direct_api().call("Vpc", "ReleaseEipAddress", {**region, "AllocationId": "eip-none"})
    assert (caught.value.code, caught.value.http_status) == ("InvalidAllocationId.NotFound", 404)
    assert json.dumps(listed)
