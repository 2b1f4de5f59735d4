"""One good group of a made-up account, with ids, addresses and names that no other group has."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.model.facts import Facts, Group
from multieip.model.guest import EipReport
from multieip.model.resources import (
    AllocationId,
    Assistant,
    BindMode,
    Eip,
    EipStatus,
    EniId,
    Gateway,
    GroupName,
    InstanceId,
    Region,
)
from multieip.reference.good_group import (
    AFTER,
    ATTACHED,
    ATTACHED_INSTANCE,
    GUEST,
    INSTANCE_TYPE,
    NIC,
    PRIMARY_MAC,
)

if TYPE_CHECKING:
    from multieip.model.guest import NicReport

PREFIX: Final = "multi-eip:"
_BENCHMARK: Final = IPv4Network("198.18.0.0/15")
_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_IN_REGION: Final = {"cn-shanghai": "uf6", "cn-beijing": "2ze", "ap-southeast-1": "t4n"}


def resource_id(kind: str, region: str, number: int) -> str:
    """Return an id as the cloud writes them: 20 letters and digits after the kind."""
    letters = ""
    state = number * 2654435761 % 2**32 + 97
    for _ in range(17):
        state = (state * 1103515245 + 12345) % 2**31
        letters += _LETTERS[state // 65536 % 36]
    return f"{kind}-{_IN_REGION.get(region, 'xyz')}{letters}"


def good_group(number: int, name: str, region: str, eips: int) -> Facts:
    """Return a group that every rule is content with; its `number` makes it differ from all others."""
    here = Region(region)
    eni = replace(
        ATTACHED,
        id=EniId(resource_id("eni", region, number)),
        mac=f"00:16:3e:{number // 65536 % 256:02x}:{number // 256 % 256:02x}:{number % 256:02x}",
        private_ip=f"172.16.{number // 250 % 250}.{number % 250 + 2}",
        region=here,
        instance=InstanceId(resource_id("i", region, number)),
        tags={f"{PREFIX}group": name},
    )
    primary = EniId(resource_id("eni", region, number + 500_000))
    instance = replace(
        ATTACHED_INSTANCE,
        id=InstanceId(str(eni.instance)),
        region=here,
        enis=(primary, eni.id),
        macs={PRIMARY_MAC: primary, eni.mac: eni.id},
        primary=primary,
        tags={f"{PREFIX}group": name},
    )
    members = tuple(_eip(number * 10 + n, name, region, eni.id) for n in range(eips))
    gateways = tuple(_gateway(eip.address) for eip in members)
    nic = _nic(replace(NIC, mac=eni.mac, private=IPv4Address(eni.private_ip)), gateways)
    group = Group(
        here,
        GroupName(name),
        enis=(eni.id,),
        eips=tuple(eip.id for eip in members),
        instances=(instance.id,),
        ignore=frozenset(),
    )
    return Facts(
        group,
        replace(AFTER.catalog, regions=AFTER.catalog.regions | {region}),
        enis=(eni,),
        eips=members,
        bound=members,
        instances=(instance,),
        attached_instance=instance,
        instance_type=replace(INSTANCE_TYPE, eni_quantity=4),
        assistant=Assistant(instance.id, online=True, version="2.2.3.857"),
        gateways=gateways,
        guest=replace(GUEST, nics=(nic,)),
    )


def spare_eip(number: int, name: str, region: str) -> Eip:
    """Return an EIP that carries the group's tag and is bound to nothing."""
    made = _eip(number, name, region, EniId("none"))
    return replace(made, status=EipStatus.AVAILABLE, bound_to=None, bound_type=None, mode=None)


def _eip(number: int, name: str, region: str, eni: EniId) -> Eip:
    return Eip(
        AllocationId(resource_id("eip", region, number + 1_000_000)),
        str(_BENCHMARK[number // 200 * 256 + number % 200 + 10]),
        EipStatus.IN_USE,
        Region(region),
        bound_to=eni,
        bound_type="NetworkInterface",
        mode=BindMode.MULTI,
        tags={f"{PREFIX}group": name},
    )


def _gateway(address: str) -> Gateway:
    net = IPv4Network(f"{address}/24", strict=False)
    return Gateway(address, str(net[1]), str(net.netmask))


def _nic(nic: NicReport, gateways: tuple[Gateway, ...]) -> NicReport:
    eips = tuple(
        EipReport(IPv4Address(each.address), True, 24, f"eth1:e{n}", True, True, "REACHABLE")
        for n, each in enumerate(gateways)
    )
    addresses = (IPv4Interface(f"{nic.private}/24"), *(IPv4Interface(f"{eip.ip}/24") for eip in eips))
    return replace(nic, eips=eips, addresses=addresses)
