"""One run of our guest script on a simulated guest, write for write: it can be cut off between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.guests.simulated_answer import Answer
from localcloud.guests.simulated_disk import Kept, Line, Way
from localcloud.guests.simulated_script import Wanted, is_lean, mode_of, stamp_of, wanted_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from ipaddress import IPv4Address

    from localcloud.guests.simulated_disk import Disk
    from localcloud.guests.simulated_script import Eip

    # Each step is one write that lasts; what is returned says whether to go on.
    Steps = Generator[None, None, bool]

Json = dict[str, Any]


class Run:
    """One run: what it wants, what it has done so far, and what it answers in the end."""

    def __init__(self, disk: Disk, text: str) -> None:
        """Read the content; nothing is looked at yet."""
        self.disk = disk
        self.mode = mode_of(text)
        self.wanted = wanted_of(text)
        self.stamp = stamp_of(text)
        self.lean = is_lean(text)
        self.answer = Answer(disk, self.mode, self.stamp)
        disk.runs += 1
        self.token = disk.runs
        self._done: list[str] = []
        self._armed = False
        self._blocks = self._numbered()

    @property
    def takes_lock(self) -> bool:
        """Whether this mode changes anything."""
        return self.mode in ("apply", "release")

    @property
    def waits(self) -> bool:
        """Whether the script would go on waiting: for the lock, or for an interface that is to come."""
        return self.takes_lock and self.answer.waits

    def locked(self) -> None:
        """Another run has the lock: this one gives up."""
        self.answer.fail("locked", "another run holds the lock; wait for its end")

    def play(self) -> None:
        """Run to the end."""
        for _ in self.steps():
            pass

    def steps(self) -> Steps:
        """Go from one write that lasts to the next."""
        if self.mode == "survey":
            self.answer.survey()
        elif self.mode == "check":
            for one in self.wanted:
                self.answer.check(one, *self._target(one))
        else:
            refused = self._refused()
            if refused is None:
                yield from self._change()
            else:
                self.answer.state, self.answer.held = refused
            yield from self._end()
        return True

    def _change(self) -> Steps:
        if self.mode == "release":
            for one in self.wanted:
                yield from self._release(one)
            return True
        for mac in self._orphans():
            if self.disk.nic(mac) is None:
                yield from self._release(self._whole(mac), told=False)
        for one in self.wanted:
            if not (yield from self._apply(one)):
                return False
        return True

    def _whole(self, mac: str) -> Wanted:
        return Wanted(mac, self.disk.held(mac).private, ())

    def _orphans(self) -> list[str]:
        """List the ENIs that keep a wanted EIP and are not in the wanted set themselves."""
        macs = {one.mac for one in self.wanted}
        ips = {eip.ip for one in self.wanted for eip in one.eips}
        kept = sorted(self.disk.kept.items())
        return [mac for mac, each in kept if mac not in macs and any(line.ip in ips for line in each.eips)]

    def _refused(self) -> tuple[str, Json] | None:
        """Tell which set forbids this one: it is newer, or has an EIP that a lean one does not name."""
        found = None
        for one in self.wanted:
            held = self.disk.held(one.mac)
            if self._is_older(one, held):
                found = "older", _told(one.mac, held)
            elif self.lean and not _triples(held.eips) <= _triples(one.eips):
                found = "unnamed", _told(one.mac, held)
        return found

    def _is_older(self, one: Wanted, held: Kept) -> bool:
        """Whether the ENI's set is of a later look, or another one of the same."""
        if self.stamp is None or held.stamp is None:
            return False
        other = self.stamp.asof == held.stamp.asof and self._is_another(one, held)
        return self.stamp.asof < held.stamp.asof or other

    def _is_another(self, one: Wanted, held: Kept) -> bool:
        has = _triples(held.eips)
        if self.mode == "release":
            return bool(has)
        may = {(eip.ip, eip.plen, eip.gateway): eip.word for eip in one.eips}
        return not has <= may.keys() or any(word == "must" and key not in has for key, word in may.items())

    def _target(self, one: Wanted) -> tuple[list[Line], list[Line], int]:
        """Give what has to stand, what has to go, and the number of the ENI's block."""
        held = self.disk.held(one.mac)
        slots = {line.ip: line.slot for line in held.lines if line.slot}
        used, has = set(slots.values()), {line.ip for line in held.eips}
        target: list[Line] = []
        for eip in one.eips if self.mode != "release" else ():
            if eip.word == "keep" and eip.ip not in has:
                continue
            if eip.ip not in slots:
                slots[eip.ip] = next(at for at in range(1, len(used) + 2) if at not in used)
                used.add(slots[eip.ip])
            target.append(Line(eip.ip, eip.plen, eip.gateway, slots[eip.ip], eip.word))
        stay = {line.ip for line in target}
        gone = [Line(e.ip, e.plen, e.gateway, e.slot, "-") for e in held.lines if e.ip not in stay]
        if self.mode == "release":
            known = {line.ip for line in held.lines}
            gone += [Line(e.ip, e.plen, e.gateway, 0, "-") for e in one.eips if e.ip not in known]
        return target, gone, self._blocks[one.mac]

    def _numbered(self) -> dict[str, int]:
        """Give each ENI the number that it has, or the lowest that no other has when the run begins."""
        blocks = {mac: kept.block for mac, kept in self.disk.kept.items() if kept.block is not None}
        for one in self.wanted:
            if one.mac not in blocks:
                blocks[one.mac] = next(at for at in range(len(blocks) + 1) if at not in blocks.values())
        return blocks

    def _apply(self, one: Wanted) -> Steps:
        disk, told = self.disk, self.answer
        if disk.nic(one.mac) is None:
            return told.fail("no-interface", f"no interface has the MAC {one.mac}; attach the ENI")
        target, gone, block = self._target(one)
        held = disk.held(one.mac)
        lasts = bool(held.eips) and disk.enabled
        fine = told.may_change(one, target)
        if fine:
            new = Kept(one.private, block, tuple(target), (), self.stamp or held.stamp)
            same = not gone and new.like(held) and not disk.differs(one.mac, target, gone)
            if same and (lasts or not target):
                yield from self._nothing_to_do(one.mac, held, new)
            else:
                yield from self._make_so(one.mac, new, gone)
                lasts = True
        told.tell(one, target, block, lasts=lasts, asked=True)
        return fine

    def _nothing_to_do(self, mac: str, held: Kept, new: Kept) -> Steps:
        """Keep the newer look all the same."""
        if mac in self.disk.ways:
            self._done.append(mac)
        if new.stamp != held.stamp:
            self.disk.kept[mac] = new
            yield
        return True

    def _make_so(self, mac: str, new: Kept, gone: Sequence[Line]) -> Steps:
        disk = self.disk
        yield from self._begin(mac, Kept(new.private, new.block, new.eips, tuple(gone), new.stamp))
        disk.make(mac, new.eips, gone)
        yield
        disk.kept[mac] = new
        yield
        disk.enabled = True
        self.answer.changed = True
        yield
        return True

    def _begin(self, mac: str, under_way: Kept) -> Steps:
        """Leave the way back, then what is wanted and what goes, then somebody who undoes it all."""
        disk = self.disk
        self._done.append(mac)
        way = disk.ways.get(mac)
        before = way.before if way is not None and way.boot == disk.boot else disk.kept.get(mac)
        disk.ways[mac] = Way(self.token, disk.boot, before)
        yield
        disk.kept[mac] = under_way
        yield
        if not self._armed:
            if not disk.program:
                disk.program = True
                yield
            disk.dead_men.append(self.token)
            self._armed = True
            yield
        return True

    def _release(self, one: Wanted, *, told: bool = True) -> Steps:
        disk, held = self.disk, self.disk.held(one.mac)
        _, gone, block = self._target(one) if told else ([], held.lines, held.block)
        stands = disk.differs(one.mac, (), gone)
        if stands:
            self.answer.changed = True
            gone_lines = tuple(Line(e.ip, e.plen, e.gateway, e.slot, "-") for e in gone)
            stamp = self.stamp or held.stamp
            yield from self._begin(one.mac, Kept(one.private or held.private, block, (), gone_lines, stamp))
            disk.make(one.mac, (), gone)
            yield
        else:
            if one.mac in disk.ways:
                self._done.append(one.mac)
            self.answer.changed = self.answer.changed or bool(held.eips)
        self._forget(one.mac, held)
        yield
        self.answer.asked = True
        if told:
            self.answer.tell(one, (), block or 0, lasts=False, asked=True)
        return True

    def _forget(self, mac: str, held: Kept) -> None:
        """Let nothing stay but the time of the look, if there is one."""
        stamp = self.stamp or held.stamp
        if stamp is None:
            self.disk.kept.pop(mac, None)
        else:
            self.disk.kept[mac] = Kept(stamp=stamp)

    def _end(self) -> Steps:
        """After a failure everything that this run did is undone; then nothing is left to be undone."""
        disk = self.disk
        if self.answer.state == "failed":
            self.answer.changed = False
            for mac in self._done:
                yield from disk.undo(mac)
        for mac in self._done:
            if disk.ways.pop(mac, None) is not None:
                yield
        if self._armed:
            disk.dead_men.remove(self.token)
            yield
        if disk.keeper_ends():
            if disk.enabled:
                disk.enabled = False
                yield
            disk.program = False
        return True


def _triples(eips: Iterable[Eip | Line]) -> set[tuple[IPv4Address, int, IPv4Address]]:
    """Return what of EIPs is compared between two sets."""
    return {(eip.ip, eip.plen, eip.gateway) for eip in eips}


def _told(mac: str, held: Kept) -> Json:
    """Tell the set of one ENI, with the look that it comes from."""
    return {
        "mac": mac,
        "asof": held.stamp.asof if held.stamp else 0,
        "run": held.stamp.run if held.stamp else "",
        "eips": [
            {
                "ip": str(line.ip),
                "plen": line.plen,
                "gateway": str(line.gateway),
                "keep": line.word == "keep",
            }
            for line in held.eips
        ],
    }
