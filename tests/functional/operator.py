"""An operator's hand on the local cloud: makes and tags what the functions then find."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud import InProcessApi, LocalCloud, Seeds

PREFIX = "multi-eip:"


class Operator:
    """Calls the cloud's own APIs as a person with a console would."""

    def __init__(self, cloud: LocalCloud, region: str = "cn-shanghai") -> None:
        """Work in one region as the first account's RAM user."""
        self.cloud = cloud
        self.region = region
        self.api: InProcessApi = cloud.api()

    def eni(self, seeds: Seeds, group: str | None = None, **tags: str) -> str:
        """Create an ENI with the tags of a group and more of ours."""
        answer = self.api.call(
            "Ecs",
            "CreateNetworkInterface",
            {
                "RegionId": self.region,
                "VSwitchId": seeds.vswitch,
                "SecurityGroupId": seeds.security_group,
                **numbered_tags(group, tags),
            },
        )
        return str(answer["NetworkInterfaceId"])

    def eips(self, count: int, group: str | None = None) -> list[str]:
        """Buy EIPs, tagged with a group."""
        made = [self.api.call("Vpc", "AllocateEipAddress", {"RegionId": self.region}) for _ in range(count)]
        ids = [str(each["AllocationId"]) for each in made]
        if group is not None and ids:
            self.tag("EIP", ids, group)
        return ids

    def tag(self, kind: str, ids: list[str], group: str | None = None, **tags: str) -> None:
        """Tag resources of one kind: `eni`, `instance` or `EIP`."""
        product = "Vpc" if kind == "EIP" else "Ecs"
        named = {f"ResourceId.{n}": each for n, each in enumerate(ids, 1)}
        parameters = {"RegionId": self.region, "ResourceType": kind, **named, **numbered_tags(group, tags)}
        self.api.call(product, "TagResources", parameters)

    def untag(self, kind: str, ids: list[str], key: str = "group") -> None:
        """Take one of our tags away."""
        product, action = ("Vpc", "UnTagResources") if kind == "EIP" else ("Ecs", "UntagResources")
        named = {f"ResourceId.{n}": each for n, each in enumerate(ids, 1)}
        parameters = {"RegionId": self.region, "ResourceType": kind, **named, "TagKey.1": PREFIX + key}
        self.api.call(product, action, parameters)

    def another_instance(self, seeds: Seeds, kind: str = "ecs.g5.large") -> str:
        """Start one more Linux instance beside the seeded one, and wait until it runs."""
        asked = linux_instance(seeds, self.region, kind)
        (made,) = self.api.call("Ecs", "RunInstances", asked)["InstanceIdSets"]["InstanceIdSet"]
        self.cloud.clock.sleep(300)
        return str(made)

    def bind(self, eni: str, eips: list[str]) -> None:
        """Bind EIPs to an ENI in multi-EIP mode, and wait."""
        named = {f"InstanceIds.{n}": each for n, each in enumerate(eips, 1)}
        common = {"RegionId": self.region, "BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
        self.api.call("Vpc", "AssociateEipAddressBatch", {**common, "BindedInstanceId": eni, **named})
        self.cloud.clock.sleep(60)

    def attach(self, eni: str, instance: str) -> None:
        """Attach an ENI to an instance, and wait."""
        parameters = {"RegionId": self.region, "NetworkInterfaceId": eni, "InstanceId": instance}
        self.api.call("Ecs", "AttachNetworkInterface", parameters)
        self.cloud.clock.sleep(60)


def linux_instance(seeds: Seeds, region: str, kind: str = "ecs.g5.large") -> dict[str, str]:
    """Return what RunInstances is asked with for one more Linux instance beside the seeded one."""
    return {
        "RegionId": region,
        "ImageId": "debian_12_0_x64_20G_alibase_20240101.vhd",
        "InstanceType": kind,
        "VSwitchId": seeds.vswitch,
        "SecurityGroupId": seeds.security_group,
    }


def numbered_tags(group: str | None, tags: dict[str, str]) -> dict[str, str]:
    """Return the tag parameters of a call, with our prefix."""
    pairs = [*([("group", group)] if group is not None else []), *tags.items()]
    keys = {f"Tag.{n}.Key": PREFIX + key for n, (key, _) in enumerate(pairs, 1)}
    return keys | {f"Tag.{n}.Value": value for n, (_, value) in enumerate(pairs, 1)}
