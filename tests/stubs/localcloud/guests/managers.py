"""How each network manager's default image looks: what runs, and what it says about the interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Manager = Literal["networkd", "netplan", "networkmanager", "ifupdown"]
MANAGERS: tuple[Manager, ...] = get_args(Manager)
INTERFACES = 4
# Slow at boot, and of no use where nobody logs in and nothing waits for the network.
NEVER = (
    "systemd-networkd-wait-online.service", "NetworkManager-wait-online.service", "systemd-logind.service",
    "console-getty.service", "getty.target", "apt-daily.timer", "apt-daily-upgrade.timer",
)  # fmt: skip
UNITS: Mapping[str, Sequence[str]] = {
    "networkd": ("systemd-networkd.service", "systemd-networkd.socket"),
    "networkmanager": ("NetworkManager.service", "NetworkManager-dispatcher.service"),
    "ifupdown": ("networking.service", "ifupdown-pre.service"),
}


def metric(place: int) -> int:
    """Weigh an interface's default route: later ones are worse."""
    return 100 * (place + 1)


@dataclass(frozen=True, slots=True)
class Image:
    """The part of a disk that differs from manager to manager.

    `renew` asks for the lease again, `reconfigure` lets the manager configure anew; `$D` is the interface.
    `plugged` and `unplugged` are what udev would run, which no guest in a container has.
    """

    files: Mapping[str, str]
    runs: str
    renew: str
    reconfigure: str
    plugged: Sequence[str] = field(default=())
    unplugged: Sequence[str] = field(default=())

    def masked(self) -> list[str]:
        """List the units that must not run."""
        others = (unit for name, units in UNITS.items() if name != self.runs for unit in units)
        return [*NEVER, *others]


def _networkd() -> Mapping[str, str]:
    return {
        f"etc/systemd/network/{10 + n}-eth{n}.network": (
            f"[Match]\nName=eth{n}\n\n[Network]\nDHCP=ipv4\n\n[DHCPv4]\nRouteMetric={metric(n)}\n"
        )
        for n in range(INTERFACES)
    }


def _netplan() -> Mapping[str, str]:
    head = "network:\n  version: 2\n  renderer: networkd\n  ethernets:\n"
    devices = (
        f"    eth{n}:\n      dhcp4: true\n      optional: true\n"
        f"      dhcp4-overrides: {{route-metric: {metric(n)}}}\n"
        for n in range(INTERFACES)
    )
    return {"etc/netplan/50-cloud-init.yaml": head + "".join(devices)}


def _networkmanager() -> Mapping[str, str]:
    uuid = "0f5c7a2e-0000-4000-8000-00000000000"
    profiles = {
        f"etc/NetworkManager/system-connections/cloud-init-eth{n}.nmconnection": (
            f"[connection]\nid=cloud-init eth{n}\nuuid={uuid}{n}\ntype=ethernet\n"
            f"interface-name=eth{n}\nautoconnect-priority=120\n\n"
            f"[ipv4]\nmethod=auto\nroute-metric={metric(n)}\n\n[ipv6]\nmethod=disabled\n"
        )
        for n in range(INTERFACES)
    }
    # Guests in containers have veth interfaces, which Debian's default leaves alone.
    return {
        **profiles,
        "etc/NetworkManager/conf.d/veth.conf": "[device]\nmatch-device=type:veth\nmanaged=1\n",
    }


def _ifupdown() -> Mapping[str, str]:
    devices = (
        f"{'auto' if n == 0 else 'allow-hotplug'} eth{n}\niface eth{n} inet dhcp\n    metric {metric(n)}\n\n"
        for n in range(INTERFACES)
    )
    return {"etc/network/interfaces": "auto lo\niface lo inet loopback\n\n" + "".join(devices)}


IMAGES: Mapping[str, Image] = {
    "networkd": Image(_networkd(), "networkd", "networkctl renew $D", "networkctl reconfigure $D"),
    "netplan": Image(
        _netplan(),
        "networkd",
        "networkctl renew $D",
        "netplan generate && networkctl reload && networkctl reconfigure $D",
    ),
    "networkmanager": Image(
        _networkmanager(), "networkmanager", "nmcli device reapply $D", "nmcli device connect $D"
    ),
    "ifupdown": Image(
        _ifupdown(),
        "ifupdown",
        f"dhclient -1 -e IF_METRIC={metric(1)} -pf /run/dhclient.$D.pid"
        " -lf /var/lib/dhcp/dhclient.$D.leases $D",
        "ifdown $D; ifup $D",
        plugged=("ifup",),
        unplugged=("ifdown", "--force"),
    ),
}
