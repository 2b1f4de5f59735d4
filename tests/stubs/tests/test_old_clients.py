"""What older clients send, and what scanners leave out: taken as the real cloud takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alibabacloud_ecs20140526 import models as ecs  # type: ignore[import-untyped]
from alibabacloud_ecs20140526.client import Client as EcsClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc  # type: ignore[import-untyped]
from alibabacloud_vpc20160428.client import Client as VpcClient  # type: ignore[import-untyped]
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from tests.stubs.tests.hand import Hand
from tests.stubs.tests.sdk import Sdk

if TYPE_CHECKING:
    from localcloud import MockCloud


@pytest.fixture
def sdk(served: MockCloud) -> Sdk:
    """Give the vendor's SDK as the first account's user."""
    return Sdk(served)


def _vpc(served: MockCloud, host: str) -> VpcClient:
    """Return the newer SDK's client of a host that is reached through the local cloud as its proxy."""
    key = served.cloud.accounts.user_key
    return VpcClient(
        Config(
            access_key_id=key.key_id,
            access_key_secret=key.secret,
            endpoint=host,
            protocol="http",
            http_proxy=served.endpoint,
        )
    )


def test_what_comes_twice_is_signed_once(served: MockCloud) -> None:
    """The older SDK sends what it has as a form in the query, too, and signs each parameter once."""
    key = served.cloud.accounts.user_key
    client = AcsClient(key.key_id, key.secret, served.seeds.region, auto_retry=False, proxy={"http": ""})
    request = CommonRequest(
        domain=served.endpoint.removeprefix("http://"),
        version="2016-04-28",
        action_name="AllocateEipAddress",
        product="vpc",
    )
    request.set_method("POST")
    for name, value in {"RegionId": served.seeds.region, "Name": "twice"}.items():
        request.add_body_params(name, value)
        request.add_query_param(name, value)
    client.do_action_with_exception(request)

    (row,) = Hand(served).eip_rows()
    assert row["Name"] == "twice"


@pytest.mark.parametrize(
    ("host", "region"), [("vpc.cn-beijing.aliyuncs.com", "cn-beijing"), ("vpc.aliyuncs.com", "cn-shanghai")]
)
def test_a_read_without_a_region_is_about_that_of_its_host(served: MockCloud, host: str, region: str) -> None:
    """DescribeVpcs as a scanner sends it; a host without a region means the default one."""
    Hand(served, region=region).vpc("CreateVpc", CidrBlock="192.168.0.0/16")

    found = _vpc(served, host).describe_vpcs(vpc.DescribeVpcsRequest()).body.vpcs.vpc

    assert "192.168.0.0/16" in {each.cidr_block for each in found}
    assert {each.region_id for each in found} == {region}


def test_a_write_needs_its_region(served: MockCloud) -> None:
    """Nothing is made in a region that nobody named."""
    with pytest.raises(ClientException) as refused:
        _vpc(served, "vpc.aliyuncs.com").allocate_eip_address(vpc.AllocateEipAddressRequest())

    assert (refused.value.status_code, refused.value.code) == (400, "MissingRegionId")
    assert Hand(served).eip_rows() == []


def test_the_ecs_api_still_has_eips(served: MockCloud) -> None:
    """Allocate, bind to an instance, describe, unbind and release, by the newer ECS SDK."""
    client = EcsClient(
        Config(
            access_key_id=served.cloud.accounts.user_key.key_id,
            access_key_secret=served.cloud.accounts.user_key.secret,
            region_id=served.seeds.region,
            endpoint=served.endpoint.removeprefix("http://"),
            protocol="http",
        )
    )
    region, instance = served.seeds.region, served.seeds.instance
    made = client.allocate_eip_address(ecs.AllocateEipAddressRequest(region_id=region, bandwidth="10")).body
    pair = {"allocation_id": made.allocation_id, "instance_id": instance}
    client.associate_eip_address(ecs.AssociateEipAddressRequest(**pair, region_id=region))
    described = ecs.DescribeEipAddressesRequest(region_id=region, allocation_id=made.allocation_id)
    (row,) = client.describe_eip_addresses(described).body.eip_addresses.eip_address
    assert (row.ip_address, row.status, row.instance_id) == (made.eip_address, "InUse", instance)
    assert row.bandwidth == "10"

    client.unassociate_eip_address(ecs.UnassociateEipAddressRequest(**pair, region_id=region))
    client.release_eip_address(
        ecs.ReleaseEipAddressRequest(allocation_id=made.allocation_id, region_id=region)
    )
    assert Hand(served).eip_rows() == []


def test_an_eip_is_allocated_whatever_instance_is_named(sdk: Sdk) -> None:
    """Old clients send an InstanceId without an IpAddress; it means nothing."""
    made = sdk.vpc("AllocateEipAddress", InstanceId="eip-of-old")

    (row,) = sdk.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"]
    assert (row["AllocationId"], row["InstanceId"]) == (made["AllocationId"], "")


def test_fifty_eips_are_tagged_at_once(served: MockCloud, sdk: Sdk) -> None:
    """The fifty-first is refused, and so is a value that begins with acs:, which ECS takes."""
    served.cloud.accounts.main.eip_quota = 60
    hand = Hand(served)
    eips = hand.eips(50)
    ids = {f"ResourceId__{number}": each for number, each in enumerate(eips, start=1)}
    tag = {"ResourceType": "EIP", "Tag__1__Key": "group", "Tag__1__Value": "web"}
    sdk.vpc("TagResources", **ids, **tag)
    assert sdk.vpc("DescribeEipAddresses", Tag__1__Key="group")["TotalCount"] == 50

    with pytest.raises(ServerException) as caught:
        sdk.vpc("TagResources", **ids, ResourceId__51=hand.eip(), **tag)
    assert caught.value.get_error_code() == "InvalidParameter"
    reserved = {**tag, "Tag__1__Value": "acs:web"}
    with pytest.raises(ServerException) as caught:
        sdk.vpc("TagResources", ResourceId__1=eips[0], **reserved)
    assert caught.value.get_error_code() == "InvalidTagValue.Malformed"
    sdk.ecs("TagResources", **{**reserved, "ResourceType": "eni", "ResourceId__1": hand.eni()})


@pytest.mark.parametrize(
    ("action", "asked", "rows"),
    [("DescribeInstances", "500", 100), ("DescribeNetworkInterfaces", "5", 10)],
)
def test_a_page_size_is_bent_where_the_reference_bends(
    served: MockCloud, action: str, asked: str, rows: int
) -> None:
    """More than a hundred instances by token are a hundred; fewer than ten interfaces are ten."""
    hand = Hand(served, sdk=True)
    hand.instance(Amount="100")
    hand.instance(Amount="20")
    body = hand.ecs(action, MaxResults=asked)

    found = next(each for each in body.values() if isinstance(each, dict))
    assert len(next(iter(found.values()))) == rows
    assert body["NextToken"]
