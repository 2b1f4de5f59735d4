"""An operator's hand on a local cloud: the calls that tests make again and again, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localcloud import CallRefusedError
from tests.stubs.tests.sdk import SdkApi

if TYPE_CHECKING:
    from localcloud import AccessKey, MockCloud


class Hand:
    """Calls by the names of the wire; `code` gives the refusal instead of raising it."""

    def __init__(
        self, local: MockCloud, key: AccessKey | None = None, region: str = "", *, sdk: bool = False
    ) -> None:
        """Act as the owner of `key` (the first account's user) in `region` (the seeds' one).

        By the client in process, or by the vendor's `sdk` where the cloud is served.
        """
        self.local = local
        self.api = SdkApi(local, key) if sdk else local.cloud.api(key)
        self.region = region or local.seeds.region

    def ecs(self, action: str, **params: str) -> dict[str, Any]:
        """Call ECS; `Tag__1__Key` stands for `Tag.1.Key`."""
        return self._call("Ecs", action, params)

    def vpc(self, action: str, **params: str) -> dict[str, Any]:
        """Call VPC."""
        return self._call("Vpc", action, params)

    def _call(self, product: str, action: str, params: dict[str, str]) -> dict[str, Any]:
        sent = {"RegionId": self.region, **params}
        return self.api.call(product, action, {name.replace("__", "."): each for name, each in sent.items()})

    def code(self, product: str, action: str, **params: str) -> str:
        """Make a call that has to be refused and give the code."""
        with pytest.raises(CallRefusedError) as caught:
            self._call(product, action, params)
        return caught.value.code

    def eni(self, **params: str) -> str:
        """Create an interface in the seeds' vSwitch."""
        seeds = self.local.seeds
        given = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group, **params}
        eni_id: str = self.ecs("CreateNetworkInterface", **given)["NetworkInterfaceId"]
        return eni_id

    def eip(self, **params: str) -> str:
        """Allocate an EIP."""
        allocation_id: str = self.vpc("AllocateEipAddress", **params)["AllocationId"]
        return allocation_id

    def eips(self, count: int) -> list[str]:
        """Allocate several EIPs."""
        return [self.eip() for _ in range(count)]

    def batch(self, eni: str, eips: list[str], **params: str) -> dict[str, str]:
        """Give the parameters of AssociateEipAddressBatch."""
        numbered = {f"InstanceIds__{index}": each for index, each in enumerate(eips, start=1)}
        common = {"BindedInstanceId": eni, "BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
        return {**common, **numbered, **params}

    def bind(self, eni: str, eips: list[str], **params: str) -> None:
        """Bind all of them in the multi-EIP mode."""
        self.vpc("AssociateEipAddressBatch", **self.batch(eni, eips, **params))

    def single(self, eni: str, eip: str, mode: str = "MULTI_BINDED", **params: str) -> dict[str, str]:
        """Give the parameters of AssociateEipAddress for an interface."""
        common = {"AllocationId": eip, "InstanceId": eni, "InstanceType": "NetworkInterface", "Mode": mode}
        return {**common, **params}

    def pair(self, eni: str, instance: str = "") -> dict[str, str]:
        """Give the parameters of attaching and detaching."""
        return {"NetworkInterfaceId": eni, "InstanceId": instance or self.local.seeds.instance}

    def eip_row(self, allocation_id: str) -> dict[str, Any]:
        """Describe one EIP."""
        (row,) = self.eip_rows(AllocationId=allocation_id)
        return row

    def eip_rows(self, **params: str) -> list[dict[str, Any]]:
        """Describe EIPs."""
        rows: list[dict[str, Any]] = self.vpc("DescribeEipAddresses", **params)["EipAddresses"]["EipAddress"]
        return rows

    def eni_rows(self, **params: str) -> list[dict[str, Any]]:
        """Describe interfaces."""
        found = self.ecs("DescribeNetworkInterfaces", **params)["NetworkInterfaceSets"]
        rows: list[dict[str, Any]] = found["NetworkInterfaceSet"]
        return rows

    def eni_status(self, eni: str) -> str:
        """Give the status of one interface, `gone` where there is none."""
        rows = self.eni_rows(NetworkInterfaceId__1=eni)
        return str(rows[0]["Status"]) if rows else "gone"

    def instance(self, **params: str) -> str:
        """Run one more instance beside the seeds."""
        seeds = self.local.seeds
        given = {"InstanceType": "ecs.g5.large", "VSwitchId": seeds.vswitch, **params}
        given.setdefault("SecurityGroupId", seeds.security_group)
        instance_id: str = self.ecs("RunInstances", **given)["InstanceIdSets"]["InstanceIdSet"][0]
        return instance_id

    def vswitch(self, zone: str, cidr: str, vpc: str = "") -> str:
        """Make one more vSwitch."""
        given = {"VpcId": vpc or self.local.seeds.vpc, "ZoneId": zone, "CidrBlock": cidr}
        vswitch_id: str = self.vpc("CreateVSwitch", **given)["VSwitchId"]
        return vswitch_id

    def run(self, content: str, **params: str) -> str:
        """Run a shell command in the seeds' Linux instance."""
        common = {
            "Type": "RunShellScript",
            "CommandContent": content,
            "InstanceId__1": self.local.seeds.instance,
        }
        invoke_id: str = self.ecs("RunCommand", **{**common, **params})["InvokeId"]
        return invoke_id

    def result(self, invoke_id: str) -> dict[str, Any]:
        """Give the result of a command on one instance."""
        found = self.ecs("DescribeInvocationResults", InvokeId=invoke_id, ContentEncoding="PlainText")
        rows: list[dict[str, Any]] = found["Invocation"]["InvocationResults"]["InvocationResult"]
        return rows[0]
