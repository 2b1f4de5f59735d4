"""How long an EIP is silent when something happens to the guest, and what its neighbours lose.

A ping each 20 ms from the internet host to each EIP, and from inside the VPC to the primary interface. The
outage is the longest run of pings without an answer; one lost ping is the noise of the method.
What the manager itself takes away is not counted: a silence in which the interface was down counts from its
carrier being back, and under NetworkManager, which gives an interface away without its lease, from that.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import pairwise
from typing import TYPE_CHECKING

from localcloud.guests.site import EIPS, PRIMARY, SECONDARY
from multieip.guest.render import linux_script
from multieip.model.guest import Mode
from tests.guest.script.operator import nic_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from localcloud.guests import Manager
    from localcloud.guests.site import Site

EVERY_MS = 20
# What the project wants, in ms: counted from carrier and lease being back.
GOAL_MS = 300
LIMIT_MS = 500
FLUSH = "ip -4 addr flush dev eth1 label 'eth1:e*'"
# The kernel's own rules come back as its own: networkd takes away those of any other protocol.
HEAD = (
    "ip -4 rule flush; ip -4 rule add pref 32766 lookup main protocol kernel;"
    " ip -4 rule add pref 32767 lookup default protocol kernel"
)
KEEPER = "systemctl kill --kill-who={who} -s KILL multieip.service; "
# Event → what does it; in every guest, and in those of one manager.
EVERYWHERE: Mapping[str, str] = {
    "link down, up": "ip link set eth1 down; ip link set eth1 up",
    "addresses flushed": FLUSH,
    "rules flushed": HEAD,
    "tables flushed": "for t in 0 1 2 3; do ip route flush table 2100$t; done",
    "keeper killed, flushed": KEEPER.format(who="all") + FLUSH,
    "monitor killed, flushed": "kill -9 $(pidof ip); " + FLUSH,
}
OF_MANAGER: Mapping[Manager, Mapping[str, str]] = {
    "networkd": {
        "renew": "networkctl renew eth1",
        "reconfigure": "networkctl reconfigure eth1",
        "file touched, reload": "touch /etc/systemd/network/*; networkctl reload",
        "restart": "systemctl restart systemd-networkd",
        "all executed anew": "systemctl daemon-reexec; systemctl restart systemd-networkd; networkctl reload",
    },
    "netplan": {
        "renew": "networkctl renew eth1",
        "apply": "netplan generate && networkctl reload && networkctl reconfigure eth0 eth1",
        "restart": "systemctl restart systemd-networkd",
    },
    "networkmanager": {
        "reapply": "nmcli device reapply eth1",
        "connection up": "nmcli connection up 'cloud-init eth1'",
        "restart": "systemctl restart NetworkManager",
        "disconnect, connect": "nmcli device disconnect eth1; nmcli device connect eth1",
        "networking off, on": "nmcli networking off; nmcli networking on",
    },
    "ifupdown": {
        "ifdown, ifup": "ifdown eth1; ifup eth1",
        "restart": "systemctl restart networking",
    },
}
# The manager itself takes the interface down for a while, and pings have to go on until it is back.
LONG: Mapping[tuple[Manager, str], float] = {
    ("networkmanager", "connection up"): 1.0,
    ("networkmanager", "disconnect, connect"): 2.0,
    ("networkmanager", "networking off, on"): 2.0,
    ("ifupdown", "ifdown, ifup"): 2.0,
    ("ifupdown", "restart"): 3.0,
}
WATCH = "ip -ts -o -4 monitor link address >/run/events 2>&1 & echo $! >/run/monitor"
# Events that are about the primary interface as well, which is not our doing.
ABOUT_ALL = {
    "rules flushed",
    "restart",
    "networking off, on",
    "apply",
    "file touched, reload",
    "all executed anew",
}


@dataclass(frozen=True, slots=True)
class Outage:
    """What one event cost: the worst EIP's longest silence, and packets that nobody should have lost."""

    event: str
    worst_ms: int
    limit_ms: int
    neighbours_lost: int

    @property
    def broken(self) -> str:
        """Say what is not as it should be; empty when all is well."""
        too_long = f"{self.worst_ms} ms, limit {self.limit_ms}" if self.worst_ms > self.limit_ms else ""
        lost = f"neighbours lost {self.neighbours_lost} packets" if self.neighbours_lost else ""
        return "; ".join(filter(None, (too_long, lost)))


def silences(ping: str, sent: int) -> list[int]:
    """List the runs of lost pings, in pings, from what `ping` has printed."""
    answered = {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl", ping)}
    runs, run = [], 0
    for number in range(1, sent + 1):
        if number in answered:
            runs.append(run)
            run = 0
        else:
            run += 1
    return [length for length in (*runs, run) if length]


def longest_ms(ping: str, sent: int, ready: Sequence[float], end: float) -> int:
    """Tell the longest run of lost pings in what `ping -D` printed, from the last moment of `ready` in it."""
    told = re.findall(r"^\[([0-9.]+)\] \d+ bytes .*icmp_seq=(\d+) ttl=", ping, re.MULTILINE)
    answers = [(int(number), float(at)) for at, number in told]
    worst = 0.0
    for (number, last), (following, back) in pairwise([(0, 0.0), *answers, (sent + 1, end)]):
        lost = (following - number - 1) * EVERY_MS
        since = max((at for at in ready if last < at < back), default=last)
        worst = max(worst, min(lost, (back - since) * 1000))
    return round(worst / EVERY_MS) * EVERY_MS


def ready_moments(events: str, manager: Manager) -> list[float]:
    """List when the interface was ready for EIPs again, from what `ip -ts monitor` has printed."""
    private = f" inet {SECONDARY.private.ip}/"
    moments, was_down = [], False
    for stamp, line in re.findall(r"^\[([^\]]+)\] (.*)", events, re.MULTILINE):
        at = datetime.fromisoformat(stamp).replace(tzinfo=timezone.utc).timestamp()
        if "link/" in line and SECONDARY.mac in line:
            is_down = "state UP" not in line
            moments += [at] if was_down and not is_down else []
            was_down = is_down
        elif manager == "networkmanager" and private in line and not line.startswith("Deleted"):
            moments.append(at)
    return moments


def measure(site: Site, manager: Manager, commands: str, seconds: float) -> tuple[list[int], int]:
    """Run it in the guest while pings run: each EIP's longest silence in ms, and the primary's lost pings."""
    count = int(seconds * 1000 / EVERY_MS)
    ping = ["ping", "-n", "-D", "-i", str(EVERY_MS / 1000), "-c", str(count), "-W", "1"]
    site.shell(WATCH)
    with ThreadPoolExecutor(len(site.eips) + 1) as pool:
        begin = time.time()
        eips = [
            pool.submit(site.world.internet, [*ping, str(public.address)], timeout_s=seconds * 3 + 10)
            for public in site.eips
        ]
        private = PRIMARY.private.ip
        primary = pool.submit(site.world.inside, private, [*ping, str(private)], timeout_s=seconds * 3 + 10)
        site.run(f"sleep 0.4\n{commands}")
        told = [each.result().output.decode() for each in eips]
        lost = sum(silences(primary.result().output.decode(), count))
    ready = ready_moments(site.shell("kill $(cat /run/monitor) || :; cat /run/events"), manager)
    end = begin + count * EVERY_MS / 1000
    return [longest_ms(each, count, ready, end) for each in told], lost


def events(manager: Manager) -> Iterator[tuple[str, str]]:
    """Name what can happen to a guest of this manager, and the commands that do it."""
    yield from EVERYWHERE.items()
    yield from OF_MANAGER[manager].items()


def outages(site: Site, manager: Manager, chosen: Sequence[str] = ()) -> Iterator[Outage]:
    """Let each event happen to a guest that is configured; none of them may cost the primary a packet."""
    for event, commands in events(manager):
        if chosen and event not in chosen:
            continue
        seconds = 2.5 + LONG.get((manager, event), 0.0)
        worst, lost = measure(site, manager, commands, seconds)
        yield Outage(event, max(worst), LIMIT_MS, 0 if event in ABOUT_ALL else lost)
        site.settles()


def changes(site: Site, manager: Manager) -> Iterator[Outage]:
    """Remove one EIP and add it again: its neighbours and the primary lose nothing."""
    everything = site.eips
    site.eips = EIPS[1:]
    for event, eips in (("one removed", EIPS[1:]), ("one added", EIPS)):
        content = linux_script(Mode.APPLY, [nic_of(eips, SECONDARY)])
        run = f"cat >/run/content <<'END'\n{content}END\nsh /run/content; rm /run/content"
        worst, lost = measure(site, manager, run, 2.0)
        yield Outage(event, 0, 0, sum(worst) // EVERY_MS + lost)
    site.eips = everything
