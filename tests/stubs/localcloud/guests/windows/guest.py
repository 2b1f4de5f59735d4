"""A Windows instance of the local cloud: our script runs in a played Windows, and the answer says so."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from localcloud.guests.base import Command, Execution, Kind, Nic, PublicAddress, WorldError
from localcloud.guests.windows.machine.state import Lease
from localcloud.guests.windows.played import PlayedWindows

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from localcloud.guests.windows.machine.state import Adapter

MARKER = b"# multieip-guest v1 "
ANSWER = "multieip-answer: "
OTHER_REMOTE = "192.0.2.1"
UNKNOWN_COMMAND = 127
TIMED_OUT_CODE = 1


class WindowsGuest:
    """One Windows: interfaces, both stores, tasks and files in memory; the script's own text runs."""

    kind: Kind = "simulated"

    def __init__(self, instance_id: str) -> None:
        """Make a stopped guest without interfaces."""
        self.instance_id = instance_id
        self.running = False
        self.ports: set[int] = set()
        self.windows = PlayedWindows()
        self._lock = threading.RLock()
        self._places: dict[str, int] = {}

    def plug(self, nic: Nic) -> None:
        """Let the interface appear, as a hot-plug does; Windows tells of a new connection."""
        with self._lock:
            if nic.eni_id in self._places:
                raise WorldError(f"{nic.eni_id} is plugged already; unplug it first")
            lease = Lease(str(nic.private.ip), nic.private.network.prefixlen, str(nic.gateway))
            used = {a.alias for a in self.windows.network.adapters.values()}
            names = ("Ethernet" if n == 1 else f"Ethernet {n}" for n in range(1, len(used) + 2))
            alias = next(name for name in names if name not in used)
            self._places[nic.eni_id] = self.windows.network.plug(alias, nic.mac.lower(), lease)
            if self.running:
                self.windows.connected()

    def unplug(self, eni_id: str) -> None:
        """Let the interface disappear; unknown ids are no error."""
        with self._lock:
            index = self._places.pop(eni_id, None)
            if index is not None:
                self.windows.network.unplug(index)

    def start(self) -> None:
        """Boot: what is persistent comes up, and tasks at the start run."""
        with self._lock:
            self.running = True
            self.windows.restart()

    def stop(self) -> None:
        """Power off; files, tasks and the persistent stores stay."""
        self.running = False
        self.ports.clear()

    def listen(self, port: int) -> None:
        """Answer TCP connections to `port` until `stop`."""
        self.ports.add(port)

    def run(self, command: Command) -> Execution:
        """Run our script; any other ends with 127 and the reason."""
        if not self.running:
            raise WorldError(f"guest {self.instance_id} is stopped; start it first")
        if command.kind != "RunPowerShellScript":
            return Execution(126, f"{command.kind} does not run on windows\n".encode())
        if not command.content.startswith(MARKER):
            said = "played Windows: cannot run this script; only a real guest can\n"
            return Execution(UNKNOWN_COMMAND, said.encode())
        with self._lock:
            ran = self.windows.run(command.content.decode("ascii"), limit_s=command.timeout_s)
        output = "".join(f"{_marked(line)}\r\n" for line in ran.lines).encode()
        code = TIMED_OUT_CODE if ran.code is None else ran.code
        return Execution(code, output, timed_out=ran.code is None, duration_s=ran.seconds)

    def has(self, address: IPv4Address) -> bool:
        """Whether a running guest has this address in use on an interface."""
        with self._lock:
            return self.running and self._carrier(address) is not None

    def replies(self, public: PublicAddress) -> bool:
        """Whether what an EIP is asked is answered by the EIP's own gateway, and by no other way."""
        with self._lock:
            adapter = self._carrier(public.address)
            best = adapter and self.windows.network.best(OTHER_REMOTE, adapter)
            if not adapter or not best or self.windows.network.tied(adapter):
                return False
            return best[1].hop == str(public.gateway)

    def close(self) -> None:
        """Nothing is left behind."""
        self.stop()

    def _carrier(self, address: IPv4Address) -> Adapter | None:
        for adapter in self.windows.network.adapters.values():
            found = adapter.active.address(str(address)) if adapter.up else None
            if found is not None and found.state == "Preferred":
                return adapter
        return None


def _marked(line: str) -> str:
    """Let no answer pass for that of a real Windows."""
    if not line.startswith(ANSWER):
        return line
    return line.replace('"simulated":false', '"simulated":true', 1)


__all__ = ["WindowsGuest"]
