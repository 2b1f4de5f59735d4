"""The first things in a cloud: a network and two running instances, as an operator would find them."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localcloud.calls.operations import ECS, VPC, Call
from localcloud.calls.params import Arguments
from localcloud.ecs.instances import add_instance
from localcloud.physics.clock import stamp
from localcloud.state.ecs import SecurityGroup, SecurityRule
from localcloud.state.networks import Vpc, VSwitch
from localcloud.state.seeds import Seeds
from localcloud.vpc.responses import allocate_eip

if TYPE_CHECKING:
    from localcloud.front.context import Behind
    from localcloud.front.trail import Trail

_NETWORK = IPv4Network("10.0.0.0/16")
_SUBNET = IPv4Network("10.0.0.0/24")


def plant(cloud: Behind) -> Seeds:
    """Make the seeds in the first account's home region and boot the instances; call inside the lock."""
    region, account = cloud.home_region, cloud.accounts.main.account_id
    state, now = cloud.state(account, region), stamp(cloud.clock.now())
    zones = cloud.regions[region].zone_ids
    zone = zones[min(1, len(zones) - 1)]
    vpc = Vpc(cloud.ids.resource("vpc", region), _NETWORK, "first", now)
    state.vpcs[vpc.vpc_id] = vpc
    vswitch = VSwitch(cloud.ids.resource("vsw", region), vpc.vpc_id, zone, _SUBNET, "first", now)
    state.vswitches[vswitch.vswitch_id] = vswitch
    group = SecurityGroup(cloud.ids.resource("sg", region), vpc.vpc_id, "first", now)
    everything = SecurityRule(f"sgr-{group.group_id[3:]}", "ALL", "-1/-1", "0.0.0.0/0", created=now)
    group.rules.append(everything)
    state.security_groups[group.group_id] = group
    linux = _instance(cloud, vswitch, group, "10.0.0.10", "aliyun_3_x64_20G_alibase_20260101.vhd")
    windows = _instance(
        cloud, vswitch, group, "10.0.0.11", "win2022_21H2_x64_dtc_en-us_40G_alibase_20260101.vhd"
    )
    return Seeds(region, zone, vpc.vpc_id, vswitch.vswitch_id, group.group_id, linux, windows)


def _instance(cloud: Behind, vswitch: VSwitch, group: SecurityGroup, address: str, image: str) -> str:
    parameters = {
        "InstanceType": "ecs.g5.large",
        "VSwitchId": vswitch.vswitch_id,
        "SecurityGroupId": group.group_id,
        "PrivateIpAddress": address,
        "ImageId": image,
        "InstanceName": "windows" if image.startswith("win") else "linux",
    }
    identity = cloud.accounts.root_key.identity
    run = ECS.actions["RunInstances"]
    call = Call(cloud, run, identity, cloud.home_region, Arguments(parameters), cloud.ids.guid())
    instance = add_instance(call)
    instance.guest.start()
    instance.status, instance.started, instance.booted = "Running", stamp(cloud.clock.now()), 1
    return instance.instance_id


def buy_eip(cloud: Behind, trail: Trail) -> str:
    """Allocate an EIP in the home region the way the console's buy page does; call inside the lock."""
    identity = cloud.accounts.root_key.identity
    allocate = VPC.actions["AllocateEipAddress"]
    call = Call(cloud, allocate, identity, cloud.home_region, Arguments({}), cloud.ids.guid())
    eip = allocate_eip(call)
    trail.record_purchase(identity, cloud.home_region, eip.allocation_id)
    return eip.allocation_id
