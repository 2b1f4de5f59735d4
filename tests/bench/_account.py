"""Accounts of any size: groups of one instance, one ENI and four EIPs, all right, some of them tagged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_network
from typing import TYPE_CHECKING, Any, Final

from localcloud import CloudOptions
from multieip.cloud import assistant
from multieip.guest.render import linux_script
from multieip.guest.wanted import plen_of
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp
from multieip.model.resources import InstanceId, Region
from tests.functional.operator import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localcloud import MockCloud

REGIONS: Final = ("cn-shanghai", "cn-beijing", "cn-shenzhen")
EIPS: Final = 4
"""EIPs of each group: with two ENIs for each instance, the shares of the issue."""

_AT_ONCE: Final = 100
_TAGGED_AT_ONCE: Final = 50
_SETTLED_S: Final = 600.0
_KINDS: Final = {"eni": "Ecs", "instance": "Ecs", "EIP": "Vpc"}


@dataclass
class Place:
    """What one region has, group by group."""

    region: str
    enis: list[str] = field(default_factory=list)
    eips: list[list[str]] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    nics: list[tuple[str, str]] = field(default_factory=list)
    """MAC and private address of each ENI."""


def options() -> CloudOptions:
    """Return a cloud with the realistic profile and room for many EIPs."""
    return CloudOptions(latency="realistic", eip_networks=(ip_network("47.96.0.0/12"),))


class Account:
    """One account with so many groups' worth of resources, spread over the regions."""

    def __init__(self, local: MockCloud, groups: int, regions: Sequence[str] = REGIONS) -> None:
        """Make everything and configure every guest; nothing is tagged yet."""
        self._local = local
        main, limits = local.cloud.accounts.main, local.cloud.limits
        main.eip_quota = main.eni_quota = main.invocation_quota = 10**7
        share = [groups // len(regions) + (n < groups % len(regions)) for n in range(len(regions))]
        # What is there before the measurement was made in days, not in minutes.
        kept, limits.per_minute = limits.per_minute, {}
        self.places = [Place(region) for region in regions]
        for place, size in zip(self.places, share, strict=True):
            self._make(place, size)
        self._settle()
        for place in self.places:
            self._bind(place)
        self._settle()
        for place in self.places:
            self._attach(place)
        self._settle()
        for place in self.places:
            self._configure(place)
        self._settle()
        limits.per_minute = kept

    def _settle(self) -> None:
        self._local.clock.sleep(_SETTLED_S)

    def call(self, product: str, action: str, region: str, **params: str) -> Any:  # noqa: ANN401  an answer
        """Call as the account's user, below the wire."""
        sent = {name.replace("__", "."): value for name, value in params.items()}
        key = self._local.cloud.accounts.user_key
        return self._local.cloud.perform(key, product, action, {"RegionId": region, **sent})

    def tag(self, groups: int) -> None:
        """Let so many groups carry tags, as evenly spread as the groups are."""
        every = [(place, n) for n in range(max(len(p.enis) for p in self.places)) for place in self.places]
        for place, number in [each for each in every if each[1] < len(each[0].enis)][:groups]:
            value = f"g{number}"
            self._tag(place.region, "eni", [place.enis[number]], value)
            self._tag(place.region, "EIP", place.eips[number], value)
            self._tag(place.region, "instance", [place.instances[number]], value)

    def _tag(self, region: str, kind: str, ids: Sequence[str], value: str) -> None:
        tag = {"Tag.1.Key": f"{PREFIX}group", "Tag.1.Value": value}
        for some in _batches(ids, _TAGGED_AT_ONCE):
            self.call(
                _KINDS[kind],
                "TagResources",
                region,
                ResourceType=kind,
                **_numbered("ResourceId", some),
                **tag,
            )

    def _make(self, place: Place, groups: int) -> None:
        where = self._network(place.region)
        for some in _batches(range(groups), _AT_ONCE):
            asked = {"InstanceType": "ecs.g5.large", "Amount": str(len(some)), **where}
            made = self.call("Ecs", "RunInstances", place.region, **asked)
            place.instances += made["InstanceIdSets"]["InstanceIdSet"]
        for _ in place.instances:
            eni = self.call("Ecs", "CreateNetworkInterface", place.region, **where)
            place.enis.append(eni["NetworkInterfaceId"])
            place.nics.append((eni["MacAddress"], eni["PrivateIpAddress"]))
            bought = [self.call("Vpc", "AllocateEipAddress", place.region) for _ in range(EIPS)]
            place.eips.append([each["AllocationId"] for each in bought])

    def _bind(self, place: Place) -> None:
        kind = {"BindedInstanceType": "NetworkInterface", "Mode": "MULTI_BINDED"}
        for eni, eips in zip(place.enis, place.eips, strict=True):
            named = {"BindedInstanceId": eni, **_numbered("InstanceIds", eips)}
            self.call("Vpc", "AssociateEipAddressBatch", place.region, **kind, **named)

    def _attach(self, place: Place) -> None:
        for eni, instance in zip(place.enis, place.instances, strict=True):
            named = {"NetworkInterfaceId": eni, "InstanceId": instance}
            self.call("Ecs", "AttachNetworkInterface", place.region, **named)

    def _network(self, region: str) -> dict[str, str]:
        vpc = self.call("Vpc", "CreateVpc", region, CidrBlock="10.0.0.0/8")["VpcId"]
        zone = self.call("Ecs", "DescribeZones", region)["Zones"]["Zone"][0]["ZoneId"]
        net = self.call("Vpc", "CreateVSwitch", region, VpcId=vpc, ZoneId=zone, CidrBlock="10.0.0.0/12")
        group = self.call("Ecs", "CreateSecurityGroup", region, VpcId=vpc)["SecurityGroupId"]
        opened = {"IpProtocol": "ALL", "PortRange": "-1/-1", "SourceCidrIp": "0.0.0.0/0"}
        self.call("Ecs", "AuthorizeSecurityGroup", region, SecurityGroupId=group, **opened)
        return {"VSwitchId": net["VSwitchId"], "SecurityGroupId": group}

    def _configure(self, place: Place) -> None:
        """Give every guest what a run gives it, by the same script."""
        for eni, instance, (mac, private) in zip(place.enis, place.instances, place.nics, strict=True):
            told = self.call("Vpc", "DescribeEipGatewayInfo", place.region, InstanceId=eni)
            eips = tuple(
                GuestEip(IPv4Address(each["Ip"]), plen_of(each["IpMask"]), IPv4Address(each["IpGw"]))
                for each in told["EipInfos"]["EipInfo"]
            )
            nic = GuestNic(mac, IPv4Address(private), eips)
            order = assistant.Order(
                region=Region(place.region),
                instances=(InstanceId(instance),),
                content=linux_script(Mode.APPLY, (nic,), stamp=Stamp(1, "bench")),
                kind="RunShellScript",
                name="bench",
            )
            key = self._local.cloud.accounts.user_key
            self._local.cloud.perform(key, "Ecs", "RunCommand", order.params())


def _numbered(name: str, ids: Sequence[str]) -> dict[str, str]:
    return {f"{name}.{n}": each for n, each in enumerate(ids, 1)}


def _batches(some: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(some), size):
        yield some[start : start + size]
