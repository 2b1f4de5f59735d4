"""A real guest of namespaces: the rendered script runs in it, and an init of ours runs the keeper."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.guests import Command, NamespacesGuest, NamespacesWorld
from localcloud.guests.site import PRIMARY
from tests.guest.contract.drawing import MOVING, NICS, OWN
from tests.guest.contract.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localcloud.guests import Execution, Nic
    from tests.guest.contract.deeds import Ask, Event

HOME = "/root/contract"
TOOLS = ("awk", "cat", "chmod", "cp", "flock", "grep", "ip", "mkdir", "mv", "rm", "rmdir", "setsid")
TOGETHER_S = 30
# The keeper looks before it follows; when it begins to follow, it ends.
KEEPERS_IP = """#!/bin/sh
case "$*" in
  *monitor*) kill -9 $PPID ;;
  *) PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ip "$@" ;;
esac
"""
KEEPERS_SLEEP = """#!/bin/sh
exit 1
"""
# Counts calls of tools, and kills the whole command before one of them.
KILLER = """#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
read -r left </run/cut
left=$((left - 1))
echo $left >/run/cut
[ $left -gt 0 ] || kill -9 0
exec "${0##*/}" "$@"
"""
# A boot of a real machine has a name of its own; here all guests have the machine's.
BOOTED = "echo $1 >/run/boot_id; mount --bind /run/boot_id /proc/sys/kernel/random/boot_id"
CLEAN = """
for path in $(grep -lsz '^sleep 90.*exec s[h] .*undo' /proc/[0-9]*/cmdline); do
  path=${path#/proc/}
  kill -9 -${path%/cmdline}
done
rm -rf /etc/multieip
: >/etc/inittab
ip -4 rule flush
{
  echo rule add pref 32766 lookup main
  echo rule add pref 32767 lookup default
  ip -N -4 -o addr show | while read -r _ name _ address _; do
    case $address in 10.* | 127.*) ;; *) echo addr del $address dev $name ;; esac
  done
  ip -4 -o route show table all | while read -r route; do
    case $route in *" table 21"*) echo route del $route ;; esac
  done
} | ip -force -batch - 2>/dev/null
:
"""
DEAD_MEN = """
for path in $(grep -lsz '^sleep 90.*exec s[h] .*undo' /proc/[0-9]*/cmdline); do
  token=$(tr '\\0' '\\n' <$path | tail -n 1)
  path=${path#/proc/}
  kill -9 -${path%/cmdline}
  sh /etc/multieip/keep.sh undo $token >/dev/null 2>&1
done
:
"""
# A manager gives back the default route that the kernel takes away with the link.
FLAP = """
dev=$(grep -l $1 /sys/class/net/*/address)
dev=${dev%/address}
dev=${dev##*/}
route=$(ip -4 route show default dev $dev)
ip link set $dev down
ip link set $dev up
ip -4 route replace $route dev $dev
"""
TAKE = """
ip -4 -o addr show | while read -r _ dev _ address _; do
  case $address in $1/*) ip addr del $address dev $dev ;; esac
done
"""
PINGS = 'for ip; do ping -n -c 1 -W 3 "$ip" >/dev/null && echo "$ip" & done; wait'


class RealGuest:
    """One instance with two ENIs; sequences run in it one after the other."""

    def __init__(self) -> None:
        """Boot it, plug both ENIs and bind their EIPs."""
        self.world = NamespacesWorld()
        guest = self.world.create_guest("i-contract", "linux", PRIMARY)
        assert isinstance(guest, NamespacesGuest)
        self.guest = guest
        self.guest.start()
        self._boots = 0
        self.order: list[Nic] = [PRIMARY]
        for eips in OWN.values():
            for public in eips:
                self.world.bind(public)
        self.world.bind(MOVING)
        for nic in NICS:
            self.plug(nic)
        self._install()
        self._booted()

    def close(self) -> None:
        """Leave nothing behind."""
        self.world.close()

    def reset(self) -> None:
        """Take everything of ours away, and plug what is missing."""
        for nic in NICS:
            if nic not in self.order:
                self.plug(nic)
        self.shell(CLEAN)

    def plug(self, nic: Nic) -> None:
        """Let an ENI come."""
        self.guest.plug(nic)
        self.order.append(nic)

    def unplug(self, nic: Nic) -> None:
        """Let an ENI go."""
        self.guest.unplug(nic.eni_id)
        self.order.remove(nic)

    def run(self, content: str) -> Execution:
        """Run a content as Cloud Assistant would."""
        return self.guest.run(Command("RunShellScript", content.encode()))

    def shell(self, script: str, *words: object) -> str:
        """Run lines of our own that must succeed."""
        begin = f"set -- {' '.join(str(word) for word in words)}\n" if words else ""
        done = self.run(begin + script)
        assert done.exit_code == 0, done.output.decode()
        return done.output.decode()

    def ask(self, ask: Ask) -> bytes:
        """Run a command that waits for nothing."""
        return self.run(ask.content()).output

    def cut(self, ask: Ask, calls: int) -> None:
        """Run a command and kill it before one of its calls."""
        self.run(f"echo {calls} >/run/cut\nPATH={HOME}/killer:$PATH\nexport PATH\n{ask.content()}")

    def at_once(self, first: Ask, second: Ask) -> tuple[bytes, bytes]:
        """Run two commands that begin together."""
        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(self.run, [each.content(TOGETHER_S) for each in (first, second)])
        return one.output, other.output

    def awaited(self, first: Ask, second: Ask, nic: Nic) -> tuple[bytes, bytes]:
        """Run the first, which waits for the ENI, and the second while it does; then let the ENI come."""
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.run, first.content(TOGETHER_S))
            while not waiting.done() and self.run("flock -n /etc/multieip/lock true").exit_code == 0:
                pass
            met = self.ask(second)
            self.plug(nic)
            return waiting.result().output, met

    def happens(self, event: Event) -> None:
        """Let something happen that is no command."""
        if event.what == "reboot":
            self.guest.stop()
            self.order.sort(key=lambda nic: not nic.primary)
            self.guest.start()
            self._booted()
        elif event.what == "dead man":
            self.shell(DEAD_MEN)
        elif event.nic is None:
            raise ValueError(f"{event.what} needs an interface")
        elif event.what == "gone":
            self.unplug(event.nic)
        elif event.what == "back":
            self.plug(event.nic)
        elif event.what == "carrier":
            for up in (False, True):
                self.guest.carrier(event.nic.eni_id, up=up)
        elif event.what == "flap":
            self.shell(FLAP, event.nic.mac)
        else:
            self.shell(TAKE, event.ip)

    def look(self) -> Standing:
        """Let the keeper look once, and see what stands."""
        lines = [line.split() for line in self.shell(f"sh {HOME}/look.sh {HOME}").splitlines()]
        names = {mac: name for _, mac, name in _of(lines, "name")}
        macs = {name: mac for mac, name in names.items()}
        addresses: dict[str, list[str]] = {}
        for _, name, address in _of(lines, "addr"):
            if name in macs and not address.startswith("10."):
                addresses.setdefault(macs[name], []).append(address)
        there = sorted({address.partition("/")[0] for each in addresses.values() for address in each})
        return Standing(
            names=names,
            kept=_kept(lines),
            ways=tuple(sorted(line[1].rpartition("undo-")[2] for line in _of(lines, "way"))),
            program=["program"] in lines,
            enabled=["enabled"] in lines,
            dead_men=sum(line == ["dead_man"] for line in lines),
            addresses={mac: tuple(sorted(each)) for mac, each in sorted(addresses.items())},
            rules=tuple(sorted(line[2] for line in _of(lines, "rule") if line[1] == "5:")),
            answering=self._answering(there),
        )

    def _answering(self, addresses: Iterable[str]) -> tuple[str, ...]:
        asked = [each for each in addresses if each != str(MOVING.address)]
        if not asked:
            return ()
        done = self.world.internet(["sh", "-c", PINGS, "sh", *asked])
        return tuple(sorted(done.output.decode().split()))

    def _install(self) -> None:
        look = Path(__file__).with_name("look.sh").read_text(encoding="utf-8")
        files = {
            "look.sh": look,
            "keeper/ip": KEEPERS_IP,
            "keeper/sleep": KEEPERS_SLEEP,
            "killer/awk": KILLER,
        }
        parts = [f"mkdir -p {HOME}/keeper {HOME}/killer\n"]
        parts += [
            f"cat >{HOME}/{name} <<'END'\n{text}END\nchmod +x {HOME}/{name}\n" for name, text in files.items()
        ]
        parts += [f"ln -sf awk {HOME}/killer/{tool}\n" for tool in TOOLS if tool != "awk"]
        self.shell("".join(parts))

    def _booted(self) -> None:
        self._boots += 1
        self.shell(BOOTED, self._boots)


def _of(lines: Sequence[Sequence[str]], kind: str) -> list[Sequence[str]]:
    return [line for line in lines if line and line[0] == kind]


def _kept(lines: Sequence[Sequence[str]]) -> dict[str, str]:
    """Write each file of an ENI as one text, without what is the same in all of them."""
    kept: dict[str, list[str]] = {}
    for _, file, kind, *rest in _of(lines, "kept"):
        words = rest[1:3] if kind == "nic" else rest
        if kind not in ("private", "released"):
            kept.setdefault(file.removesuffix(".nic"), []).append(" ".join([kind, *words]))
    return {mac: "; ".join(each) for mac, each in sorted(kept.items())}
