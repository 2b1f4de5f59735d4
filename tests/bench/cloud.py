"""The local cloud's speed: calls per processor-second, and what lists cost when the account grows.

Processor time, not time on the clock: what one core does, whoever else is using the machine.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from localcloud import CloudOptions, mock_cloud
from tests.bench.frame import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from localcloud import MockCloud

_GROUPS = 200
_PER_GROUP = 5
_SMALL, _LARGE = 1_000, 10_000
_GROWTH = 1.2


def rows() -> Iterator[Row]:
    """Measure everything."""
    with mock_cloud(CloudOptions(transitions="immediate")) as local:
        groups = _fill(local, _GROUPS, _PER_GROUP)
        key, cloud = local.cloud.accounts.user_key, local.cloud
        signed = local.cloud.api()
        below = _rate(lambda product, action, params: cloud.perform(key, product, action, params), groups)
        in_process = _rate(signed.call, groups)
    yield Row("below HTTP", below, 15_000, "calls/s", at_least=True, note="a run's calls, 200 groups of five")
    yield Row("signed, in process", in_process, 4_000, "calls/s", at_least=True, note="the same calls")
    small, large = _lists(_SMALL), _lists(_LARGE)
    for name, seconds in large.items():
        note = (
            f"{small[name] * 1e6:.0f} µs in an account of {_SMALL}, {seconds * 1e6:.0f} µs in one of {_LARGE}"
        )
        yield Row(f"list {name}, ten times the account", seconds / small[name], _GROWTH, "times", note=note)


def _rate(send: Callable[[str, str, Mapping[str, str]], object], groups: list[dict[str, str]]) -> float:
    """Return the calls per processor-second of what a run makes, once for each group, best of three."""
    return max(_once(send, groups) for _ in range(3))


def _once(send: Callable[[str, str, Mapping[str, str]], object], groups: list[dict[str, str]]) -> float:
    gc.collect()
    start, calls = time.process_time(), 0
    for group in groups:
        for product, action, params in _run(group):
            send(product, action, params)
            calls += 1
    return calls / (time.process_time() - start)


def _run(group: Mapping[str, str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give the calls of a run that takes the interface off, changes its EIPs and puts it back."""
    region = {"RegionId": "cn-shanghai"}
    tag = {**region, "Tag.1.Key": "group", "Tag.1.Value": group["name"]}
    eni, eip = group["eni"], group["eip"]
    pair = {**region, "NetworkInterfaceId": eni, "InstanceId": group["instance"]}
    look = (
        ("Ecs", "DescribeNetworkInterfaces", {**tag, "MaxResults": "100"}),
        ("Vpc", "DescribeEipAddresses", {**tag, "PageSize": "100"}),
        ("Vpc", "DescribeEipAddresses", {**region, "AssociatedInstanceId": eni, "PageSize": "100"}),
        ("Ecs", "DescribeInstances", {**tag, "MaxResults": "100"}),
    )
    yield from look
    yield "Ecs", "DetachNetworkInterface", pair
    yield "Ecs", "DescribeNetworkInterfaces", {**region, "NetworkInterfaceId.1": eni}
    yield "Vpc", "UnassociateEipAddress", {**region, "AllocationId": eip}
    yield from look
    bind = {"BindedInstanceId": eni, "BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
    yield "Vpc", "AssociateEipAddressBatch", {**region, **bind, "InstanceIds.1": eip}
    yield "Vpc", "DescribeEipAddresses", {**region, "AllocationId": eip}
    yield "Ecs", "AttachNetworkInterface", pair
    yield "Ecs", "DescribeNetworkInterfaces", {**region, "NetworkInterfaceId.1": eni}
    yield "Vpc", "DescribeEipGatewayInfo", {**region, "InstanceId": eni}
    yield from look


def _fill(local: MockCloud, groups: int, eips: int) -> list[dict[str, str]]:
    """Make so many groups, each complete and attached, and return their ids."""
    cloud, seeds = local.cloud, local.seeds
    cloud.accounts.main.eip_quota = cloud.accounts.main.eni_quota = 10**6
    region, key = {"RegionId": seeds.region}, cloud.accounts.user_key

    def call(product: str, action: str, **params: str) -> dict[str, str]:
        sent = {name.replace("__", "."): value for name, value in params.items()}
        return cloud.perform(key, product, action, {**region, **sent})

    room = call("Vpc", "CreateVSwitch", VpcId=seeds.vpc, ZoneId=seeds.zone, CidrBlock="10.0.128.0/17")
    place = {"VSwitchId": room["VSwitchId"], "SecurityGroupId": seeds.security_group}
    made = []
    for number in range(groups):
        tag = {"Tag__1__Key": "group", "Tag__1__Value": f"g{number}"}
        run = call("Ecs", "RunInstances", InstanceType="ecs.g5.large", **place, **tag)
        instance = run["InstanceIdSets"]["InstanceIdSet"][0]
        eni = call("Ecs", "CreateNetworkInterface", **place, **tag)["NetworkInterfaceId"]
        ids = [call("Vpc", "AllocateEipAddress", **tag)["AllocationId"] for _ in range(eips)]
        numbered = {f"InstanceIds__{index}": each for index, each in enumerate(ids, start=1)}
        bind = {"BindedInstanceId": eni, "BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
        call("Vpc", "AssociateEipAddressBatch", **bind, **numbered)
        call("Ecs", "AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)
        made.append({"name": f"g{number}", "eni": eni, "eip": ids[0], "instance": instance})
    return made


def _lists(size: int) -> dict[str, float]:
    """Return the seconds that one short list takes in an account of so many groups of one EIP."""
    with mock_cloud(CloudOptions(transitions="immediate")) as local:
        group = _fill(local, size, 1)[size // 2]
        cloud, key = local.cloud, local.cloud.accounts.user_key
        region = {"RegionId": "cn-shanghai"}
        tag = {**region, "Tag.1.Key": "group", "Tag.1.Value": group["name"]}
        asked = {
            "EIPs by tag": ("Vpc", "DescribeEipAddresses", tag),
            "ENIs by tag": ("Ecs", "DescribeNetworkInterfaces", tag),
            "instances by tag": ("Ecs", "DescribeInstances", tag),
            "EIPs by binding": (
                "Vpc",
                "DescribeEipAddresses",
                {**region, "AssociatedInstanceId": group["eni"]},
            ),
            "ENIs by instance": (
                "Ecs",
                "DescribeNetworkInterfaces",
                {**region, "InstanceId": group["instance"]},
            ),
            "one page of all EIPs": ("Vpc", "DescribeEipAddresses", region),
        }
        gc.collect()
        gc.freeze()
        try:
            return {
                name: min(_seconds(cloud.perform, key, *each) for _ in range(5))
                for name, each in asked.items()
            }
        finally:
            gc.unfreeze()


def _seconds(perform: Callable[..., object], *call: object) -> float:
    start = time.process_time()
    for _ in range(200):
        perform(*call)
    return (time.process_time() - start) / 200
