"""A world that keeps addresses in memory, for where namespaces are not permitted and for virtual time.

It answers our own guest script as a guest in good health would, says in every answer that it is
simulated, and refuses to guess what other programs would do.
"""

from __future__ import annotations

import shlex
import threading
from collections import deque
from ipaddress import IPv4Address
from itertools import islice
from typing import TYPE_CHECKING

from localcloud.guests.base import (
    Command,
    Execution,
    GatewayCount,
    Kind,
    Nic,
    OsType,
    PublicAddress,
    Waiting,
    WorldError,
)
from localcloud.guests.reach import ECHO
from localcloud.guests.simulated_disk import Disk
from localcloud.guests.simulated_run import Run
from localcloud.guests.simulated_script import recognises
from localcloud.guests.simulated_shell import UNKNOWN_COMMAND, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOT_FOUND = b"sh: 1: the script: not found\n"
# Whom and what a simulated guest knows besides root and its home.
USERS = frozenset({"", "ecs-user", "nobody"})
FOLDERS = frozenset({"", "/", "/root", "/tmp", "/etc", "/var", "/home"})  # noqa: S108 - in the guest


DEAD_MAN_S = 90.0
"""How long after its run was cut off our script undoes what the run has left."""


class SimulatedGuest:
    """Interfaces, files and EIPs in memory: files survive a reboot, and a keeper puts back what they say."""

    kind: Kind = "simulated"

    def __init__(self, instance_id: str) -> None:
        """Make a stopped guest without interfaces."""
        self.instance_id = instance_id
        self.running = False
        self.ports: set[int] = set()
        self._lock = threading.RLock()
        self.disk = Disk()
        """What of ours is in the guest; for those who compare it with a real one."""
        self._holder = b""

    def plug(self, nic: Nic) -> None:
        """Let the interface appear, as a hot-plug does."""
        with self._lock:
            if any(other.eni_id == nic.eni_id for other in self.disk.nics):
                raise WorldError(f"{nic.eni_id} is plugged already; unplug it first")
            self.disk.plug(nic)

    def unplug(self, eni_id: str) -> None:
        """Let the interface disappear; unknown ids are no error."""
        with self._lock:
            self.disk.unplug(eni_id)

    def start(self) -> None:
        """Boot: files are as they were, runtime state is gone; a running guest stays as it is."""
        with self._lock:
            if not self.running:
                self.disk.start()
                self.running = True

    def stop(self) -> None:
        """Power off; files stay."""
        self.running = False
        self._holder = b""
        self.ports.clear()

    def listen(self, port: int) -> None:
        """Answer TCP connections to `port` until `stop`."""
        self.ports.add(port)

    def run(self, command: Command) -> Execution:
        """Answer our guest script, and a few plain commands; others end with 127 and the reason."""
        if not self.running:
            raise WorldError(f"guest {self.instance_id} is stopped; start it first")
        if command.kind != "RunShellScript":
            return Execution(126, f"{command.kind} does not run on linux\n".encode())
        if command.username not in USERS:
            return Execution(1, b"", invalid="AccountNotExists")
        if command.working_dir not in FOLDERS:
            return Execution(1, b"", invalid="DirectoryNotExists")
        if command.content.startswith(b"#!") and command.content.partition(b"\n")[0].endswith(b"\r"):
            return Execution(127, NOT_FOUND)
        text = command.content.decode("utf-8", "replace")
        with self._lock:
            if recognises(text):
                return self._answer(command.content, text)
            return plain(text, command.timeout_s, self.instance_id, self._listing)

    def has(self, address: IPv4Address) -> bool:
        """Whether a running guest carries this address on an interface."""
        with self._lock:
            return self.running and any(
                address == nic.private.ip or address in self.disk.addresses.get(nic.mac.lower(), ())
                for nic in self.disk.nics
            )

    def replies(self, public: PublicAddress) -> bool:
        """Whether what an EIP is asked is answered by the EIP's own gateway."""
        return self.has(public.address) and public.address not in self.disk.routeless

    def take_away(self, address: IPv4Address) -> None:
        """Let somebody take an address off its interface by hand; what the keeper does comes later."""
        with self._lock:
            for here in self.disk.addresses.values():
                here.pop(address, None)

    def flap(self, nic: Nic) -> None:
        """Take an interface down and up."""
        with self._lock:
            self.disk.flap(nic.mac.lower())

    def cut_off(self, command: Command, writes: int) -> Callable[[], None] | None:
        """Kill a run of our script after so many writes that last, or at its end where it has no more.

        What is given back is what undoes it when its time has come, `DEAD_MAN_S` later; None where this is
        not our script.
        """
        text = command.content.decode("utf-8", "replace")
        if not recognises(text):
            return None
        if not self.running:
            raise WorldError(f"guest {self.instance_id} is stopped; start it first")
        with self._lock:
            run = Run(self.disk, text)
            if self._holder in (b"", command.content):
                self._holder = b""
                deque(islice(run.steps(), writes), 0)
            self.disk.keeper_looks()
            token = run.token

        def undo() -> None:
            with self._lock:
                self.disk.dead_man_acts(token)

        return undo

    def close(self) -> None:
        """Nothing is left behind."""
        self.stop()

    def _answer(self, content: bytes, text: str) -> Execution:
        """Run our script; while one waits for its interface it has the lock, and others wait for that."""
        run = Run(self.disk, text)
        if self._holder not in (b"", content) and run.takes_lock:
            run.locked()
        else:
            run.play()
            if self._holder == content and not run.waits:
                self._holder = b""
        waiting = self._waiting(content) if run.waits else None
        return Execution(run.answer.code, f"{run.answer.line()}\n".encode(), waiting=waiting)

    def _waiting(self, content: bytes) -> Waiting:
        def goes_on() -> None:
            with self._lock:
                self._holder = self._holder or content

        def gives_up() -> None:
            with self._lock:
                self._holder = b"" if self._holder == content else self._holder

        return Waiting(goes_on, gives_up)

    def _listing(self) -> list[str]:
        """List the addresses in the short form of `ip addr`, marked as simulated."""
        lines = ["simulated guest"]
        for nic in self.disk.nics:
            mac = nic.mac.lower()
            addresses = [str(nic.private)]
            addresses += [f"{line.ip}/{line.plen}" for line in self.disk.addresses.get(mac, {}).values()]
            lines.append(f"{self.disk.names[mac]} {mac} {' '.join(addresses)}")
        return lines


class SimulatedWorld:
    """Guests in memory; an EIP answers when it is bound and its guest carries it."""

    kind: Kind = "simulated"

    def __init__(self) -> None:
        """Open an empty world."""
        self._guests: dict[str, AnyGuest] = {}
        self._bound: dict[IPv4Address, PublicAddress] = {}

    def create_guest(self, instance_id: str, os_type: OsType, primary: Nic) -> AnyGuest:
        """Make the guest of a new instance; it is stopped until `start`."""
        guest: AnyGuest
        if os_type == "windows":
            # The parser that it needs is heavy, and most clouds have no Windows.
            from localcloud.guests.windows.guest import WindowsGuest  # noqa: PLC0415

            guest = WindowsGuest(instance_id)
        else:
            guest = SimulatedGuest(instance_id)
        self._guests[instance_id] = guest
        guest.plug(primary)
        return guest

    def bind(self, public: PublicAddress) -> None:
        """Route an EIP to its interface from now on."""
        self._bound[public.address] = public

    def unbind(self, address: IPv4Address) -> None:
        """Stop routing the EIP; unknown addresses are no error."""
        self._bound.pop(address, None)

    def internet(self, argv: Sequence[str], *, timeout_s: float = 30.0) -> Execution:
        """Answer `ping ADDRESS` and the echo question for EIPs; other programs end with 127."""
        del timeout_s
        return self._ask(argv, self._reached_from_outside)

    def inside(self, private: IPv4Address, argv: Sequence[str], *, timeout_s: float = 30.0) -> Execution:
        """Answer `ping ADDRESS` and the echo question for private addresses; other programs end with 127."""
        del private, timeout_s
        return self._ask(argv, self._carrier)

    def counts(self) -> list[GatewayCount]:
        """No packets travel here: each gateway with two zeros."""
        return [GatewayCount(gateway, 0, 0) for gateway in sorted({p.gateway for p in self._bound.values()})]

    def spoofed(self) -> int:
        """No packets travel here."""
        return 0

    def close(self) -> None:
        """Forget everything; may be called twice."""
        for guest in self._guests.values():
            guest.close()
        self._guests.clear()
        self._bound.clear()

    def _ask(self, argv: Sequence[str], find: Finder) -> Execution:
        match list(argv):
            case ["ping", *_, target]:
                answers = find(IPv4Address(target)) is not None
                word = "answers" if answers else "does not answer"
                return Execution(0 if answers else 1, f"simulated: {target} {word}\n".encode())
            case [*program, "ask", target, port] if tuple(program) == ECHO:
                guest = find(IPv4Address(target))
                if guest is not None and int(port) in guest.ports:
                    return Execution(0, f"{self._arrives_at(IPv4Address(target))}\n".encode())
                return Execution(1, f"simulated: no answer from {target}:{port}\n".encode())
        return Execution(UNKNOWN_COMMAND, f"simulated host: cannot run `{shlex.join(argv)}`\n".encode())

    def _arrives_at(self, target: IPv4Address) -> IPv4Address:
        public = self._bound.get(target)
        return target if public is None or public.visible else public.private

    def _reached_from_outside(self, target: IPv4Address) -> AnyGuest | None:
        public = self._bound.get(target)
        if public is None:
            return None
        guest = self._carrier(self._arrives_at(target))
        return guest if guest is None or not public.visible or guest.replies(public) else None

    def _carrier(self, target: IPv4Address) -> AnyGuest | None:
        return next((guest for guest in self._guests.values() if guest.has(target)), None)


if TYPE_CHECKING:
    from localcloud.guests.windows.guest import WindowsGuest

    AnyGuest = SimulatedGuest | WindowsGuest
    Finder = Callable[[IPv4Address], AnyGuest | None]
