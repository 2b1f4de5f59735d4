"""The vendor's newer SDKs (ACS3 header signature), unmodified, over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from alibabacloud_ecs20140526 import models as ecs  # type: ignore[import-untyped]
from alibabacloud_ecs20140526.client import Client as EcsClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc  # type: ignore[import-untyped]
from alibabacloud_vpc20160428.client import Client as VpcClient  # type: ignore[import-untyped]
from darabonba.exceptions import DaraException

if TYPE_CHECKING:
    from localcloud import MockCloud


def _config(served: MockCloud, token: str = "", key_id: str = "", secret: str = "") -> Config:
    key = served.cloud.accounts.user_key
    return Config(
        access_key_id=key_id or key.key_id,
        access_key_secret=secret or key.secret,
        security_token=token or None,
        region_id=served.seeds.region,
        endpoint=served.endpoint.removeprefix("http://"),
        protocol="http",
    )


def test_the_whole_flow_there_and_back_again(served: MockCloud) -> None:
    """The newer SDKs take three EIPs into a guest and everything back to nothing."""
    seeds, region = served.seeds, served.seeds.region
    ecs_client, vpc_client = EcsClient(_config(served)), VpcClient(_config(served))
    regions = ecs_client.describe_regions(ecs.DescribeRegionsRequest()).body.regions.region
    assert region in {row.region_id for row in regions}
    found = ecs_client.describe_instances(
        ecs.DescribeInstancesRequest(region_id=region, instance_ids=json.dumps([seeds.instance]))
    )
    assert found.body.instances.instance[0].instance_type_family == "ecs.g5"

    eni = ecs_client.create_network_interface(
        ecs.CreateNetworkInterfaceRequest(
            region_id=region,
            v_switch_id=seeds.vswitch,
            security_group_ids=[seeds.security_group],
            tag=[ecs.CreateNetworkInterfaceRequestTag(key="k", value="v w")],
        )
    ).body.network_interface_id
    eips = [
        vpc_client.allocate_eip_address(vpc.AllocateEipAddressRequest(region_id=region)).body.allocation_id
        for _ in range(3)
    ]
    vpc_client.associate_eip_address_batch(
        vpc.AssociateEipAddressBatchRequest(
            region_id=region,
            binded_instance_id=eni,
            binded_instance_type="NetworkInterface",
            instance_ids=eips,
            mode="MULTI_BINDED",
        )
    )
    rows = vpc_client.describe_eip_addresses(vpc.DescribeEipAddressesRequest(region_id=region)).body
    assert {(row.status, row.mode) for row in rows.eip_addresses.eip_address} == {("InUse", "MULTI_BINDED")}
    gateways = vpc_client.describe_eip_gateway_info(
        vpc.DescribeEipGatewayInfoRequest(region_id=region, instance_id=eni)
    )
    assert {row.ip_gw for row in gateways.body.eip_infos.eip_info} == {"198.51.100.1", "203.0.113.129"}
    attach = {"region_id": region, "network_interface_id": eni, "instance_id": seeds.instance}
    ecs_client.attach_network_interface(ecs.AttachNetworkInterfaceRequest(**attach))
    assert _status(ecs_client, region, eni) == ["InUse"]
    invoke = ecs_client.run_command(
        ecs.RunCommandRequest(
            region_id=region, type="RunShellScript", command_content="echo hi", instance_id=[seeds.instance]
        )
    ).body.invoke_id
    result = ecs_client.describe_invocation_results(
        ecs.DescribeInvocationResultsRequest(region_id=region, invoke_id=invoke, content_encoding="PlainText")
    ).body.invocation.invocation_results.invocation_result[0]
    assert (result.invocation_status, result.exit_code, result.output) == ("Success", 0, "hi\n")

    ecs_client.detach_network_interface(ecs.DetachNetworkInterfaceRequest(**attach))
    for eip in eips:
        vpc_client.unassociate_eip_address(
            vpc.UnassociateEipAddressRequest(region_id=region, allocation_id=eip)
        )
        vpc_client.release_eip_address(vpc.ReleaseEipAddressRequest(region_id=region, allocation_id=eip))
    ecs_client.delete_network_interface(
        ecs.DeleteNetworkInterfaceRequest(region_id=region, network_interface_id=eni)
    )
    assert _status(ecs_client, region, eni) == []


def _status(client: EcsClient, region: str, eni: str) -> list[str]:
    request = ecs.DescribeNetworkInterfacesRequest(region_id=region, network_interface_id=[eni])
    body = client.describe_network_interfaces(request).body
    return [row.status for row in body.network_interface_sets.network_interface_set]


def test_temporary_credentials_need_their_token(served: MockCloud) -> None:
    """STS keys work with their token and are refused with another's."""
    role = "acs:ram::1234567890123456:role/operator"
    key_id, secret, token = served.cloud.issue_credentials(role, "session")
    request = vpc.DescribeEipAddressesRequest(region_id=served.seeds.region)

    body = VpcClient(_config(served, token, key_id, secret)).describe_eip_addresses(request).body
    assert body.total_count == 0
    with pytest.raises(DaraException) as caught:
        VpcClient(_config(served, "CAISanother", key_id, secret)).describe_eip_addresses(request)
    assert caught.value.code == "InvalidSecurityToken.MismatchWithAccessKey"


def test_a_wrong_secret_and_an_unknown_key_are_refused(served: MockCloud) -> None:
    """The header signature is checked, and so is the key."""
    request = vpc.DescribeEipAddressesRequest(region_id=served.seeds.region)
    with pytest.raises(DaraException) as caught:
        VpcClient(_config(served, secret="wrong")).describe_eip_addresses(request)
    assert caught.value.code == "SignatureDoesNotMatch"
    with pytest.raises(DaraException) as caught:
        VpcClient(_config(served, key_id="LTAInobody")).describe_eip_addresses(request)
    assert caught.value.code == "InvalidAccessKeyId.NotFound"
