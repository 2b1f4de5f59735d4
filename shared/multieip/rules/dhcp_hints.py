"""What a person has to write in a guest so that its network manager asks for an interface's address.

The guest names the manager; the words are kept here, where they cost no bytes of a command.
"""

from __future__ import annotations

from typing import Final

_NETWORKD: Final = (
    "write to /etc/systemd/network/70-{name}.network, one to a line: [Match] MACAddress={mac} [Network] "
    "DHCP=ipv4 [DHCPv4] RouteMetric=2048; then run networkctl reload"
)
_NETPLAN: Final = (
    "write below ethernets in /etc/netplan: {name}: {{dhcp4: true, dhcp4-overrides: "
    "{{route-metric: 2048}}}}; then run netplan apply"
)
_NETWORKMANAGER: Final = (
    "run nmcli connection modify CONNECTION ipv4.method auto and nmcli device reapply {name}; where it has "
    "no connection, run nmcli device connect {name}"
)
_WICKED: Final = (
    "write to /etc/sysconfig/network/ifcfg-{name}, one to a line: BOOTPROTO=dhcp STARTMODE=hotplug; "
    "then run wicked ifup {name}"
)
_SCRIPTS: Final = (
    "write to /etc/sysconfig/network-scripts/ifcfg-{name}, one to a line: DEVICE={name} BOOTPROTO=dhcp "
    "ONBOOT=yes DEFROUTE=no; then run ifup {name}"
)
_IFUPDOWN: Final = (
    "write to /etc/network/interfaces, one to a line: allow-hotplug {name}, iface {name} inet dhcp, "
    "metric 2048; then run ifup {name}"
)
_NOBODY: Final = (
    "let a network manager configure {name} by DHCP, or install dhclient or busybox for the keeper"
)
# A guest under netplan names systemd-networkd as well, so netplan comes first.
_HINTS: Final = (
    ("netplan", _NETPLAN),
    ("systemd-networkd", _NETWORKD),
    ("NetworkManager", _NETWORKMANAGER),
    ("wicked", _WICKED),
    ("network-scripts", _SCRIPTS),
    ("ifupdown", _IFUPDOWN),
    ("none", _NOBODY),
)


def dhcp_hint(manager: str, name: str, mac: str) -> str:
    """Say how this manager is told to use DHCP on this interface; empty for one that is not known."""
    return next((hint.format(name=name, mac=mac) for word, hint in _HINTS if word in manager), "")
