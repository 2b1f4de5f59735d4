"""What the guest script costs: processes, processor time, bytes, and how it grows with main's routes.

Processes are counted by their numbers, which a guest gives out one after the other; processor time is the
script's and its children's. Needs namespaces; first applies are measured under systemd, too, where a guest
can boot.
"""

from __future__ import annotations

import base64
from contextlib import closing
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from localcloud.guests import open_world, why_not_booted, why_not_namespaces
from localcloud.guests.site import SECONDARY, eip, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import LIMIT_BYTES, linux_script
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp, State
from tests.bench.frame import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.guests.site import Site

EIPS = [eip(f"198.51.100.{n}") for n in range(11, 16)] + [eip(f"203.0.113.{n}") for n in range(21, 26)]
TEN = GuestNic(
    SECONDARY.mac,
    SECONDARY.private.ip,
    tuple(GuestEip(each.address, each.network.prefixlen, each.gateway) for each in EIPS),
)
ONE = GuestNic(TEN.mac, TEN.private, TEN.eips[:1])
ROUTES = 10_000
# Told after the answer: how many processes, and how many ms of processor time, user's and system's.
COUNTED = """
cat >/run/content <<'END'
{content}END
before=$(sh -c 'echo $$')
bash -c 'TIMEFORMAT="%U %S"; time sh /run/content' 2>/run/time
after=$(sh -c 'echo $$')
echo "cost $((after - before - 2)) $(tail -n 1 /run/time)"
"""


def rows() -> Iterator[Row]:
    """Measure everything."""
    reason = why_not_namespaces()
    if reason:
        raise RuntimeError(reason)
    with closing(open_world("namespaces")) as world:
        yield from costs(open_site(world), "no manager")
    if not why_not_booted():
        with closing(open_world("networkd")) as world:
            yield from costs(open_site(world), "networkd")
    with closing(open_world("namespaces")) as world:
        yield from _growth(open_site(world))
    yield _room()


def costs(site: Site, where: str) -> Iterator[Row]:
    """Measure a first apply, a check and an apply without change of ten EIPs."""
    first_count, first_ms = _cost(site, Mode.APPLY, TEN)
    for _ in range(2):
        _cost(site, Mode.RELEASE, TEN)
        first_ms = min(first_ms, _cost(site, Mode.APPLY, TEN)[1])
    checks = [_cost(site, Mode.CHECK, TEN) for _ in range(3)]
    again = [_cost(site, Mode.APPLY, TEN) for _ in range(3)]
    yield Row(f"check, {where}", min(count for count, _ in checks), 20, "processes", note="ten EIPs")
    yield Row(f"apply without change, {where}", min(count for count, _ in again), 25, "processes")
    # Where a unit is started, the init system's and the keeper's own processes are among them.
    yield Row(f"first apply, {where}", first_count, 45 if where == "no manager" else None, "processes")
    yield Row(f"first apply's processor time, {where}", first_ms, 120, "ms")
    yield Row(f"check's processor time, {where}", min(ms for _, ms in checks), None, "ms")
    yield Row(f"apply's processor time without change, {where}", min(ms for _, ms in again), None, "ms")


def _growth(site: Site) -> Iterator[Row]:
    _cost(site, Mode.APPLY, ONE)
    nets = (f"10.{100 + n // 250}.{n % 250}.0/24" for n in range(ROUTES))
    lines = "".join(f"route add {net} via 10.0.0.253 dev eth0\n" for net in nets)
    site.shell(f"ip -batch - <<'END'\n{lines}END")
    one = min(_cost(site, Mode.CHECK, ONE)[1] for _ in range(3))
    _cost(site, Mode.APPLY, TEN)
    ten = min(_cost(site, Mode.CHECK, TEN)[1] for _ in range(3))
    yield Row(f"check of one EIP, {ROUTES} routes", one, 1000, "ms", note="processor time")
    yield Row("each further EIP", (ten - one) / 9, 700, "ms", note=f"{ten:.0f} ms for ten")


def _cost(site: Site, mode: Mode, nic: GuestNic) -> tuple[int, float]:
    """Run a mode and give its processes and its ms of processor time."""
    done = site.run(COUNTED.format(content=linux_script(mode, [nic])), timeout_s=120)
    report = read_answer(done.output)
    if report.state is not State.OK:
        raise RuntimeError(f"{mode.value} ended {report.state.value}: {report.problems}")
    _, count, user, system = done.output.decode().splitlines()[-1].split()
    return int(count), (float(user) + float(system)) * 1000


def _room() -> Row:
    """Two ENIs with ten EIPs each, every address as long as addresses get."""
    nics = [
        GuestNic(
            f"00:16:3e:12:e7:0{n}",
            IPv4Address(f"172.16.123.12{n}"),
            tuple(
                GuestEip(IPv4Address(f"198.151.10{n}.{host}"), 24, IPv4Address(f"198.151.10{n}.254"))
                for host in range(200, 210)
            ),
        )
        for n in (1, 2)
    ]
    stamp = Stamp(1795000000123, "r" * 32)
    free = LIMIT_BYTES - len(
        base64.b64encode(linux_script(Mode.APPLY, nics, stamp=stamp, lean=True).encode())
    )
    return Row("free of RunCommand's bytes", free, 3072, "bytes", at_least=True, note="two ENIs of ten EIPs")
