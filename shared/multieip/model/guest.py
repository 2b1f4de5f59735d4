"""What is wanted in a guest and what a guest reports."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface

    from multieip.model.resources import EniId, Instance


class Mode(str, Enum):
    """What the script does: `check` reads, `apply` makes it so, `release` takes ours away."""

    CHECK = "check"
    APPLY = "apply"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The look that a wanted set comes from: its time in milliseconds, and the run that looked.

    A guest refuses a set that is older than the one it has, and another set of the same time.
    """

    asof_ms: int
    run: str


@dataclass(frozen=True, slots=True)
class GuestEip:
    """An EIP with the prefix length and the gateway that `DescribeEipGatewayInfo` gave for it.

    With `keep` it is not wanted for itself: it stays if the guest has it, and is not added if not.
    """

    ip: IPv4Address
    plen: int
    gateway: IPv4Address
    keep: bool = False


@dataclass(frozen=True, slots=True)
class GuestNic:
    """One ENI's whole wanted set. The guest finds the interface by the MAC."""

    mac: str
    private: IPv4Address
    eips: tuple[GuestEip, ...]


class State(str, Enum):
    """`ok`: as wanted; `differs`: a check found differences; `failed`: not done, the old state is back.

    Refused, and nothing touched: `older`, because the guest has a set of a later look; `unnamed`, because it
    has an EIP that the set does not name, and the set is lean: its look may have missed it.
    """

    OK = "ok"
    DIFFERS = "differs"
    FAILED = "failed"
    OLDER = "older"
    UNNAMED = "unnamed"


class Dhcp(str, Enum):
    """Whether the interface has its private address by DHCP, as far as the guest can tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the guest: `code` is stable, `text` names the value and the way out."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class EipReport:
    """What the guest has for one EIP. `gateway_neighbour` is the kernel's word, or None when it has none.

    `leaves` is the kernel's word on a reply: interface and gateway, empty where it goes nowhere, None where
    the kernel was not asked.
    """

    ip: IPv4Address
    present: bool
    plen: int | None
    label: str | None
    rules_ok: bool
    route_ok: bool
    gateway_neighbour: str | None
    leaves: str | None = None

    @property
    def ok(self) -> bool:
        """True when the address is there and its replies leave by its own gateway."""
        return self.present and self.rules_ok and self.route_ok


@dataclass(frozen=True, slots=True)
class Held:
    """What the guest keeps for one ENI: the set, and the stamp that it came with."""

    mac: str
    stamp: Stamp
    eips: tuple[GuestEip, ...]


@dataclass(frozen=True, slots=True)
class Sysctls:
    """Kernel settings of the interface that decide about ARP and reverse paths; reported, never changed."""

    rp_filter: int | None
    arp_ignore: int | None
    arp_announce: int | None


@dataclass(frozen=True, slots=True)
class NicReport:
    """What the guest has for one ENI; `name` is None when no interface carries the MAC.

    `addresses` is everything on the interface; `foreign_eips` those of them that are public and not
    wanted. `block` numbers the tables and priorities (21000 + 300 * block) once they are assigned.
    """

    mac: str
    name: str | None
    block: int | None
    dhcp: Dhcp
    private: IPv4Address | None
    private_present: bool
    eips: tuple[EipReport, ...]
    addresses: tuple[IPv4Interface, ...]
    foreign_eips: tuple[IPv4Address, ...]
    manager: str
    writer: str
    persistent: bool
    sysctls: Sysctls
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Where the main table sends something; `unchanged` compares with the moment before the run."""

    dev: str | None
    via: IPv4Address | None
    unchanged: bool


@dataclass(frozen=True, slots=True)
class ServiceRoute:
    """The interface that the cloud's services (100.64.0.0/10) are reached by, and its MAC.

    `dev` is None where the guest did not say; `mac` where the interface has none, as a tunnel's.
    """

    dev: str | None
    mac: str | None


@dataclass(frozen=True, slots=True)
class GuestReport:
    """One answer of the guest. The state speaks of the wanted set; `problems` also of what surrounds it."""

    mode: str
    state: State
    changed: bool
    simulated: bool
    manager: str
    writer: str
    persistent: bool
    nics: tuple[NicReport, ...]
    service_route: ServiceRoute
    default_route: Route
    tools: tuple[str, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    held: Held | None = None
    """With state `older` or `unnamed`: the set that the guest has and goes on having."""
    keeper_version: int | None = None
    """The version of the program that keeps the EIPs in the guest; None where nothing is kept."""
    detached: tuple[str, ...] = ()
    """MACs of ENIs that the guest still keeps a set for, and that are not attached."""


@dataclass(frozen=True, slots=True)
class GuestTarget:
    """The interface in the guest that a step is about."""

    instance: Instance
    eni: EniId
    mac: str
    private_ip: str
