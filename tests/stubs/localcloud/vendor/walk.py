"""A walk through the actions of the mode, on an account as rich in things as one gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.mock import mock_cloud
from localcloud.options import CloudOptions

if TYPE_CHECKING:
    from localcloud.calls.operations import ProductName
    from localcloud.mock import MockCloud

# The 28 actions that the mode lives on, by product.
ACTIONS = {
    "Vpc": (
        "AllocateEipAddress", "AssociateEipAddress", "AssociateEipAddressBatch", "UnassociateEipAddress",
        "DescribeEipAddresses", "DescribeEipGatewayInfo", "ReleaseEipAddress", "ListTagResources",
        "TagResources", "UnTagResources",
    ),
    "Ecs": (
        "CreateNetworkInterface", "DescribeNetworkInterfaces", "AttachNetworkInterface",
        "DetachNetworkInterface", "DeleteNetworkInterface", "AssignPrivateIpAddresses",
        "ModifyNetworkInterfaceAttribute", "DescribeInstances", "DescribeInstanceTypes", "RunCommand",
        "DescribeInvocations", "DescribeInvocationResults", "DescribeCloudAssistantStatus",
        "StopInvocation", "ListTagResources", "TagResources", "UntagResources",
    ),
    "Sts": ("GetCallerIdentity",),
}  # fmt: skip

_TAG = {"Tag.1.Key": "group", "Tag.1.Value": "web"}


def walk() -> None:
    """Make every call of `ACTIONS` once or more; whoever watches sees them."""
    with mock_cloud(CloudOptions(transitions="immediate")) as local:
        _Walker(local).everything()


class _Walker:
    def __init__(self, local: MockCloud) -> None:
        self._local = local
        self._cloud = local.cloud
        self._seeds = local.seeds

    def everything(self) -> None:
        eni, eips = self._interface(), [self._eip() for _ in range(3)]
        self._bind(eni, eips)
        self._attach(eni)
        self._members()
        self._others(eips[0])
        self._lists(eni)
        self._commands()
        self._tags(eni, eips[0])
        self._who()
        self._undo(eni, eips)

    def _call(self, product: ProductName, action: str, **params: str) -> dict[str, Any]:
        sent = {name.replace("__", "."): value for name, value in params.items()}
        key = self._cloud.accounts.user_key
        return self._cloud.perform(key, product, action, {"RegionId": self._seeds.region, **sent})

    def _interface(self, **params: str) -> str:
        given = {"VSwitchId": self._seeds.vswitch, "SecurityGroupId": self._seeds.security_group, **params}
        made = self._call(
            "Ecs", "CreateNetworkInterface", NetworkInterfaceName="eni", **_numbered(_TAG), **given
        )
        return str(made["NetworkInterfaceId"])

    def _eip(self) -> str:
        made = self._call(
            "Vpc", "AllocateEipAddress", Bandwidth="5", ClientToken=self._cloud.ids.guid(), **_numbered(_TAG)
        )
        return str(made["AllocationId"])

    def _bind(self, eni: str, eips: list[str]) -> None:
        target = {"BindedInstanceId": eni, "BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
        ids = {f"InstanceIds__{number}": each for number, each in enumerate(eips[1:], start=1)}
        one = {"InstanceId": eni, "InstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
        self._call("Vpc", "AssociateEipAddress", AllocationId=eips[0], **one)
        self._call("Vpc", "AssociateEipAddressBatch", **target, **ids)
        self._call("Vpc", "DescribeEipGatewayInfo", InstanceId=eni)

    def _attach(self, eni: str, **params: str) -> None:
        pair = {"NetworkInterfaceId": eni, "InstanceId": self._seeds.instance}
        self._call(
            "Ecs", "AssignPrivateIpAddresses", NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount="1"
        )
        self._call("Ecs", "AttachNetworkInterface", **pair, **params)

    def _members(self) -> None:
        place = {"VSwitchId": self._seeds.vswitch, "SecurityGroupId": self._seeds.security_group}
        run = self._call("Ecs", "RunInstances", InstanceType="ecs.g5.4xlarge", **place)
        instance = run["InstanceIdSets"]["InstanceIdSet"][0]
        self._interface(NetworkInterfaceTrafficMode="HighPerformance", QueuePairNumber="1")
        trunk, member = self._interface(InstanceType="Trunk"), self._interface()
        self._call("Ecs", "AttachNetworkInterface", NetworkInterfaceId=trunk, InstanceId=instance)
        self._call(
            "Ecs", "AttachNetworkInterface",
            NetworkInterfaceId=member, InstanceId=instance, TrunkNetworkInstanceId=trunk,
        )  # fmt: skip

    def _others(self, eip: str) -> None:
        others = self._cloud.others
        others.share(eip)
        others.lock(others.managed_eip())
        others.managed_eni("eci-uf6example")
        plain = self._eip()
        self._call("Vpc", "AssociateEipAddress", AllocationId=plain, InstanceId=self._seeds.instance)
        others.lock(self._seeds.instance_windows)

    def _lists(self, eni: str) -> None:
        region = {"Tag__1__Key": "group"}
        self._call("Vpc", "DescribeEipAddresses", PageNumber="1", PageSize="100", **region)
        self._call("Vpc", "DescribeEipAddresses", PageSize="100")
        self._call("Ecs", "DescribeNetworkInterfaces", MaxResults="100")
        self._call("Ecs", "DescribeNetworkInterfaces", PageNumber="1", PageSize="100", Type="Secondary")
        self._call("Ecs", "DescribeNetworkInterfaces", NetworkInterfaceId__1=eni)
        self._call("Ecs", "DescribeInstances", MaxResults="10")
        self._call("Ecs", "DescribeInstances", InstanceIds=f'["{self._seeds.instance}"]', PageSize="10")
        self._call("Ecs", "DescribeInstanceTypes", InstanceTypes__1="ecs.g5.large", MaxResults="10")

    def _commands(self) -> None:
        given = {"Type": "RunShellScript", "CommandContent": "echo hi", "InstanceId__1": self._seeds.instance}
        dated = {"Name": "walk", "Timeout": "60", **_numbered(_TAG)}
        for _ in range(2):
            invoke = str(self._call("Ecs", "RunCommand", **given, **dated)["InvokeId"])
        self._call("Ecs", "DescribeInvocationResults", InvokeId=invoke, ContentEncoding="PlainText")
        self._call("Ecs", "DescribeInvocationResults", MaxResults="1")
        self._call("Ecs", "DescribeInvocations", IncludeOutput="true", PageSize="10", PageNumber="1")
        self._call("Ecs", "DescribeInvocations", MaxResults="1")
        self._call("Ecs", "DescribeCloudAssistantStatus", InstanceId__1=self._seeds.instance)
        self._call("Ecs", "DescribeCloudAssistantStatus", MaxResults="1")
        self._call("Ecs", "DescribeCloudAssistantStatus", PageNumber="1", PageSize="1")
        self._call("Ecs", "StopInvocation", InvokeId=invoke)

    def _tags(self, eni: str, eip: str) -> None:
        undo: tuple[tuple[ProductName, str, str, str], ...] = (
            ("Ecs", "eni", eni, "UntagResources"),
            ("Vpc", "EIP", eip, "UnTagResources"),
        )
        for product, kind, resource, action in undo:
            named = {"ResourceType": kind, "ResourceId__1": resource}
            self._call(product, "TagResources", **named, Tag__1__Key="more", Tag__1__Value="tags")
            self._call(product, "ListTagResources", **named)
            self._call(product, action, **named, TagKey__1="more")
        instance = {"ResourceType": "instance", "ResourceId__1": self._seeds.instance}
        self._call("Ecs", "TagResources", **instance, **_numbered(_TAG))
        self._call("Ecs", "DescribeInstances", **_numbered(_TAG))

    def _who(self) -> None:
        self._call("Sts", "GetCallerIdentity")
        key_id, _, _ = self._cloud.issue_credentials("acs:ram::1234567890123456:role/walker", "walk")
        key = self._cloud.keys.find(key_id)
        self._cloud.perform(key, "Sts", "GetCallerIdentity", {})

    def _undo(self, eni: str, eips: list[str]) -> None:
        pair = {"NetworkInterfaceId": eni, "InstanceId": self._seeds.instance}
        self._call("Ecs", "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, Description="undone")
        self._call("Ecs", "DetachNetworkInterface", **pair)
        for eip in eips:
            self._call("Vpc", "UnassociateEipAddress", AllocationId=eip)
            self._call("Vpc", "ReleaseEipAddress", AllocationId=eip)
        self._call("Ecs", "DeleteNetworkInterface", NetworkInterfaceId=eni)


def _numbered(tags: dict[str, str]) -> dict[str, str]:
    return {name.replace(".", "__"): value for name, value in tags.items()}
