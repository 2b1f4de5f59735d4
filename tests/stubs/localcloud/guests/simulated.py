"""A world that keeps addresses in memory, for where namespaces are not permitted and for virtual time.

It answers our own guest script as a guest in good health would, says in every answer that it is
simulated, and refuses to guess what other programs would do.
"""

from __future__ import annotations

import shlex
import threading
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from localcloud.guests import simulated_script as script
from localcloud.guests.base import (
    Command,
    Execution,
    GatewayCount,
    Kind,
    Nic,
    OsType,
    PublicAddress,
    WorldError,
)
from localcloud.guests.processes import MOST_EARLY, REPORT_BYTES, REPORT_EVERY_S
from localcloud.guests.reach import ECHO

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN_COMMAND = 127
TIMED_OUT_CODE = 1
NOT_FOUND = b"sh: 1: the script: not found\n"
# Whom and what a simulated guest knows besides root and its home.
USERS = frozenset({"", "ecs-user", "nobody"})
FOLDERS = frozenset({"", "/", "/root", "/tmp", "/etc", "/var", "/home"})  # noqa: S108 - in the guest
SHELL_CHARACTERS = set("|&;<>$`()*?")


class SimulatedGuest:
    """Interfaces and their EIPs in memory; configuration survives a reboot, runtime state does not exist."""

    kind: Kind = "simulated"

    def __init__(self, instance_id: str) -> None:
        """Make a stopped guest without interfaces."""
        self.instance_id = instance_id
        self.running = False
        self.ports: set[int] = set()
        self._lock = threading.RLock()
        self._memory = script.Memory()

    def plug(self, nic: Nic) -> None:
        """Let the interface appear, as a hot-plug does."""
        with self._lock:
            if any(other.eni_id == nic.eni_id for other in self._memory.nics):
                raise WorldError(f"{nic.eni_id} is plugged already; unplug it first")
            self._memory.nics.append(nic)

    def unplug(self, eni_id: str) -> None:
        """Let the interface disappear; unknown ids are no error."""
        with self._lock:
            self._memory.nics = [nic for nic in self._memory.nics if nic.eni_id != eni_id]

    def start(self) -> None:
        """Boot with the configuration as it is."""
        self.running = True

    def stop(self) -> None:
        """Power off; configuration stays."""
        self.running = False
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
            if script.recognises(text):
                code, line = self._memory.answer(text)
                return Execution(code, f"{line}\n".encode(), waiting=self._memory.waits(text))
            return self._plain(text, command.timeout_s)

    def has(self, address: IPv4Address) -> bool:
        """Whether a running guest carries this address on an interface."""
        with self._lock:
            return self.running and self._memory.carries(address)

    def replies(self, public: PublicAddress) -> bool:
        """Whether what an EIP is asked is answered by the EIP's own gateway: always, in good health."""
        return self.has(public.address)

    def close(self) -> None:
        """Nothing is left behind."""
        self.stop()

    def _plain(self, text: str, timeout_s: float) -> Execution:
        said: list[str] = []
        elapsed_s, early = 0.0, 0
        for line in text.splitlines():
            words = _words(line)
            match words:
                case [] | ["true"] | ["set", *_]:
                    continue
                case ["exit", code] if code.isdigit():
                    return _ended(int(code), said, elapsed_s, early)
                case ["echo" | "Write-Output", *rest]:
                    said.append(" ".join(rest))
                case ["hostname"]:
                    said.append(self.instance_id)
                case ["sleep", seconds] if seconds.replace(".", "", 1).isdigit():
                    early = _reported(early, len(_text(said)), elapsed_s, float(seconds))
                    elapsed_s += float(seconds)
                    if elapsed_s > timeout_s:
                        return Execution(TIMED_OUT_CODE, _text(said), True, timeout_s, early)
                case ["ip", *options] if "addr" in options:
                    said += self._memory.listing()
                case _:
                    said.append(f"simulated guest: cannot run `{line.strip()}`; only a real guest can")
                    return _ended(UNKNOWN_COMMAND, said, elapsed_s, early)
        return _ended(0, said, elapsed_s, early)


def _words(line: str) -> list[str]:
    """Split a plain line; one that needs a shell stays whole, and so is not understood."""
    if line.strip() == "false":
        return ["exit", "1"]
    try:
        return [line] if set(line) & SHELL_CHARACTERS else shlex.split(line, comments=True)
    except ValueError:
        return [line]


def _text(said: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in said).encode()


def _ended(code: int, said: Sequence[str], elapsed_s: float, early: int) -> Execution:
    return Execution(code, _text(said), duration_s=elapsed_s, early=early)


def _reported(early: int, size: int, since_s: float, pause_s: float) -> int:
    """How much of `size` bytes of output has been reported when the pause is over."""
    reports = int((since_s + pause_s) // REPORT_EVERY_S) - int(since_s // REPORT_EVERY_S)
    return min(early + reports * REPORT_BYTES, MOST_EARLY, max(size, early))


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
    from collections.abc import Callable

    from localcloud.guests.windows.guest import WindowsGuest

    AnyGuest = SimulatedGuest | WindowsGuest
    Finder = Callable[[IPv4Address], AnyGuest | None]
