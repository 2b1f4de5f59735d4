"""The fabric's values as JSON, for the line between a world and its agent."""

from __future__ import annotations

from dataclasses import asdict
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from localcloud.guests.base import Nic, PublicAddress


def as_json(value: Nic | PublicAddress) -> dict[str, object]:
    """Write a value with its addresses as text."""
    return {name: one if isinstance(one, bool) else str(one) for name, one in asdict(value).items()}


def nic_from(fields: dict[str, Any]) -> Nic:
    """Read the interface that `as_json` wrote."""
    addresses = {"private": IPv4Interface(fields["private"]), "gateway": IPv4Address(fields["gateway"])}
    return Nic(**{**fields, "mac": fields["mac"].lower(), **addresses})


def public_from(fields: dict[str, Any]) -> PublicAddress:
    """Read the EIP that `as_json` wrote."""
    addresses = {name: IPv4Address(fields[name]) for name in ("address", "gateway", "private")}
    return PublicAddress(**{**fields, **addresses, "network": IPv4Network(fields["network"])})
