"""What the product relies on, asked of the local cloud and, where there is an account, of the real one."""

from __future__ import annotations

import base64
import uuid
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.contract.conftest import Site

pytestmark = pytest.mark.timeout(900)


def test_who_calls(site: Site) -> None:
    """GetCallerIdentity needs no permission and names account and kind."""
    body = site.call("Sts", "GetCallerIdentity")

    assert body["AccountId"].isdigit()
    assert body["IdentityType"] in {"Account", "RAMUser", "AssumedRoleUser"}


def test_regions_of_both_products(site: Site) -> None:
    """Both products list the region."""
    for product in ("Ecs", "Vpc"):
        rows = site.call(product, "DescribeRegions")["Regions"]["Region"]
        assert site.region in {row["RegionId"] for row in rows}


def test_unknown_ids(site: Site) -> None:
    """Lists are empty; writes are refused with the code of the object and the documented status."""
    assert site.eip_status("eip-uf6000000000000000000") == "gone"
    assert site.eni_status("eni-uf6000000000000000000") == "gone"
    refusal = site.refused("Vpc", "ReleaseEipAddress", AllocationId="eip-uf6000000000000000000")
    assert (refusal.code, refusal.http_status) == ("InvalidAllocationId.NotFound", 404)
    refusal = site.refused("Ecs", "DeleteNetworkInterface", NetworkInterfaceId="eni-uf6000000000000000000")
    assert (refusal.code, refusal.http_status in {403, 404}) == ("InvalidEniId.NotFound", True)


def test_a_missing_parameter(site: Site) -> None:
    """The gateway names it in the code."""
    assert site.refused("Vpc", "UnassociateEipAddress").code in {"MissingAllocationId", "MissingParameter"}


def test_dry_run_tells_the_permission(site: Site) -> None:
    """DescribeInstances with DryRun is a refusal either way; with the permission it is this one."""
    assert site.refused("Ecs", "DescribeInstances", DryRun="true").code == "DryRunOperation"


def test_an_instance_carries_its_family(site: Site) -> None:
    """The ids are a JSON array in a string; family and system come in DescribeInstances."""
    (row,) = site.call("Ecs", "DescribeInstances", InstanceIds=f'["{site.instance}"]')["Instances"][
        "Instance"
    ]

    assert (row["InstanceId"], row["OSType"], row["Status"]) == (site.instance, "linux", "Running")
    assert row["InstanceType"].startswith(f"{row['InstanceTypeFamily']}.")
    kinds = site.call("Ecs", "DescribeInstanceTypes", InstanceTypes__1=row["InstanceType"])["InstanceTypes"]
    assert kinds["InstanceType"][0]["EniQuantity"] >= 1


def test_a_client_token_makes_one_interface(site: Site) -> None:
    """The same call twice gives one id; other parameters with the token are refused."""
    token = uuid.uuid4().hex
    first = site.eni(ClientToken=token)
    given = {"VSwitchId": site.vswitch, "SecurityGroupId": site.security_group, "ClientToken": token}

    assert site.call("Ecs", "CreateNetworkInterface", **given)["NetworkInterfaceId"] == first
    refusal = site.refused("Ecs", "CreateNetworkInterface", **given, NetworkInterfaceName="other")
    assert refusal.code == "IdempotentParameterMismatch"


def test_tags_have_two_spellings(site: Site) -> None:
    """ECS says TagKey and TagValue, VPC says Key and Value; both can be filtered by."""
    value = uuid.uuid4().hex
    eni, eip = site.eni(Tag__1__Key="multi-eip:contract", Tag__1__Value=value), site.eip()
    tag = {"Tag__1__Key": "multi-eip:contract", "Tag__1__Value": value}
    site.call("Vpc", "TagResources", ResourceType="EIP", ResourceId__1=eip, **tag)

    enis = site.call("Ecs", "DescribeNetworkInterfaces", **tag)["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert [(row["NetworkInterfaceId"], row["Tags"]["Tag"]) for row in enis] == [
        (eni, [{"TagKey": "multi-eip:contract", "TagValue": value}])
    ]
    eips = site.call("Vpc", "DescribeEipAddresses", **tag)["EipAddresses"]["EipAddress"]
    assert [(row["AllocationId"], row["Tags"]["Tag"]) for row in eips] == [
        (eip, [{"Key": "multi-eip:contract", "Value": value}])
    ]
    site.call("Vpc", "UnTagResources", ResourceType="EIP", ResourceId__1=eip, TagKey__1="multi-eip:contract")
    assert site.call("Vpc", "DescribeEipAddresses", **tag)["TotalCount"] == 0


def test_the_mode_from_binding_to_detaching(site: Site) -> None:
    """Two EIPs in one batch, their gateways, the attached interface; a detach keeps them bound."""
    eni, eips = site.eni(), [site.eip(), site.eip()]
    numbered = {f"InstanceIds__{index}": eip for index, eip in enumerate(eips, start=1)}
    batch = {"BindedInstanceId": eni, "BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
    site.call("Vpc", "AssociateEipAddressBatch", **batch, **numbered)
    site.until(lambda: all(site.eip_status(eip) == "InUse" for eip in eips))
    rows = site.call("Vpc", "DescribeEipAddresses", AllocationId=",".join(eips))["EipAddresses"]["EipAddress"]
    assert {(row["InstanceId"], row["Mode"]) for row in rows} == {(eni, "MULTI_BINDED")}

    site.call("Ecs", "AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=site.instance)
    site.undo.callback(site.detach, eni)
    site.until(lambda: site.eni_status(eni) == "InUse")
    found = site.call("Vpc", "DescribeEipGatewayInfo", InstanceId=eni)["EipInfos"]["EipInfo"]
    assert {row.get("Ip") or row["IP"] for row in found} == {row["IpAddress"] for row in rows}
    for row in found:
        network = IPv4Network(f"{row['IpGw']}/{row['IpMask']}", strict=False)
        assert IPv4Address(row.get("Ip") or row["IP"]) in network

    site.detach(eni)
    assert [site.eip_status(eip) for eip in eips] == ["InUse", "InUse"]
    for eip in eips:
        site.unbind(eip)


@pytest.mark.parametrize(
    ("content", "status", "exit_code", "error", "output"),
    [("echo contract", "Success", 0, "", b"contract\n"), ("exit 3", "Failed", 3, "ExitCodeNonzero", b"")],
)
def test_a_command_and_its_result(
    site: Site, content: str, status: str, exit_code: int, error: str, output: bytes
) -> None:
    """Output is Base64, the paging fields sit inside Invocation, and the exit code is a number."""
    command = {"Type": "RunShellScript", "ContentEncoding": "Base64", "InstanceId__1": site.instance}
    encoded = base64.b64encode(content.encode()).decode()
    invoke = site.call("Ecs", "RunCommand", CommandContent=encoded, **command)["InvokeId"]

    def rows() -> list[dict[str, object]]:
        body = site.call("Ecs", "DescribeInvocationResults", InvokeId=invoke)["Invocation"]
        found: list[dict[str, object]] = body["InvocationResults"]["InvocationResult"]
        return found

    site.until(lambda: bool(rows()) and rows()[0]["InvocationStatus"] not in {"Pending", "Running"})
    (row,) = rows()
    assert (row["InvocationStatus"], row["ExitCode"], row["ErrorCode"]) == (status, exit_code, error)
    assert base64.b64decode(str(row["Output"])) == output
