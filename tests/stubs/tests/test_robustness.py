"""Requests that no good client sends: each gets a refusal in the cloud's form, never a failure of ours."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from localcloud import HttpRequest
from localcloud.front.control import PATH, mount_control
from tests.stubs.tests.hand import Hand
from tests.stubs.tests.raw import Acs3, Raw

if TYPE_CHECKING:
    from localcloud import MockCloud

SHANGHAI = {"RegionId": "cn-shanghai", "Format": "JSON"}


def talk(local: MockCloud, data: bytes) -> bytes:
    """Send bytes to the port and read what comes until the server closes."""
    host, _, port = local.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(data)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b'{"Name": "\\ud800"}', b"7", b"\xff", b'{"a": 1'],
    ids=["deep array", "deep object", "lone surrogate", "no object", "no UTF-8", "cut off"],
)
def test_a_json_body_that_is_none_is_refused(local: MockCloud, body: bytes) -> None:
    """However broken the body is, it is a wrong parameter format."""
    request = Acs3(local.cloud, "AllocateEipAddress", body=body, content_type="application/json")

    assert request.json()["Code"] == "InvalidParameter.Format"


def test_the_content_type_is_read_in_any_case(local: MockCloud) -> None:
    """`Application/JSON` is JSON."""
    request = Acs3(
        local.cloud, query={}, body=b'{"RegionId": "cn-shanghai"}', content_type="Application/JSON"
    )

    assert request.send().status == 200


@pytest.mark.parametrize("text", ["1_0", " 5", "+5", "٥", "5.0", "0x5", "9" * 5000])  # noqa: RUF001 - a digit
def test_only_plain_whole_numbers_are_numbers(local: MockCloud, text: str) -> None:
    """What Python would read as a number is none for the cloud."""
    request = Raw(local.cloud, method="POST", params={**SHANGHAI, "PageSize": text}, in_body=("PageSize",))

    assert request.error() == (400, "InvalidParameter")


def test_an_index_without_end_names_nothing(local: MockCloud) -> None:
    """A parameter with thousands of digits as its number is ignored as any unknown one."""
    name = f"Tag.{'9' * 5000}.Key"
    request = Raw(local.cloud, method="POST", params={**SHANGHAI, name: "a"}, in_body=(name,))

    assert request.send().status == 200


@pytest.mark.parametrize("token", ["YXQ6LTU=", "é", "%%%", "x" * 3000])
def test_a_paging_token_that_was_never_given_is_refused(local: MockCloud, token: str) -> None:
    """Also one that looks like ours and points before the list."""
    params = {**SHANGHAI, "NextToken": token}
    request = Raw(local.cloud, action="DescribeInstances", version="2014-05-26", params=params)

    assert request.error() == (400, "InvalidParameter.NextToken")


@pytest.mark.parametrize("text", ["2026-1-2T3:4:5Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00", ""])
def test_a_time_stamp_has_one_form(local: MockCloud, text: str) -> None:
    """Digits that are missing, seconds that do not exist, a missing zone: malformed, not expired."""
    response = Raw(local.cloud, params={**SHANGHAI, "Timestamp": text}).send()

    assert json.loads(response.body)["Code"] == "InvalidTimeStamp.Format"


def test_a_date_beyond_all_calendars_is_malformed(local: MockCloud) -> None:
    """The older header signatures carry an HTTP date."""
    headers = {"authorization": "acs a:b", "date": f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT"}
    query = "Action=DescribeRegions&Version=2016-04-28"
    response = local.cloud.handle(HttpRequest("GET", "/", query, headers))

    assert json.loads(response.body)["Code"] == "InvalidTimeStamp.Format"


@pytest.mark.parametrize("name", ["SignatureMethod", "SignatureVersion"])
def test_how_it_was_signed_has_to_be_said(local: MockCloud, name: str) -> None:
    """Method and version of the signature are mandatory like the rest."""
    assert Raw(local.cloud, leave_out=(name,)).error() == (400, f"Missing{name}")


@pytest.mark.parametrize("host", ["VPC.cn-shanghai.ALIYUNCS.com", "vpc.cn-shanghai.aliyuncs.com:80"])
def test_a_host_is_read_in_any_case_and_with_a_port(local: MockCloud, host: str) -> None:
    """A host name has no case."""
    assert Raw(local.cloud, host=host).send().status == 200


def test_a_header_that_no_signature_covers_changes_nothing(local: MockCloud) -> None:
    """In the RPC style the action is the signed parameter, whatever a header says."""
    Hand(local).eip()
    query = "Action=ReleaseEipAddress&Version=2016-04-28&Format=JSON"
    response = local.cloud.handle(
        HttpRequest("GET", "/", query, {"x-acs-action": "DescribeRegions", "x-acs-version": "2014-05-26"})
    )
    assert json.loads(response.body)["Code"] == "MissingAccessKeyId"
    bare = local.cloud.handle(HttpRequest("GET", "/", "", {"x-acs-action": "DescribeRegions"}))
    assert b"MissingVersion" in bare.body


def test_bytes_that_are_no_request_are_answered_400(served: MockCloud) -> None:
    """Garbage, raw bytes in headers and compressed bodies never break the server."""
    host = b"Host: a\r\nConnection: close\r\n"
    garbage = talk(served, b"\x00\xff\xfe no request\r\n\r\n")
    assert garbage.startswith(b"HTTP/1.0 400")
    strange = talk(
        served,
        b"GET /?Action=DescribeRegions&Version=2014-05-26 HTTP/1.1\r\n"
        + host
        + b"Authorization: acs \xff:\xff\r\n"
        b"Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n\r\n",
    )
    assert b" 400 " in strange.partition(b"\r\n")[0]
    packed = talk(
        served, b"POST / HTTP/1.1\r\n" + host + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert b"MissingVersion" in packed


def test_an_address_may_name_the_host(served: MockCloud) -> None:
    """A client behind a proxy sends the whole address in its first line."""
    answer = talk(
        served,
        b"GET http://ecs.cn-shanghai.aliyuncs.com/?Action=DescribeRegions&Version=2014-05-26 HTTP/1.1\r\n"
        b"Host: ecs.cn-shanghai.aliyuncs.com\r\nConnection: close\r\n\r\n",
    )

    assert b"MissingAccessKeyId" in answer


def test_a_failure_of_ours_is_an_internal_error(served: MockCloud, caplog: pytest.LogCaptureFixture) -> None:
    """Clients get the cloud's 500 and the log has the reason."""

    def broken(_request: HttpRequest) -> bool:
        raise RuntimeError("a mount that fails")

    served.cloud.mount(broken, served.cloud.handle)
    answer = talk(served, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 500")
    assert b'"Code": "InternalError"' in answer
    assert "a mount that fails" in caplog.text


@pytest.mark.parametrize(
    "spec",
    [
        "*:throttle:code=Nonsense",
        "*:error:status=abc",
        "*:slow:seconds=soon",
        "*:slow:seconds=-1",
        "*:throttle:p=7",
        "*:throttle:times=-1",
        "*:truncate:bytes=1.5",
    ],
)
def test_a_fault_that_could_not_strike_is_refused_at_once(local: MockCloud, spec: str) -> None:
    """A wrong number or code is told when it is asked for, not when it strikes."""
    with pytest.raises(ValueError, match="fault '"):
        local.cloud.faults.add(spec)


@pytest.mark.parametrize(
    "wanted", [[], {"fault": [5]}, {"fault": 5}, {"switch": "x"}, {"assistant": "x"}, {"nonsense": 1}]
)
def test_the_control_endpoint_says_what_it_wants(local: MockCloud, wanted: object) -> None:
    """A body of the wrong shape changes nothing and is answered 400 with a reason."""
    mount_control(local.cloud)
    response = local.cloud.handle(HttpRequest("POST", PATH, "", {}, json.dumps(wanted).encode()))

    assert response.status == 400
    assert json.loads(response.body)["error"]
    assert local.cloud.faults.all == []


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("location-readonly.aliyuncs.com", "vpc.sa-east-9.aliyuncs.com"),
    ],
)
def test_a_client_that_asks_where_a_product_is_stays_here(local: MockCloud, host: str, endpoint: str) -> None:
    """Whoever came by a local address is sent to it again, not out to the real cloud."""
    params = {"Id": "sa-east-9", "ServiceCode": "vpc", "Format": "JSON"}
    request = Raw(local.cloud, action="DescribeEndpoints", version="2015-06-12", params=params, host=host)

    (found,) = json.loads(request.send().body)["Endpoints"]["Endpoint"]
    assert found["Endpoint"] == endpoint
