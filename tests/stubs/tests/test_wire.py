"""The wire, byte by byte: signatures of every style, formats, and each refusal of the gateway."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud import HttpRequest, HttpResponse
from localcloud.wire import signature
from localcloud.wire.encoding import query_pairs
from tests.stubs.tests.hand import Hand
from tests.stubs.tests.raw import Acs3, Raw

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_the_published_vector_is_reproduced() -> None:
    """The signature that the vendor's document prints comes out."""
    params = {
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "Format": "XML",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "SignatureVersion": "1.0",
        "Timestamp": "2016-02-23T12:46:24Z",
        "Version": "2014-05-26",
    }

    to_sign = signature.rpc_string("GET", list(params.items()))

    assert signature.rpc_signature("testsecret", to_sign) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


@given(st.text("ab=&%+;41 ü\x00", max_size=30))
def test_a_query_is_taken_apart_as_the_standard_library_does(query: str) -> None:
    """Ours is several times as fast; empty parts, halves and broken escapes are the same."""
    assert query_pairs(query) == parse_qsl(query, keep_blank_values=True)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("value", ["plain", "", "with space", "*~'()!", "ü/&=+%", "混合"])
def test_any_value_can_be_signed(local: MockCloud, method: str, value: str) -> None:
    """Values that need encoding, and empty ones, are signed and arrive as they were sent."""
    request = Raw(local.cloud, method=method)
    request.params["EipName"] = value

    assert request.send().status == 200


@pytest.mark.parametrize(
    "in_body", [(), ("RegionId", "EipName"), ("Action", "Signature", "RegionId", "Version")]
)
def test_parameters_may_be_in_query_body_or_both(local: MockCloud, in_body: tuple[str, ...]) -> None:
    """Wherever a parameter is, it is signed and read."""
    request = Raw(local.cloud, method="POST", in_body=in_body)
    request.params["EipName"] = "a b"

    assert json.loads(request.send().body)["TotalCount"] == 0


def test_an_old_client_without_format_gets_its_products_default(local: MockCloud) -> None:
    """ECS answers XML where no format was asked for, VPC answers JSON."""
    ecs = Raw(local.cloud, action="DescribeRegions", version="2014-05-26", params={})
    root = ET.fromstring(ecs.send().body.decode())  # noqa: S314 - our own answer
    assert root.tag == "DescribeRegionsResponse"
    assert "cn-shanghai" in {each.text for each in root.findall("./Regions/Region/RegionId")}
    vpc = Raw(local.cloud, params={"RegionId": "cn-shanghai"})
    assert json.loads(vpc.send().body)["PageSize"] == 10


def test_xml_is_given_for_refusals_too(local: MockCloud) -> None:
    """With Format=XML a refusal is an Error document."""
    request = Raw(
        local.cloud, action="ReleaseEipAddress", params={"Format": "XML", "AllocationId": "eip-<&>"}
    )
    root = ET.fromstring(request.send().body.decode())  # noqa: S314 - our own answer

    assert (root.tag, root.findtext("Code")) == ("Error", "InvalidAllocationId.NotFound")
    assert root.findtext("HostId") == "127.0.0.1"


def test_a_refusal_has_every_field(local: MockCloud) -> None:
    """RequestId, HostId, Code, Message and Recommend are there."""
    response = Raw(local.cloud, action="Nonsense").send()

    assert response.status == 404
    assert set(json.loads(response.body)) == {"RequestId", "HostId", "Code", "Message", "Recommend"}


def test_a_wrong_signature_shows_the_string_to_sign(local: MockCloud) -> None:
    """The message has the server's string to sign after the colon, as clients expect it."""
    response = Raw(local.cloud, after={"Signature": "AAAA"}).send()
    body = json.loads(response.body)

    assert (response.status, body["Code"]) == (400, "SignatureDoesNotMatch")
    assert body["Message"].partition("is:")[2].startswith("GET&%2F&AccessKeyId%3DLTAI5t")


def test_a_changed_parameter_breaks_the_signature(local: MockCloud) -> None:
    """What was added or changed after signing is noticed."""
    assert Raw(local.cloud, after={"EipName": "x"}).error() == (400, "SignatureDoesNotMatch")
    assert Raw(local.cloud, after={"RegionId": "cn-beijing"}).error() == (400, "SignatureDoesNotMatch")


REFUSALS = {
    "unknown key": ({"key_id": "LTAInobody"}, (404, "InvalidAccessKeyId.NotFound")),
    "malformed time": ({"timestamp": "2026-11-22 10:00:00"}, (400, "InvalidTimeStamp.Format")),
    "no action": ({"leave_out": ("Action",)}, (400, "MissingAction")),
    "no version": ({"leave_out": ("Version",)}, (400, "MissingVersion")),
    "no key": ({"leave_out": ("AccessKeyId",)}, (400, "MissingAccessKeyId")),
    "no nonce": ({"leave_out": ("SignatureNonce",)}, (400, "MissingSignatureNonce")),
    "no timestamp": ({"leave_out": ("Timestamp",)}, (400, "MissingTimestamp")),
    "no signature": ({"leave_out": ("Signature",)}, (400, "MissingSignature")),
    "unknown action": ({"action": "DescribeUserVpcAuthorizations"}, (404, "InvalidAction.NotFound")),
    "action in other case": ({"action": "describeEipAddresses"}, (404, "InvalidAction.NotFound")),
    "other product's action": ({"action": "RunCommand"}, (404, "InvalidAction.NotFound")),
    "unknown version": ({"version": "2016-04-29"}, (400, "InvalidVersion")),
    "version of another host": ({"host": "ecs.cn-shanghai.aliyuncs.com"}, (400, "InvalidVersion")),
    "unknown product": ({"host": "oss.cn-shanghai.aliyuncs.com"}, (404, "InvalidProduct.NotFound")),
    "wrong method": ({"method": "PUT"}, (400, "UnsupportedHTTPMethod")),
    "mandatory parameter": (
        {"action": "UnassociateEipAddress"},
        (400, "MissingAllocationId"),
    ),
    "unknown region": (
        {"params": {"RegionId": "mars-1", "Format": "JSON"}},
        (404, "InvalidRegionId.NotFound"),
    ),
    "not a number": (
        {"params": {"RegionId": "cn-shanghai", "Format": "JSON", "PageSize": "ten"}},
        (400, "InvalidParameter"),
    ),
    "page too large": (
        {"params": {"RegionId": "cn-shanghai", "Format": "JSON", "PageSize": "101"}},
        (400, "InvalidParameter"),
    ),
    "token without need": (
        {"params": {"RegionId": "cn-shanghai", "Format": "JSON", "SecurityToken": "junk"}},
        (400, "InvalidSecurityToken.Malformed"),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_the_gateway_refuses(local: MockCloud, case: str) -> None:
    """Each fault of a request has its own code and status."""
    changes, expected = REFUSALS[case]

    assert Raw(local.cloud, **changes).error() == expected  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_time_stamp_outside_the_window_has_expired(local: MockCloud, minutes: int) -> None:
    """Fifteen minutes either way are accepted, sixteen are not."""
    moment = local.clock.now() + timedelta(minutes=minutes)
    near = local.clock.now() + timedelta(minutes=minutes * 14 / 16)

    assert Raw(local.cloud, timestamp=moment.strftime("%Y-%m-%dT%H:%M:%SZ")).error() == (
        400,
        "InvalidTimeStamp.Expired",
    )
    assert Raw(local.cloud, timestamp=near.strftime("%Y-%m-%dT%H:%M:%SZ")).send().status == 200


def test_a_nonce_is_good_once_per_key(local: MockCloud) -> None:
    """The second use is refused; a refused request has not used its nonce."""
    assert Raw(local.cloud, nonce="n", after={"Signature": "AAAA"}).error()[1] == "SignatureDoesNotMatch"
    assert Raw(local.cloud, nonce="n").send().status == 200
    assert Raw(local.cloud, nonce="n").error() == (400, "SignatureNonceUsed")
    other = local.cloud.accounts.other_key
    assert Raw(local.cloud, nonce="n", key_id=other.key_id, secret=other.secret).send().status == 200


def test_a_disabled_key_is_inactive(local: MockCloud) -> None:
    """A key that was switched off says so."""
    local.cloud.accounts.user_key.active = False

    assert Raw(local.cloud).error() == (400, "InvalidAccessKeyId.Inactive")


def test_security_tokens_are_checked(local: MockCloud) -> None:
    """Missing, foreign, malformed and expired tokens have their own codes; the status is a switch."""
    key_id, secret, token = local.cloud.issue_credentials("acs:ram::1234567890123456:role/r", "s", 900)

    def code(sent: str) -> tuple[int, str]:
        request = Raw(local.cloud, key_id=key_id, secret=secret)
        if sent:
            request.params["SecurityToken"] = sent
        response = request.send()
        return response.status, json.loads(response.body).get("Code", "")

    assert code("") == (400, "MissingSecurityToken")
    assert code("junk") == (400, "InvalidSecurityToken.Malformed")
    assert code("CAISother") == (400, "InvalidSecurityToken.MismatchWithAccessKey")
    assert code(token) == (200, "")
    local.clock.sleep(900)
    local.cloud.switches.set("token-status", "403")
    assert code(token) == (403, "InvalidSecurityToken.Expired")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"RegionId=cn-shanghai&ResourceType=EIP&Tag.1.Key=a+b", "application/x-www-form-urlencoded"),
        (
            b'{"RegionId": "cn-shanghai", "ResourceType": "EIP", "Tag": [{"Key": "a b"}]}',
            "application/json; charset=utf-8",
        ),
    ],
)
def test_acs3_bodies_may_be_forms_or_json(local: MockCloud, body: bytes, content_type: str) -> None:
    """The newer signature takes parameters in the query, a form, or a JSON body with nested lists."""
    request = Acs3(local.cloud, "ListTagResources", query={}, body=body, content_type=content_type)

    assert request.json()["TagResources"] == {"TagResource": []}


def test_acs3_refuses_what_was_changed_after_signing(local: MockCloud) -> None:
    """Headers, body and hash belong together."""
    assert Acs3(local.cloud, after={"x-acs-action": "DescribeVpcs"}).json()["Code"] == "SignatureDoesNotMatch"
    assert Acs3(local.cloud, sent_body=b"EipName=x").json()["Code"] == "InvalidContentSha256"
    assert Acs3(local.cloud, after={"x-acs-date": "yesterday"}).json()["Code"] == "InvalidTimeStamp.Format"
    assert Acs3(local.cloud, after={"authorization": "ACS3-HMAC-SHA256 nonsense"}).json()["Code"] == (
        "IncompleteSignature"
    )
    assert (
        Acs3(local.cloud, after={"x-acs-security-token": "CAISx"}).json()["Code"] == "SignatureDoesNotMatch"
    )


def test_acs3_answers_xml_to_those_who_accept_only_that(local: MockCloud) -> None:
    """The Accept header chooses the format where no Format parameter does."""
    response = Acs3(local.cloud, accept="application/xml").send()

    assert response.headers["content-type"].startswith("text/xml")


def test_signed_mounts_know_fc_acs_and_acs3_signatures(local: MockCloud) -> None:
    """A mounted service is reached only with a good signature of one of the REST forms."""
    local.cloud.mount(
        lambda request: request.path.startswith("/2016-08-15/"), lambda _: HttpResponse(200, b"pong")
    )
    date = local.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {"date": date, "x-fc-account-id": "1", "content-type": "application/json"}
    request = HttpRequest("POST", "/2016-08-15/services/s%20s", "", headers)
    (to_sign, _) = signature.fc_strings(request)
    assert to_sign.endswith("x-fc-account-id:1\n/2016-08-15/services/s s")
    key = local.cloud.accounts.user_key
    for scheme, signed in (
        ("FC", signature.fc_signature(key.secret, to_sign)),
        ("acs", signature.roa_signature(key.secret, signature.roa_string(request))),
    ):
        signed_headers = {**headers, "authorization": f"{scheme} {key.key_id}:{signed}"}
        assert local.cloud.handle(HttpRequest("POST", request.path, "", signed_headers)).body == b"pong"
        forged = {**signed_headers, "x-fc-account-id": "2", "content-type": "text/plain"}
        refused = local.cloud.handle(HttpRequest("POST", request.path, "", forged))
        assert (refused.status, json.loads(refused.body)["ErrorCode"]) == (403, "SignatureNotMatch")
    acs3 = Acs3(local.cloud, path="/2016-08-15/services", query={}, method="GET")
    assert acs3.send().body == b"pong"


def test_the_stronger_hash_is_taken_and_unknown_ones_are_not(local: MockCloud) -> None:
    """HMAC-SHA256 signs RPC requests as well; another method is refused by name."""
    request = Raw(local.cloud, algorithm="sha256")
    request.params["SignatureMethod"] = "HMAC-SHA256"
    assert request.send().status == 200
    request = Raw(local.cloud)
    request.params["SignatureMethod"] = "HMAC-MD5"
    assert request.error() == (400, "InvalidSignatureMethod")


def test_an_address_may_be_too_long(local: MockCloud) -> None:
    """The front server answers 414 with a page of its own, where a body would have passed."""
    long = {"RegionId": "cn-shanghai", "EipName": "x" * 40_000}
    response = Raw(local.cloud, params=dict(long)).send()
    assert (response.status, response.headers["content-type"]) == (414, "text/html")
    assert Raw(local.cloud, method="POST", params=dict(long), in_body=("EipName",)).send().status == 200


def test_every_answer_carries_its_request_id_in_a_header(local: MockCloud) -> None:
    """Good answers and refusals alike."""
    for request in (Raw(local.cloud), Raw(local.cloud, action="Nonsense")):
        response = request.send()
        assert response.headers["x-acs-request-id"] == json.loads(response.body)["RequestId"]


def test_xml_can_carry_any_output(instant: MockCloud) -> None:
    """Characters that XML cannot hold are left out, so that the document stays one."""
    instant.cloud.faults.add("RunCommand:hostile")
    invoke = Hand(instant).run("echo hello")
    params = {"RegionId": "cn-shanghai", "InvokeId": invoke, "ContentEncoding": "PlainText", "Format": "XML"}
    request = Raw(instant.cloud, action="DescribeInvocationResults", version="2014-05-26", params=params)
    root = ET.fromstring(request.send().body.decode())  # noqa: S314 - our own answer

    output = root.findtext("./Invocation/InvocationResults/InvocationResult/Output")
    assert output is not None
    assert output.endswith("hello\n")
