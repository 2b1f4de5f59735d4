"""The vendor's SDK of the product, unmodified, over HTTP."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdkecs.request.v20140526.AttachNetworkInterfaceRequest import AttachNetworkInterfaceRequest
from aliyunsdkecs.request.v20140526.CreateNetworkInterfaceRequest import CreateNetworkInterfaceRequest
from aliyunsdkecs.request.v20140526.DeleteNetworkInterfaceRequest import DeleteNetworkInterfaceRequest
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.DescribeInvocationResultsRequest import DescribeInvocationResultsRequest
from aliyunsdkecs.request.v20140526.DescribeNetworkInterfacesRequest import DescribeNetworkInterfacesRequest
from aliyunsdkecs.request.v20140526.DescribeRegionsRequest import DescribeRegionsRequest
from aliyunsdkecs.request.v20140526.DetachNetworkInterfaceRequest import DetachNetworkInterfaceRequest
from aliyunsdkecs.request.v20140526.RunCommandRequest import RunCommandRequest
from aliyunsdkecs.request.v20140526.TagResourcesRequest import TagResourcesRequest
from aliyunsdkvpc.request.v20160428.AllocateEipAddressRequest import AllocateEipAddressRequest
from aliyunsdkvpc.request.v20160428.AssociateEipAddressBatchRequest import AssociateEipAddressBatchRequest
from aliyunsdkvpc.request.v20160428.DescribeEipAddressesRequest import DescribeEipAddressesRequest
from aliyunsdkvpc.request.v20160428.DescribeEipGatewayInfoRequest import DescribeEipGatewayInfoRequest
from aliyunsdkvpc.request.v20160428.ReleaseEipAddressRequest import ReleaseEipAddressRequest
from aliyunsdkvpc.request.v20160428.UnassociateEipAddressRequest import UnassociateEipAddressRequest

if TYPE_CHECKING:
    from localcloud import MockCloud


class Sdk:
    """The SDK's client with requests as one line each."""

    def __init__(self, served: MockCloud, secret: str = "main-user-secret") -> None:
        """Point every request at the local cloud."""
        self._client = AcsClient("LTAI5tLocalUser000000001", secret, served.seeds.region, auto_retry=False)
        self._endpoint = served.endpoint.removeprefix("http://")

    def send(self, request: Any, **values: object) -> dict[str, Any]:  # noqa: ANN401 - the SDK has no types
        """Set the values by the SDK's own setters and send."""
        for name, value in values.items():
            getattr(request, f"set_{name}")(value)
        request.set_endpoint(self._endpoint)
        answer: dict[str, Any] = json.loads(self._client.do_action_with_exception(request))
        return answer


@pytest.fixture
def sdk(served: MockCloud) -> Sdk:
    """Give the SDK as the first account's user."""
    return Sdk(served)


def test_the_whole_flow_there_and_back_again(served: MockCloud, sdk: Sdk) -> None:
    """An unmodified SDK takes three EIPs into a guest and everything back to nothing."""
    seeds = served.seeds
    regions = sdk.send(DescribeRegionsRequest())["Regions"]["Region"]
    assert seeds.region in {row["RegionId"] for row in regions}
    found = sdk.send(DescribeInstancesRequest(), InstanceIds=json.dumps([seeds.instance]))
    assert [row["Status"] for row in found["Instances"]["Instance"]] == ["Running"]

    eni = sdk.send(
        CreateNetworkInterfaceRequest(),
        VSwitchId=seeds.vswitch,
        SecurityGroupId=seeds.security_group,
        Tags=[{"Key": "multi-eip:group", "Value": "a b/ü*~"}],
    )["NetworkInterfaceId"]
    eips = [sdk.send(AllocateEipAddressRequest())["AllocationId"] for _ in range(3)]
    sdk.send(
        AssociateEipAddressBatchRequest(),
        BindedInstanceId=eni,
        BindedInstanceType="NetworkInterface",
        InstanceIdss=eips,
        Mode="MULTI_BINDED",
    )
    rows = sdk.send(DescribeEipAddressesRequest(), AllocationId=",".join(eips))["EipAddresses"]["EipAddress"]
    assert {(row["Status"], row["Mode"], row["InstanceId"]) for row in rows} == {
        ("InUse", "MULTI_BINDED", eni)
    }
    gateways = sdk.send(DescribeEipGatewayInfoRequest(), InstanceId=eni)["EipInfos"]["EipInfo"]
    assert {row["Ip"] for row in gateways} == {row["IpAddress"] for row in rows}
    sdk.send(AttachNetworkInterfaceRequest(), NetworkInterfaceId=eni, InstanceId=seeds.instance)
    assert _eni(sdk, eni)["Status"] == "InUse"
    assert _eni(sdk, eni)["Tags"]["Tag"] == [{"TagKey": "multi-eip:group", "TagValue": "a b/ü*~"}]

    invoke = sdk.send(
        RunCommandRequest(),
        Type="RunShellScript",
        CommandContent=base64.b64encode(b"echo hello").decode(),
        ContentEncoding="Base64",
        InstanceIds=[seeds.instance],
    )["InvokeId"]
    result = _result(sdk, invoke)
    assert (result["InvocationStatus"], base64.b64decode(result["Output"])) == ("Success", b"hello\n")

    sdk.send(DetachNetworkInterfaceRequest(), NetworkInterfaceId=eni, InstanceId=seeds.instance)
    for eip in eips:
        sdk.send(
            UnassociateEipAddressRequest(), AllocationId=eip, InstanceId=eni, InstanceType="NetworkInterface"
        )
        sdk.send(ReleaseEipAddressRequest(), AllocationId=eip)
    sdk.send(DeleteNetworkInterfaceRequest(), NetworkInterfaceId=eni)
    assert sdk.send(DescribeEipAddressesRequest())["TotalCount"] == 0
    assert _enis(sdk, Type="Secondary") == []


def _enis(sdk: Sdk, **values: object) -> list[dict[str, Any]]:
    found = sdk.send(DescribeNetworkInterfacesRequest(), **values)
    rows: list[dict[str, Any]] = found["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    return rows


def _eni(sdk: Sdk, eni: str) -> dict[str, Any]:
    (row,) = _enis(sdk, NetworkInterfaceIds=[eni])
    return row


def _result(sdk: Sdk, invoke: str) -> dict[str, Any]:
    found = sdk.send(DescribeInvocationResultsRequest(), InvokeId=invoke)["Invocation"]
    rows: list[dict[str, Any]] = found["InvocationResults"]["InvocationResult"]
    return rows[0]


def test_a_common_request_goes_by_get_and_with_a_body(served: MockCloud, sdk: Sdk) -> None:
    """The SDK's generic request works by GET, and with its parameters in a form body."""
    for method in ("GET", "POST"):
        request = CommonRequest(domain=served.endpoint.removeprefix("http://"), version="2016-04-28")
        request.set_action_name("DescribeEipAddresses")
        request.set_method(method)
        if method == "POST":
            request.add_body_params("EipName", "not there")
        request.add_query_param("RegionId", served.seeds.region)

        assert sdk.send(request)["TotalCount"] == 0


def test_a_wrong_secret_is_named_by_the_sdk(served: MockCloud) -> None:
    """The refusal carries the string to sign, by which the SDK knows a wrong secret."""
    with pytest.raises((ServerException, ClientException)) as caught:
        Sdk(served, secret="not the secret").send(DescribeRegionsRequest())

    assert caught.value.get_error_code() == "InvalidAccessKeySecret"


def test_refusals_keep_code_and_status(sdk: Sdk) -> None:
    """An unknown EIP is a 404 with its code."""
    with pytest.raises(ServerException) as caught:
        sdk.send(ReleaseEipAddressRequest(), AllocationId="eip-nobody")

    assert (caught.value.get_error_code(), caught.value.get_http_status()) == (
        "InvalidAllocationId.NotFound",
        404,
    )
    with pytest.raises(ServerException) as caught:
        sdk.send(
            TagResourcesRequest(),
            ResourceType="eni",
            ResourceIds=["eni-no"],
            Tags=[{"Key": "a", "Value": "b"}],
        )
    assert caught.value.get_error_code() == "InvalidResourceId.NotFound"


def test_a_client_without_an_endpoint_may_come_by_proxy(served: MockCloud) -> None:
    """It asks for the vendor's host names, and the host names the product and the region."""
    key = served.cloud.accounts.user_key
    client = AcsClient(key.key_id, key.secret, served.seeds.region, proxy={"http": served.endpoint})
    request = DescribeInstancesRequest()
    request.set_protocol_type("http")

    answer = json.loads(client.do_action_with_exception(request))

    assert answer["TotalCount"] == 2
