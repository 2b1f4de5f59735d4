"""What other services of the vendor have in an account: things that EIPs hang on, and shared bandwidths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class OtherTarget:
    """A NAT gateway or a load balancer: an EIP can be bound to it."""

    target_id: str
    kind: Literal["Nat", "SlbInstance"]
    vpc_id: str


@dataclass(slots=True)
class SharedBandwidth:
    """A bandwidth that several EIPs share."""

    package_id: str
    mbit: str
