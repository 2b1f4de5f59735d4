"""One good group, before and after a run; each rule's examples are variations of it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import Final

from multieip.dataclass import replace
from multieip.model.facts import Catalog, Facts, Group, Refusal
from multieip.model.guest import Dhcp, EipReport, GuestReport, NicReport, Route, ServiceRoute, State, Sysctls
from multieip.model.resources import (
    AllocationId,
    Assistant,
    BindMode,
    Eip,
    EipStatus,
    Eni,
    EniId,
    EniStatus,
    Gateway,
    GroupName,
    Instance,
    InstanceId,
    InstanceStatus,
    InstanceType,
    Region,
    SecurityGroup,
)

REGION: Final = Region("cn-shanghai")
OTHER_REGION: Final = Region("cn-beijing")
ZONE: Final = "cn-shanghai-b"
VPC: Final = "vpc-example"
SECURITY_GROUP: Final = "sg-example"

CATALOG: Final = Catalog(
    regions=frozenset({"cn-shanghai", "cn-beijing", "ap-south-1"}),
    closed_regions=frozenset({"ap-south-1"}),
    families=frozenset({"ecs.g5", "ecs.sn2ne"}),
    as_of="2026-11",
)

ENI: Final = Eni(
    id=EniId("eni-example"),
    status=EniStatus.AVAILABLE,
    mac="00:16:3e:12:e7:01",
    private_ip="10.0.0.20",
    vpc=VPC,
    vswitch="vsw-example",
    zone=ZONE,
    region=REGION,
    security_groups=(SECURITY_GROUP,),
)
PRIMARY_ENI: Final = EniId("eni-primary")
PRIMARY_MAC: Final = "00:16:3e:12:e7:00"
INSTANCE: Final = Instance(
    id=InstanceId("i-example"),
    status=InstanceStatus.RUNNING,
    type="ecs.g5.large",
    family="ecs.g5",
    os_type="linux",
    vpc=VPC,
    zone=ZONE,
    region=REGION,
    enis=(PRIMARY_ENI,),
    macs={PRIMARY_MAC: PRIMARY_ENI},
    primary=PRIMARY_ENI,
)
OTHER_INSTANCE: Final = replace(INSTANCE, id=InstanceId("i-other"), enis=(PRIMARY_ENI, ENI.id))
INSTANCE_TYPE: Final = InstanceType("ecs.g5.large", "ecs.g5", eni_quantity=2)
ONLINE: Final = Assistant(INSTANCE.id, online=True, version="2.2.3.857")

_GATEWAYS: Final = (
    Gateway("198.51.100.11", "198.51.100.1", "255.255.255.0"),
    Gateway("203.0.113.141", "203.0.113.129", "255.255.255.128"),
)
_PREFIX_LENGTHS: Final = (24, 25)

EIPS: Final = tuple(
    Eip(AllocationId(f"eip-example{n}"), gateway.address, EipStatus.AVAILABLE, REGION)
    for n, gateway in enumerate(_GATEWAYS, 1)
)
OUTSIDE_EIP: Final = Eip(
    AllocationId("eip-outside"),
    "198.51.100.99",
    EipStatus.IN_USE,
    REGION,
    bound_to=ENI.id,
    bound_type="NetworkInterface",
    mode=BindMode.MULTI,
)

GROUP: Final = Group(
    REGION,
    GroupName("example"),
    enis=(ENI.id,),
    eips=tuple(eip.id for eip in EIPS),
    instances=(INSTANCE.id,),
)

BEFORE: Final = Facts(
    GROUP,
    CATALOG,
    enis=(ENI,),
    eips=EIPS,
    instances=(INSTANCE,),
    instance_type=INSTANCE_TYPE,
    assistant=ONLINE,
    security_groups=(SecurityGroup(SECURITY_GROUP, lets_in=True),),
)
"""Tagged, and nothing done yet."""

ATTACHED: Final = replace(ENI, status=EniStatus.IN_USE, instance=INSTANCE.id)
ATTACHED_INSTANCE: Final = replace(
    INSTANCE, enis=(PRIMARY_ENI, ENI.id), macs={PRIMARY_MAC: PRIMARY_ENI, ENI.mac: ENI.id}
)
BOUND: Final = tuple(
    replace(eip, status=EipStatus.IN_USE, bound_to=ENI.id, bound_type="NetworkInterface", mode=BindMode.MULTI)
    for eip in EIPS
)

NIC: Final = NicReport(
    mac=ENI.mac,
    name="eth1",
    block=0,
    dhcp=Dhcp.YES,
    private=IPv4Address(ENI.private_ip),
    private_present=True,
    eips=tuple(
        EipReport(
            IPv4Address(gateway.address),
            present=True,
            plen=plen,
            label=f"eth1:e{n}",
            rules_ok=True,
            route_ok=True,
            gateway_neighbour="REACHABLE",
        )
        for n, (gateway, plen) in enumerate(zip(_GATEWAYS, _PREFIX_LENGTHS, strict=True))
    ),
    addresses=(
        IPv4Interface("10.0.0.20/24"),
        IPv4Interface("198.51.100.11/24"),
        IPv4Interface("203.0.113.141/25"),
    ),
    foreign_eips=(),
    manager="networkd",
    writer="systemd",
    persistent=True,
    sysctls=Sysctls(rp_filter=1, arp_ignore=0, arp_announce=2),
)
GUEST: Final = GuestReport(
    mode="check",
    state=State.OK,
    changed=False,
    simulated=False,
    manager="networkd",
    writer="systemd",
    persistent=True,
    nics=(NIC,),
    service_route=ServiceRoute("eth0", PRIMARY_MAC),
    default_route=Route("eth0", IPv4Address("10.0.0.253"), unchanged=True),
    tools=(),
    problems=(),
    notes=(),
)

AFTER: Final = replace(
    BEFORE,
    enis=(ATTACHED,),
    eips=BOUND,
    bound=BOUND,
    instances=(ATTACHED_INSTANCE,),
    attached_instance=ATTACHED_INSTANCE,
    gateways=_GATEWAYS,
    guest=GUEST,
)
"""Bound, attached, configured and read back."""


def refused(code: str, message: str, action: str = "AssociateEipAddressBatch") -> Facts:
    """Return the facts of a run that met this refusal at its first write."""
    return replace(BEFORE, refusals=(Refusal(action, code, message, "REQUEST-ID"),))


def with_nic(nic: NicReport) -> Facts:
    """Return the facts after a run whose guest shows this interface."""
    return replace(AFTER, guest=replace(GUEST, nics=(nic,)))
