"""Each network manager against each thing that can happen to a guest.

`python -m tests.guest.matrix [MANAGER...]` prints it.

Every cell is judged from outside: real pings and TCP connections from the internet host to each EIP,
answered from that EIP; the private addresses from inside the VPC; and no packet dropped as spoofed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.guests import (
    IMAGES,
    MANAGERS,
    Manager,
    NamespacesGuest,
    WorldError,
    disk,
    open_world,
    pings_inside,
    why_not_booted,
)
from localcloud.guests.site import EIPS, PORT, PRIMARY, SECONDARY, SETTLE_S, Site, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import GuestEip, GuestNic, GuestReport, Mode, State
from tests.guest.outage import GOAL_MS, Outage, changes, outages

if TYPE_CHECKING:
    from localcloud.guests import PublicAddress

# What must not be found in a guest after `release`; the scripts that the agent keeps are its own business.
TRACES = """
ip rule | grep -E '^2(1[0-9]{3}|2[0-9]{3}|3[0-9]{3}|4[0-9]{3}|5[0-9]{3}):'
ip route show table all | grep -E 'table 2[1-5][0-9]{3}'
ip -4 addr show dev eth1 | grep -vE 'eth1|10.0.0.20|valid_lft'
grep -rIl --exclude-dir=aliyun-assist multieip /etc /run /var/lib 2>/dev/null
find /etc /run /var/lib -name '*multieip*'
:
"""


def wanted(eips: Sequence[PublicAddress]) -> GuestNic:
    """Want these EIPs on the ENI."""
    found = tuple(GuestEip(p.address, p.network.prefixlen, p.gateway) for p in eips)
    return GuestNic(SECONDARY.mac, SECONDARY.private.ip, found)


class Broken(Exception):  # noqa: N818 - a cell is broken, not the program
    """What a cell shows when it is not as it should be."""


@dataclass
class Trial:
    """One guest on its way through the steps."""

    manager: Manager
    site: Site
    eips: Sequence[PublicAddress] = EIPS
    main_table: str = ""
    answers: dict[str, GuestReport] = field(default_factory=dict)

    def script(self, mode: Mode) -> GuestReport:
        """Run our script in the guest and believe its answer only when it says that all is well."""
        done = self.site.run(linux_script(mode, [wanted(self.eips)]))
        report = read_answer(done.output)
        if report.state is not State.OK or done.exit_code:
            told = "; ".join(f"{p.code}: {p.text}" for p in report.problems)
            raise Broken(f"{mode.value} says {report.state.value}: {told}")
        return report

    def all_answer(self) -> None:
        """Wait until each wanted EIP answers from itself, and see that everything else is as before."""
        self.site.eips = self.eips
        answering = self.site.settles()
        if answering != [p.address for p in self.eips]:
            raise Broken(f"answering: {', '.join(map(str, answering)) or 'none'}")
        for nic in (PRIMARY, SECONDARY):
            # A lease that a manager has just asked for again takes its time on a busy machine.
            until = time.monotonic() + SETTLE_S
            while not (answers := pings_inside(self.site.world, nic.private.ip)) and time.monotonic() < until:
                pass
            if not answers:
                raise Broken(f"{nic.private.ip} does not answer inside the VPC")
        self.nothing_spoofed()

    def nothing_spoofed(self) -> None:
        """No gateway may have dropped a packet for its source."""
        counts = [one for one in self.site.world.counts() if one.spoofed]
        if counts:
            raise Broken("; ".join(f"{one.gateway} dropped {one.spoofed} as spoofed" for one in counts))

    def default_route(self) -> str:
        """Read the default route of the primary interface."""
        return self.site.shell("ip route show default dev eth0")


def apply(trial: Trial) -> None:
    """Configure three EIPs on two gateways."""
    before = trial.default_route()
    report = trial.script(Mode.APPLY)
    if not report.changed:
        raise Broken("the first apply says that nothing has changed")
    if not report.persistent:
        raise Broken(f"writer {report.writer}: will not survive a reboot")
    trial.all_answer()
    if trial.default_route() != before:
        raise Broken("the default route of eth0 has changed")


def apply_again(trial: Trial) -> None:
    """Change nothing."""
    if trial.script(Mode.APPLY).changed:
        raise Broken("the second apply says that something has changed")
    trial.all_answer()


def remove_one(trial: Trial) -> None:
    """Take one of two EIPs of a subnet away; its neighbour stays."""
    trial.eips = EIPS[1:]
    trial.script(Mode.APPLY)
    trial.all_answer()


def add_one(trial: Trial) -> None:
    """Bring it back."""
    trial.eips = EIPS
    trial.script(Mode.APPLY)
    trial.all_answer()


def reboot(trial: Trial) -> None:
    """Power off, and boot again on new interfaces, while the image's own network files are written anew."""
    trial.site.guest.stop()
    trial.site.guest.start()
    trial.site.guest.listen(PORT)
    trial.all_answer()
    trial.script(Mode.CHECK)


def flap(trial: Trial) -> None:
    """Take the interface down and up again."""
    trial.site.shell("ip link set eth1 down; ip link set eth1 up")
    trial.all_answer()
    trial.script(Mode.CHECK)


def carrier(trial: Trial) -> None:
    """Lose the carrier until nothing answers, and get it back."""
    guest = trial.site.guest
    if not isinstance(guest, NamespacesGuest):
        raise Broken(f"a {guest.kind} guest has no carrier to lose")
    guest.carrier(SECONDARY.eni_id, up=False)
    answering = trial.site.answering()
    guest.carrier(SECONDARY.eni_id, up=True)
    if answering:
        raise Broken(f"answering without a carrier: {', '.join(map(str, answering))}")
    trial.all_answer()
    trial.script(Mode.CHECK)


def reattach(trial: Trial) -> None:
    """Detach the ENI and attach it again: what is configured by its MAC comes back with it."""
    trial.site.guest.unplug(SECONDARY.eni_id)
    trial.site.guest.plug(SECONDARY)
    trial.all_answer()
    trial.script(Mode.CHECK)


def renew(trial: Trial) -> None:
    """Ask for the DHCP lease again."""
    trial.site.shell(f"D=eth1\n{IMAGES[trial.manager].renew}")
    trial.all_answer()
    trial.script(Mode.CHECK)


def reconfigure(trial: Trial) -> None:
    """Let the manager configure the interface anew."""
    trial.site.shell(f"D=eth1\n{IMAGES[trial.manager].reconfigure}")
    trial.all_answer()
    trial.script(Mode.CHECK)


def release(trial: Trial) -> None:
    """Leave nothing of ours behind."""
    trial.script(Mode.RELEASE)
    left = trial.site.shell(TRACES).split("\n")
    if any(left):
        raise Broken(f"left behind: {' | '.join(line for line in left if line)}")
    if not pings_inside(trial.site.world, PRIMARY.private.ip):
        raise Broken("the primary interface does not answer any more")


Step = Callable[[Trial], None]
STEPS: Sequence[Step] = (
    apply,
    apply_again,
    remove_one,
    add_one,
    reboot,
    flap,
    carrier,
    reattach,
    renew,
    reconfigure,
    release,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One manager, one step, and what came of it; `broken` is empty when all was well."""

    manager: Manager
    step: str
    seconds: float
    broken: str
    note: str = ""


def run(manager: Manager) -> Iterator[Cell]:
    """Take one guest through all steps; a broken step does not spare it the next."""
    world = open_world(manager)
    try:
        trial = Trial(manager, open_site(world))
        for step in STEPS:
            began = time.monotonic()
            broken = ""
            try:
                step(trial)
            except Exception as fault:  # noqa: BLE001 - the cell shows it, whatever it is
                broken = f"{fault}" if isinstance(fault, Broken) else f"{type(fault).__name__}: {fault}"
            yield Cell(manager, step.__name__, time.monotonic() - began, broken)
        yield _gateways(trial)
    finally:
        world.close()


def silence(manager: Manager) -> Iterator[Outage]:
    """Measure one guest through all events; what seems too long is measured again, as it may be the load."""
    world = open_world(manager)
    try:
        trial = Trial(manager, open_site(world))
        trial.script(Mode.APPLY)
        trial.all_answer()
        for row in changes(trial.site, manager):
            yield (
                next((again for again in changes(trial.site, manager) if again.event == row.event), row)
                if row.broken
                else row
            )
        for row in outages(trial.site, manager):
            yield next(outages(trial.site, manager, [row.event])) if row.broken else row
        trial.script(Mode.CHECK)
    finally:
        world.close()


def _gateways(trial: Trial) -> Cell:
    """Tell what each gateway has forwarded and dropped over all steps."""
    counts = trial.site.world.counts()
    note = ", ".join(f"{one.gateway} forwarded {one.forwarded}, spoofed {one.spoofed}" for one in counts)
    broken = note if any(one.spoofed or not one.forwarded for one in counts) else ""
    return Cell(trial.manager, "gateways", 0.0, broken, note)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the matrix; 0 when each cell is as it should be, 3 when it cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m tests.guest.matrix", description=__doc__)
    parser.add_argument("managers", nargs="*", metavar="MANAGER", help=f"of {', '.join(MANAGERS)}")
    chosen = parser.parse_args(argv).managers or MANAGERS
    unknown = sorted(set(chosen) - set(MANAGERS))
    if unknown:
        parser.error(f"no such manager: {', '.join(unknown)}; there are {', '.join(MANAGERS)}")
    reason = why_not_booted()
    if reason:
        print(f"no booted guests here: {reason}", file=sys.stderr)
        return 3
    try:
        disk()
    except WorldError as fault:
        print(fault, file=sys.stderr)
        return 3
    width = max(len(step.__name__) for step in STEPS) + 2
    print(f"{'':16}" + "".join(f"{step.__name__:{width}}" for step in STEPS))
    faults, notes = [], []
    for manager in chosen:
        print(f"{manager:16}", end="", flush=True)
        for cell in run(manager):
            faults += [cell] if cell.broken else []
            if cell.note:
                notes.append(f"{manager:16}{cell.note}")
                continue
            shown = "FAIL" if cell.broken else f"ok {cell.seconds:.1f} s"
            print(f"{shown:{width}}", end="", flush=True)
        print()
    print("\nPackets at the gateways:", *notes, sep="\n")
    print(f"\nSilence of the worst EIP in ms ({GOAL_MS} wanted), and packets that neighbours lost:")
    for manager in chosen:
        for row in silence(manager):
            print(f"{manager:16}{row.event:28}{row.worst_ms:6}{row.neighbours_lost:6}  {row.broken}")
            faults += [Cell(manager, row.event, 0.0, row.broken)] if row.broken else []
    for cell in faults:
        print(f"\n{cell.manager}, {cell.step}: {cell.broken}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
