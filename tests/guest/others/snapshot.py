"""Everything of a guest's network that a run could touch, as data, and what happens to it in every moment."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from localcloud.guests.site import EIPS

if TYPE_CHECKING:
    from localcloud.guests.site import Site

Snapshot = dict[str, Any]

# One section for each kind, as JSON where ip gives it, with numbers for names; files with their times.
LOOK = r"""
for what in 'link show' '-4 addr show' '-6 addr show' '-4 rule show' '-6 rule show' \
  '-4 route show table all' '-6 route show table all'; do
  echo "@$what"
  case $what in
    *rule*) ip -N -d ${what} ;;
    *) ip -j -N -d ${what} ;;
  esac
done
echo @files
for folder in /etc/netplan /etc/systemd/network /run/systemd/network /etc/NetworkManager /etc/network \
  /run/NetworkManager/system-connections /etc/sysconfig; do
  [ ! -d $folder ] || find $folder -type f -printf '%p %T@ ' -exec sha256sum {} \;
done
echo @resolv
cat /etc/resolv.conf
echo @sysctls
for file in $(find /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward -type f); do
  read -r value <$file 2>/dev/null && echo "$file $value"
done
echo @units
[ ! -d /run/systemd/system ] || systemctl show -p ActiveEnterTimestampMonotonic -p NRestarts \
  systemd-networkd NetworkManager networking 2>/dev/null
:
"""
# What counts down by itself, or counts packets.
PASSING = {
    "valid_life_time",
    "preferred_life_time",
    "cacheinfo",
    "stats64",
    "stats",
    "age",
    "hoplimit",
    "gc_timer",
    "hello_timer",
}
# What an event may be about: an EIP's address, its routes and rules, and the private address's table.
OURS = re.compile(
    r"inet (198\.51\.100\.(11|12|13)|203\.0\.113\.(21|99))/|table 2[1-5]\d\d\d\b|lookup 2[1-5]\d\d\d\b"
    r"|(198\.51\.100\.(11|12|13|255)|203\.0\.113\.(21|99|127)) dev eth1 table 255"
)


def snapshot(site: Site) -> Snapshot:
    """Look at everything."""
    sections: Snapshot = {}
    for section in site.shell(LOOK).split("@")[1:]:
        name, _, text = section.partition("\n")
        sections[name] = _steady(json.loads(text)) if text.startswith("[") else sorted(text.splitlines())
    return sections


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """Say what one look has and the other has not; none where they are equal, order and all."""
    said = []
    for name in before:
        old, new = ([json.dumps(each, sort_keys=True) for each in look[name]] for look in (before, after))
        said += [f"{name}: gone: {each}" for each in old if each not in new]
        said += [f"{name}: new: {each}" for each in new if each not in old]
        if sorted(old) == sorted(new) and old != new:
            said.append(f"{name}: in another order")
    return said


def without_ours(seen: Snapshot) -> Snapshot:
    """Leave out what an apply is to add: the EIPs, their rules, and the tables of their blocks."""
    eips = {str(public.address) for public in EIPS}
    kept = dict(seen)
    kept["-4 rule show"] = [
        rule for rule in seen["-4 rule show"] if not re.search(r"lookup 2[1-5]\d{3}\b", rule)
    ]
    kept["-4 addr show"] = [
        {**link, "addr_info": [each for each in link.get("addr_info", []) if each.get("local") not in eips]}
        for link in seen["-4 addr show"]
    ]
    kept["-4 route show table all"] = [
        route for route in seen["-4 route show table all"] if not _is_ours(route, eips)
    ]
    return kept


def _is_ours(route: dict[str, Any], eips: set[str]) -> bool:
    if 21000 <= int(route.get("table", 254)) < 25800:
        return True
    return str(route.get("table")) == "255" and route.get("prefsrc") in eips


def _steady(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {name: _steady(inner) for name, inner in value.items() if name not in PASSING}
    return [_steady(inner) for inner in value] if isinstance(value, list) else value


class Watch:
    """Every change of links, addresses, routes and rules, of both families, from its start to its end."""

    def __init__(self, site: Site) -> None:
        """Begin to listen, and wait until the kernel's events arrive."""
        self._site = site
        site.shell(
            "setsid ip -N -o monitor link address route rule >/run/watch 2>&1 </dev/null &\n"
            "n=0; until [ -s /run/watch ] || [ $n = 100 ]; do n=$((n+1))\n"
            "ip rule add pref 30999 from 192.0.2.1; ip rule del pref 30999; sleep 0.05; done"
        )

    def of_others(self) -> list[str]:
        """End, and give the events that are about anything that is not ours."""
        text = self._site.shell("sleep 0.3; cat /run/watch; kill $(pidof ip) 2>/dev/null || :")
        lines = [line for line in text.splitlines() if "30999" not in line and line.strip()]
        return [line for line in lines if not OURS.search(line)]
