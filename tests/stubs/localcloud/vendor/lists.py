"""What the vendor's models have and this local cloud has not, and where its pages contradict its models."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple


class NotKept(NamedTuple):
    """Fields of answers, or parameters, that are left out: which, and why."""

    pattern: str
    reason: str


class Contradiction(NamedTuple):
    """A difference that the vendor's own pages or clients make: where, what is so, and who says it."""

    product: str
    action: str
    side: str
    path: str
    reason: str
    source: str


SILENT_ON_REQUIRED: frozenset[str] = frozenset({"Ram"})
"""Products whose models mark no parameter as required; what they leave open is no difference."""

# `Product Action path`, the first that matches gives the reason.
FIELDS: tuple[NotKept, ...] = (
    NotKept("* *Ipv6*", "IPv6 addresses and prefixes are not kept"),
    NotKept("* *Ipv4Prefix*", "prefixes are not kept"),
    NotKept("* *OssOutput*", "output is not delivered to object storage"),
    NotKept("Ecs DescribeInstances *Spot*", "instances are pay-as-you-go; nothing is sold here"),
    NotKept("Ecs DescribeInstances *ExpiredTime", "instances are pay-as-you-go; nothing is sold here"),
    NotKept("Ecs DescribeInstances *AutoReleaseTime", "instances are pay-as-you-go; nothing is sold here"),
    NotKept("Ecs DescribeInstances *SaleCycle", "instances are pay-as-you-go; nothing is sold here"),
    NotKept("Ecs DescribeInstances *Recyclable", "instances are pay-as-you-go; nothing is sold here"),
    NotKept("Ecs DescribeInstances *Dedicated*", "there are no dedicated hosts"),
    NotKept("Ecs DescribeInstances *AdditionalInfo*", "there are no dedicated hosts"),
    NotKept("Ecs DescribeInstances *Deployment*", "there are no deployment sets, clusters and reservations"),
    NotKept("Ecs DescribeInstances *Cluster*", "there are no deployment sets, clusters and reservations"),
    NotKept(
        "Ecs DescribeInstances *CapacityReservation*",
        "there are no deployment sets, clusters and reservations",
    ),
    NotKept("Ecs DescribeInstances *Rdma*", "addresses of RDMA are of another mode of the same instances"),
    NotKept(
        "Ecs DescribeInstances *", "hardware, disks, metadata and DNS of instances play no part in the mode"
    ),
    NotKept("Ecs DescribeInstanceTypes *", "of instance types only what decides about interfaces is kept"),
)
PARAMETERS: tuple[NotKept, ...] = (
    NotKept("* *Owner*", "the older owner parameters are taken and mean nothing"),
    NotKept("* *Ipv6*", "IPv6 addresses and prefixes are not kept"),
    NotKept("* *Ipv4Prefix*", "prefixes are not kept"),
    NotKept("* Filter", "refused: a list that looks filtered would be worse"),
    NotKept("Ecs RunCommand *", "output to object storage, containers and Windows passwords are not kept"),
    NotKept("Ecs DescribeInvocation* *", "resource groups and containers are not kept"),
    NotKept("Ecs DescribeInstanceTypes *", "of instance types only what decides about interfaces is kept"),
    NotKept(
        "Ecs DescribeInstances *", "hardware, disks, metadata and DNS of instances play no part in the mode"
    ),
    NotKept(
        "Ecs *NetworkInterface* *",
        "queues, connection tracking and traffic settings play no part in the mode",
    ),
    NotKept("Vpc AllocateEipAddress *", "protection and activities of EIPs are not kept"),
    NotKept("Vpc DescribeEipAddresses *", "reservations of bandwidth are not kept"),
)

# None is known today: the odd forms that were seen are switches, off unless a test asks for one.
CONTRADICTIONS: tuple[Contradiction, ...] = ()


def reason(lists: tuple[NotKept, ...], product: str, action: str, path: str) -> str:
    """Return why this is left out; empty where nothing says so."""
    name = f"{product} {action} {path}"
    return next((each.reason for each in lists if fnmatchcase(name, each.pattern)), "")
