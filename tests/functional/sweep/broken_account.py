"""One account in which each rule is broken once, by a group that has the rule's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from multieip.cloud.catalog import catalog

if TYPE_CHECKING:
    from localcloud.guests import Command, Execution, SimulatedGuest
    from tests.functional.scene import Scene

Breaking = Callable[["BrokenAccount", str], None]
BREAKINGS: dict[str, Breaking] = {}
"""How each rule is broken."""

_ANSWER = "multieip-answer: "

_UNBOUND = frozenset({"eips-bound", "eni-attached", "no-idle-eip"})
"""What a group of which nothing is bound yet breaks in any case."""

ALSO: dict[str, frozenset[str]] = {
    "assistant-online": _UNBOUND,
    "at-most-ten": _UNBOUND,
    "eip-free": frozenset({"eips-bound", "eni-attached"}),
    "eips-bound": frozenset({"no-idle-eip"}),
    "eni-detached-while-binding": frozenset({"eips-bound", "no-idle-eip"}),
    "eni-room": _UNBOUND,
    "eni-state": frozenset({"eni-attached"}),
    "foreign-eips-consent": frozenset({"no-foreign-eip"}),
    # With two ENIs nobody can say which of them an EIP may be on.
    "group-shape": frozenset({"eip-free"}),
    "instance-family": _UNBOUND,
    "instance-state": _UNBOUND,
    "no-idle-eip": frozenset({"eips-bound"}),
    "one-mode": frozenset({"eips-bound"}),
    "same-vpc-zone": _UNBOUND,
    # What cannot be read may be what the guest has.
    "unreadable": frozenset({"no-stale-address"}),
    "windows-one-gateway": frozenset({"windows-private-address", "eni-attached"}),
    "windows-private-address": frozenset({"eni-attached"}),
}
"""What cannot but be broken together with a rule; whatever is not named here is broken by itself alone."""

BY_A_RUN = ("one-group-per-eip", "mode-authorised", "same-region", "eni-private-ips", "vpc-routing")
"""Rules that no sweep finds broken: the cloud's refusal of a write tells, or a call by ids."""

MENDED = frozenset(
    {
        "eips-bound",
        "eips-on-interface",
        "eni-attached",
        "no-foreign-eip",
        "no-idle-eip",
        "no-stale-address",
        "replies-by-own-gateway",
    }
)
"""What a repair mends for good."""

OTHER_REGION = "cn-hongkong"
"""A region that the local cloud has, and in which no page offers the mode."""


def breaks(rule: str) -> Callable[[Breaking], Breaking]:
    """Register how a rule is broken."""

    def register(breaking: Breaking) -> Breaking:
        BREAKINGS[rule] = breaking
        return breaking

    return register


class BentGuest:
    """A guest whose answers are bent on the way out; all else is that of the guest inside."""

    def __init__(self, inner: Any, bend: Callable[[dict[str, Any]], object]) -> None:  # noqa: ANN401  any guest
        """Let `bend` change each answer to our script."""
        self._inner = inner
        self._bend = bend

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the guest has
        """Return what the guest inside has."""
        return getattr(self._inner, name)

    def run(self, command: Command) -> Execution:
        """Answer as the guest does, and let the damage show."""
        done: Execution = self._inner.run(command)
        head, found, line = done.output.decode().partition(_ANSWER)
        if not found:
            return done
        body = json.loads(line)
        self._bend(body)
        return replace(done, output=f"{head}{found}{json.dumps(body)}\n".encode())


class BrokenAccount:
    """An operator's hand that makes groups and breaks them."""

    def __init__(self, scene: Scene) -> None:
        """Work in the region of the scene's seeds."""
        self.scene = scene
        self.hand = scene.hand
        self.cloud = scene.cloud
        main = scene.cloud.accounts.main
        main.eip_quota = main.eni_quota = 1_000

    def build(self) -> None:
        """Break every rule."""
        for rule, breaking in BREAKINGS.items():
            breaking(self, rule)
        # The oldest EIP, first in each list, cannot be read; no sooner, or nothing could be bound.
        self.cloud.faults.add("DescribeEipAddresses:field:name=OperationLocks,as=text,rows=1")

    def mend_the_list(self) -> None:
        """Let every entry be legible again, as nobody here can."""
        self.cloud.faults.clear()

    # --- what groups are made of ---

    def call(self, product: Any, action: str, **params: str) -> Any:  # noqa: ANN401  an answer
        """Call in the home region; `__` stands for a dot in names."""
        sent = {name.replace("__", "."): value for name, value in params.items()}
        return self.hand.api.call(product, action, {"RegionId": self.scene.seeds.region, **sent})

    def instance(
        self, group: str | None, kind: str = "ecs.g5.large", image: str = "debian_12", **more: str
    ) -> str:
        """Run an instance, tagged with the group."""
        seeds = self.scene.seeds
        where = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group, **more}
        (made,) = self.call("Ecs", "RunInstances", ImageId=image, InstanceType=kind, **where)[
            "InstanceIdSets"
        ]["InstanceIdSet"]
        if group:
            self.hand.tag("instance", [made], group)
        return str(made)

    def group(self, name: str, eips: int = 2, **tags: str) -> tuple[str, list[str], str]:
        """Make a tagged group with an instance of its own; nothing is bound yet."""
        eni = self.hand.eni(self.scene.seeds, name, **tags)
        return eni, self.hand.eips(eips, name), self.instance(name)

    def ready(self, name: str, eips: int = 2, **tags: str) -> tuple[str, list[str], str]:
        """Make a group and let the real `bind` bring it to ready."""
        eni, bought, instance = self.group(name, eips, size=str(eips), **tags)
        body = self.scene.bind({"group": name, "action": "apply"})
        assert body["state"] == "ready", body["message"]
        return eni, bought, instance

    def guest(self, instance: str) -> SimulatedGuest:
        """Return a guest, whose disk is what only its own hand changes."""
        found: SimulatedGuest = self.state.instances[instance].guest
        return found

    def mac(self, eni: str) -> str:
        """Return an ENI's MAC as guests write it."""
        return str(self.state.enis.all[eni].mac).lower()

    def bend(self, instance: str, bend: Callable[[dict[str, Any]], object]) -> None:
        """Let a guest answer otherwise from now on."""
        row = self.state.instances[instance]
        row.guest = BentGuest(row.guest, bend)

    @property
    def state(self) -> Any:  # noqa: ANN401  the local cloud's own state
        """What the region has, as the cloud itself knows it."""
        cloud = self.scene.cloud
        return cloud.state(cloud.accounts.main.account_id, self.scene.seeds.region)


# --- an entry of a list that cannot be read comes first: it is the oldest EIP ---


@breaks("unreadable")
def _unreadable(account: BrokenAccount, name: str) -> None:
    account.ready(name)


# --- before the first write ---


@breaks("group-shape")
def _group_shape(account: BrokenAccount, name: str) -> None:
    account.ready(name)
    account.hand.eni(account.scene.seeds, name)


@breaks("region-offers-mode")
def _region_offers_mode(account: BrokenAccount, name: str) -> None:
    assert OTHER_REGION not in catalog((), ()).regions
    there = {"RegionId": OTHER_REGION}
    api = account.hand.api
    vpc = api.call("Vpc", "CreateVpc", {**there, "CidrBlock": "10.0.0.0/8"})["VpcId"]
    zone = api.call("Ecs", "DescribeZones", there)["Zones"]["Zone"][0]["ZoneId"]
    net = {"VpcId": vpc, "ZoneId": zone, "CidrBlock": "10.0.0.0/24"}
    vswitch = api.call("Vpc", "CreateVSwitch", {**there, **net})["VSwitchId"]
    group = api.call("Ecs", "CreateSecurityGroup", {**there, "VpcId": vpc})["SecurityGroupId"]
    tag = {"Tag.1.Key": "multi-eip:group", "Tag.1.Value": name}
    place = {"VSwitchId": vswitch, "SecurityGroupId": group}
    api.call("Ecs", "CreateNetworkInterface", {**there, **place, **tag})


@breaks("eni-secondary")
def _eni_secondary(account: BrokenAccount, name: str) -> None:
    seeds = account.scene.seeds
    where = {"VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group}
    made = account.call("Ecs", "CreateNetworkInterface", InstanceType="Trunk", **where)["NetworkInterfaceId"]
    account.hand.tag("eni", [made], name)


@breaks("eni-state")
def _eni_state(account: BrokenAccount, name: str) -> None:
    eni, _, instance = account.ready(name)
    account.cloud.faults.add("DetachNetworkInterface:stuck:times=1")
    account.call("Ecs", "DetachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)


@breaks("one-mode")
def _one_mode(account: BrokenAccount, name: str) -> None:
    eni = account.hand.eni(account.scene.seeds, name)
    (eip,) = account.hand.eips(1, name)
    named = {"AllocationId": eip, "InstanceId": eni, "InstanceType": "NetworkInterface"}
    account.call("Vpc", "AssociateEipAddress", Mode="NAT", **named)


@breaks("at-most-ten")
def _at_most_ten(account: BrokenAccount, name: str) -> None:
    account.group(name, 11)


@breaks("eip-free")
def _eip_free(account: BrokenAccount, name: str) -> None:
    _, (eip,), _ = account.group(name, 1)
    gateway = account.cloud.others.target("Nat")
    account.call("Vpc", "AssociateEipAddress", AllocationId=eip, InstanceId=gateway, InstanceType="Nat")


@breaks("eni-detached-while-binding")
def _eni_detached_while_binding(account: BrokenAccount, name: str) -> None:
    account.ready(name)
    account.hand.eips(1, name)


@breaks("foreign-eips-consent")
def _foreign_eips_consent(account: BrokenAccount, name: str) -> None:
    _, eips, _ = account.ready(name)
    account.hand.untag("EIP", eips[1:])


@breaks("known-exemptions")
def _known_exemptions(account: BrokenAccount, name: str) -> None:
    account.ready(name, ignore="group-shape")


@breaks("same-vpc-zone")
def _same_vpc_zone(account: BrokenAccount, name: str) -> None:
    zones = account.call("Ecs", "DescribeZones")["Zones"]["Zone"]
    other = next(each["ZoneId"] for each in zones if each["ZoneId"] != account.scene.seeds.zone)
    net = {"VpcId": account.scene.seeds.vpc, "ZoneId": other, "CidrBlock": "10.0.9.0/24"}
    vswitch = account.call("Vpc", "CreateVSwitch", **net)["VSwitchId"]
    account.hand.eni(account.scene.seeds, name)
    account.hand.eips(1, name)
    account.instance(name, VSwitchId=vswitch)


@breaks("instance-family")
def _instance_family(account: BrokenAccount, name: str) -> None:
    account.hand.eni(account.scene.seeds, name)
    account.hand.eips(1, name)
    account.instance(name, kind="ecs.g7.large")


@breaks("instance-state")
def _instance_state(account: BrokenAccount, name: str) -> None:
    _, _, instance = account.group(name)
    account.cloud.others.lock(instance)


@breaks("eni-room")
def _eni_room(account: BrokenAccount, name: str) -> None:
    _, _, instance = account.group(name)
    another = account.hand.eni(account.scene.seeds)
    account.call("Ecs", "AttachNetworkInterface", NetworkInterfaceId=another, InstanceId=instance)


@breaks("assistant-online")
def _assistant_online(account: BrokenAccount, name: str) -> None:
    _, _, instance = account.group(name)
    account.state.instances[instance].assistant_online = False


@breaks("windows-one-gateway")
def _windows_one_gateway(account: BrokenAccount, name: str) -> None:
    eni = account.hand.eni(account.scene.seeds, name)
    eips = account.hand.eips(2, name)
    account.instance(name, image="win2022_21H2_x64_dtc_en-us_40G_alibase_20260101.vhd")
    account.hand.bind(eni, eips)


@breaks("windows-private-address")
def _windows_private_address(account: BrokenAccount, name: str) -> None:
    account.hand.eni(account.scene.seeds, name)
    account.instance(name, image="win2022_21H2_x64_dtc_en-us_40G_alibase_20260101.vhd")


@breaks("source-dest-check")
def _source_dest_check(account: BrokenAccount, name: str) -> None:
    eni, _, _ = account.ready(name)
    account.call("Ecs", "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, SourceDestCheck="true")


# --- the result ---


@breaks("eips-bound")
def _eips_bound(account: BrokenAccount, name: str) -> None:
    account.ready(name, detach="allow")
    account.hand.eips(1, name)


@breaks("eni-attached")
def _eni_attached(account: BrokenAccount, name: str) -> None:
    eni, _, instance = account.ready(name)
    account.call("Ecs", "DetachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)


@breaks("attached-instance-exists")
def _attached_instance_exists(account: BrokenAccount, name: str) -> None:
    _, _, instance = account.ready(name)
    del account.state.instances[instance]


@breaks("eips-on-interface")
def _eips_on_interface(account: BrokenAccount, name: str) -> None:
    _, eips, instance = account.ready(name)
    account.guest(instance).take_away(IPv4Address(account.scene.addresses(eips)[0]))


@breaks("replies-by-own-gateway")
def _replies_by_own_gateway(account: BrokenAccount, name: str) -> None:
    eni, eips, instance = account.ready(name)
    address = IPv4Address(account.scene.addresses(eips)[0])
    account.guest(instance).disk.rules[account.mac(eni)].discard(address)


@breaks("dhcp-on")
def _dhcp_on(account: BrokenAccount, name: str) -> None:
    _, _, instance = account.ready(name)
    account.bend(instance, lambda body: [nic.update(dhcp="no") for nic in body["nics"]])


@breaks("service-network-on-primary")
def _service_network(account: BrokenAccount, name: str) -> None:
    eni, _, instance = account.ready(name)
    way = {"dev": "eth1", "mac": account.mac(eni)}
    account.bend(instance, lambda body: body.update(service_route=way))


@breaks("default-route-untouched")
def _default_route_untouched(account: BrokenAccount, name: str) -> None:
    eni, _, instance = account.ready(name)
    mac = account.mac(eni)

    def bend(body: dict[str, Any]) -> None:
        (dev,) = [nic["name"] for nic in body["nics"] if nic["mac"] == mac]
        body["default_route"]["dev"] = dev

    account.bend(instance, bend)


@breaks("survives-reboot")
def _survives_reboot(account: BrokenAccount, name: str) -> None:
    _, _, instance = account.ready(name)
    account.guest(instance).disk.enabled = False


@breaks("no-stale-address")
def _no_stale_address(account: BrokenAccount, name: str) -> None:
    eni, _, instance = account.ready(name)
    mac, of = account.mac(eni), account.guest(instance).disk
    held = of.kept[mac]
    old = replace(held.eips[0], ip=IPv4Address("203.0.113.200"), slot=9)
    of.kept[mac] = replace(held, eips=(*held.eips, old))
    of.keeper_looks()


@breaks("no-foreign-eip")
def _no_foreign_eip(account: BrokenAccount, name: str) -> None:
    eni, eips, _ = account.ready(name, detach="allow", prune="allow")
    account.hand.untag("EIP", eips[1:])
    account.hand.tag("eni", [eni], size="1")


@breaks("no-idle-eip")
def _no_idle_eip(account: BrokenAccount, name: str) -> None:
    account.hand.eni(account.scene.seeds, name, size="3")
    account.hand.eips(1, name)


@breaks("eip-usable")
def _eip_usable(account: BrokenAccount, name: str) -> None:
    _, (eip, _), _ = account.ready(name)
    account.cloud.others.lock(eip)


@breaks("security-group-open")
def _security_group_open(account: BrokenAccount, name: str) -> None:
    eni, _, _ = account.ready(name)
    closed = account.call("Ecs", "CreateSecurityGroup", VpcId=account.scene.seeds.vpc)["SecurityGroupId"]
    named = {"NetworkInterfaceId": eni, "SecurityGroupId__1": closed}
    account.call("Ecs", "ModifyNetworkInterfaceAttribute", **named)


@breaks("mode-closed")
def _mode_closed(account: BrokenAccount, name: str) -> None:
    account.ready(name)
