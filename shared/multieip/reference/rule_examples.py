"""An example of each rule that keeps it and one that breaks it, for the rule pages and the tests.

Nothing that a function runs imports this. Each is a variation of the one good group.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass, replace
from multieip.model.facts import Facts, IntentFault, Reading, Unread
from multieip.model.guest import Dhcp, Route, ServiceRoute
from multieip.model.resources import (
    MAX_EIPS,
    AllocationId,
    Assistant,
    BindMode,
    Eip,
    EipStatus,
    EniId,
    EniKind,
    EniStatus,
    InstanceStatus,
    OddRow,
    Region,
    SecurityGroup,
)
from multieip.reference.good_group import (
    AFTER,
    ATTACHED,
    ATTACHED_INSTANCE,
    BEFORE,
    BOUND,
    EIPS,
    ENI,
    GROUP,
    GUEST,
    INSTANCE,
    NIC,
    OTHER_REGION,
    OUTSIDE_EIP,
    PRIMARY_ENI,
    REGION,
    SECURITY_GROUP,
    refused,
    with_nic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Example:
    """Facts with which the rule passes, and facts with which it fails."""

    passing: Facts
    failing: Facts


_ELEVEN = tuple(
    Eip(AllocationId(f"eip-example{n}"), f"198.51.100.{10 + n}", EipStatus.AVAILABLE, REGION)
    for n in range(1, MAX_EIPS + 2)
)

_SECOND_ENI, _SECOND_MAC = EniId("eni-second"), "00:16:3e:12:e7:02"

_WINDOWS = replace(ATTACHED_INSTANCE, os_type="windows")

EXAMPLES: Final[Mapping[str, Example]] = {
    "attached-instance-exists": Example(
        passing=AFTER,
        failing=replace(
            AFTER,
            attached_instance=None,
            unread={Reading.ATTACHED_INSTANCE: Unread("not shown", passes=True, gone=True)},
        ),
    ),
    "default-route-untouched": Example(
        passing=AFTER,
        failing=replace(AFTER, guest=replace(GUEST, default_route=Route(NIC.name, None, unchanged=True))),
    ),
    "dhcp-on": Example(passing=AFTER, failing=with_nic(replace(NIC, dhcp=Dhcp.NO))),
    "eip-usable": Example(
        passing=AFTER,
        failing=replace(AFTER, eips=(replace(BOUND[0], locks=("financial",)), *BOUND[1:])),
    ),
    "eips-bound": Example(passing=AFTER, failing=replace(AFTER, eips=(EIPS[0], *BOUND[1:]), bound=BOUND[1:])),
    "eips-on-interface": Example(
        passing=AFTER,
        failing=with_nic(replace(NIC, eips=(replace(NIC.eips[0], present=False, plen=None), *NIC.eips[1:]))),
    ),
    "eni-attached": Example(passing=AFTER, failing=replace(AFTER, enis=(ENI,), guest=None)),
    "mode-closed": Example(passing=BEFORE, failing=AFTER),
    "no-foreign-eip": Example(passing=AFTER, failing=replace(AFTER, bound=(*BOUND, OUTSIDE_EIP))),
    "no-idle-eip": Example(
        passing=AFTER, failing=replace(AFTER, eips=(EIPS[0], *BOUND[1:]), bound=BOUND[1:])
    ),
    "no-stale-address": Example(
        passing=AFTER,
        failing=with_nic(
            replace(
                NIC,
                foreign_eips=(IPv4Address("198.51.100.200"),),
                addresses=(*NIC.addresses, IPv4Interface("198.51.100.200/24")),
            )
        ),
    ),
    "replies-by-own-gateway": Example(
        passing=AFTER,
        failing=with_nic(replace(NIC, eips=(replace(NIC.eips[0], route_ok=False), *NIC.eips[1:]))),
    ),
    "security-group-open": Example(
        passing=replace(AFTER, security_groups=(SecurityGroup(SECURITY_GROUP, lets_in=True),)),
        failing=replace(AFTER, security_groups=(SecurityGroup(SECURITY_GROUP, lets_in=False),)),
    ),
    "service-network-on-primary": Example(
        passing=AFTER,
        failing=replace(
            AFTER,
            instances=(
                replace(ATTACHED_INSTANCE, macs={**ATTACHED_INSTANCE.macs, _SECOND_MAC: _SECOND_ENI}),
            ),
            guest=replace(GUEST, service_route=ServiceRoute("eth2", _SECOND_MAC)),
            on_service_eni=(replace(OUTSIDE_EIP, bound_to=_SECOND_ENI),),
        ),
    ),
    "survives-reboot": Example(passing=AFTER, failing=with_nic(replace(NIC, persistent=False))),
    "assistant-online": Example(
        passing=BEFORE, failing=replace(BEFORE, assistant=Assistant(INSTANCE.id, online=False))
    ),
    "at-most-ten": Example(
        passing=BEFORE,
        failing=replace(BEFORE, group=replace(GROUP, eips=tuple(eip.id for eip in _ELEVEN)), eips=_ELEVEN),
    ),
    "eip-free": Example(
        passing=BEFORE,
        failing=replace(
            BEFORE, eips=(replace(EIPS[0], status=EipStatus.IN_USE, bound_to="i-elsewhere"), *EIPS[1:])
        ),
    ),
    "eni-detached-while-binding": Example(
        passing=BEFORE, failing=replace(BEFORE, enis=(ATTACHED,), attached_instance=INSTANCE)
    ),
    "eni-private-ips": Example(
        passing=AFTER, failing=refused("Eni.HasSubIp", "Eni has sub ip can not bind direct eip.")
    ),
    "eni-room": Example(
        passing=BEFORE,
        failing=replace(BEFORE, instances=(replace(INSTANCE, enis=(PRIMARY_ENI, EniId("eni-full"))),)),
    ),
    "eni-secondary": Example(
        passing=BEFORE, failing=replace(BEFORE, enis=(replace(ENI, kind=EniKind.PRIMARY),))
    ),
    "eni-state": Example(
        passing=BEFORE, failing=replace(BEFORE, enis=(replace(ENI, status=EniStatus.DETACHING),))
    ),
    "foreign-eips-consent": Example(passing=BEFORE, failing=replace(BEFORE, bound=(OUTSIDE_EIP,))),
    "group-shape": Example(
        passing=BEFORE,
        failing=replace(
            BEFORE,
            group=replace(GROUP, enis=(ENI.id, EniId("eni-second"))),
            enis=(ENI, replace(ENI, id=EniId("eni-second"))),
        ),
    ),
    "instance-family": Example(
        passing=BEFORE,
        failing=replace(BEFORE, instances=(replace(INSTANCE, type="ecs.g7.large", family="ecs.g7"),)),
    ),
    "instance-state": Example(
        passing=BEFORE,
        failing=replace(BEFORE, instances=(replace(INSTANCE, status=InstanceStatus.STARTING),)),
    ),
    "mode-authorised": Example(
        passing=AFTER, failing=refused("Mode.NotSupport", "The user cannot use multi direct eip.")
    ),
    "one-group-per-eip": Example(
        passing=BEFORE,
        failing=replace(
            BEFORE,
            group=replace(
                GROUP,
                faults=(
                    IntentFault(f"{EIPS[0].id} is in the groups example, other; keep one tag", (EIPS[0].id,)),
                ),
            ),
        ),
    ),
    "one-mode": Example(
        passing=BEFORE, failing=replace(BEFORE, bound=(replace(OUTSIDE_EIP, mode=BindMode.NAT),))
    ),
    "region-offers-mode": Example(
        passing=BEFORE, failing=replace(BEFORE, group=replace(GROUP, region=Region("ap-south-1")))
    ),
    "same-region": Example(
        passing=BEFORE, failing=replace(BEFORE, eips=(replace(EIPS[0], region=OTHER_REGION), *EIPS[1:]))
    ),
    "same-vpc-zone": Example(
        passing=BEFORE, failing=replace(BEFORE, enis=(replace(ENI, zone="cn-shanghai-g"),))
    ),
    "source-dest-check": Example(
        passing=replace(BEFORE, enis=(replace(ENI, source_dest_check=False),)),
        failing=replace(BEFORE, enis=(replace(ENI, source_dest_check=True),)),
    ),
    "unreadable": Example(
        passing=BEFORE,
        failing=replace(
            BEFORE,
            odd=(
                OddRow(
                    "DescribeEipAddresses", "OperationLocks.LockReason is not a list of objects", EIPS[0].id
                ),
            ),
        ),
    ),
    "known-exemptions": Example(
        passing=replace(BEFORE, group=replace(GROUP, ignore=frozenset({"instance-family"}))),
        failing=replace(BEFORE, group=replace(GROUP, ignore=frozenset({"eni-state"}))),
    ),
    "vpc-routing": Example(
        passing=AFTER, failing=refused("OperationDenied.Ipv4GatewayExist", "The vpc has an ipv4 gateway.")
    ),
    "windows-one-gateway": Example(
        passing=replace(
            AFTER,
            instances=(_WINDOWS,),
            attached_instance=_WINDOWS,
            eips=BOUND[:1],
            bound=BOUND[:1],
            gateways=AFTER.gateways[:1] if AFTER.gateways else None,
        ),
        failing=replace(AFTER, instances=(_WINDOWS,), attached_instance=_WINDOWS),
    ),
    "windows-private-address": Example(
        passing=replace(AFTER, instances=(_WINDOWS,), attached_instance=_WINDOWS),
        failing=replace(BEFORE, instances=(replace(INSTANCE, os_type="windows"),)),
    ),
}
"""Rule id → its examples."""
