"""The IPv4 ranges in which no EIP is: nothing outside of the account's networks has such an address."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Final

_INSIDE: Final = {
    "10.0.0.0/8": "a private range",
    "172.16.0.0/12": "a private range",
    "192.168.0.0/16": "a private range",
    "100.64.0.0/10": "the cloud's service range",
}
_NO_HOST: Final = {
    "0.0.0.0/8": "no host address",
    "127.0.0.0/8": "the loopback range",
    "169.254.0.0/16": "the link-local range",
    "224.0.0.0/4": "multicast, not unicast",
    "240.0.0.0/4": "reserved",
}
NO_HOST: Final = tuple((IPv4Network(net), why) for net, why in _NO_HOST.items())
"""Where no host of any network is, with the reason."""

NOT_PUBLIC: Final = (*((IPv4Network(net), why) for net, why in _INSIDE.items()), *NO_HOST)
"""Where no EIP is, with the reason."""
