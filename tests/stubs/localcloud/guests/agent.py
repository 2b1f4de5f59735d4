"""The process inside the holder that does what the world asks: one JSON line in, one JSON line out.

`python -m localcloud.guests.agent [MANAGER DISK WORLD]` runs as process 1 of namespaces of its own; when its
input ends it ends, and the kernel takes everything that it made with it.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from localcloud.guests.base import Command, Execution, WorldError
from localcloud.guests.booted import BootedHost, System
from localcloud.guests.fabric import INTERNET, Fabric
from localcloud.guests.host import Host
from localcloud.guests.message import nic_from, public_from
from localcloud.guests.processes import execute
from localcloud.guests.tools import call, inside

FOLDER = Path("/run/world")
WORKERS = 32

# Values as JSON has them; each operation below reads its own.
Arguments = dict[str, Any]


class Agent:
    """The operations, by name. Each takes the arguments of one line and gives a JSON value."""

    def __init__(self, manager: str = "", disk: str = "", world: str = "") -> None:
        """Build the fabric that is always there; with a manager, guests boot from the disk."""
        self._system = System(manager, Path(disk), world) if manager else None
        self._fabric = Fabric(FOLDER)
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()
        self._made = 0
        self.operations = {
            "create": self._create,
            "plug": self._plug,
            "unplug": self._unplug,
            "carrier": lambda a: self._host(a).carrier(str(a["eni_id"]), up=bool(a["up"])),
            "start": lambda a: self._host(a).start(),
            "stop": lambda a: self._host(a).stop(),
            "remove": self._remove,
            "run": self._run,
            "listen": lambda a: self._host(a).listen(int(a["port"])),
            "bind": lambda a: self._fabric.bind(public_from(a["public"])),
            "unbind": lambda a: self._fabric.unbind(IPv4Address(a["address"])),
            "internet": lambda a: self._elsewhere(INTERNET, a),
            "inside": lambda a: self._elsewhere(self._fabric.peer_of(IPv4Address(a["private"])), a),
            "sessions": lambda a: self._fabric.keep_sessions([(p, int(n)) for p, n in a["services"]]),
            "counts": self._counts,
        }

    def _create(self, arguments: Arguments) -> None:
        instance_id = str(arguments["instance_id"])
        with self._lock:
            if instance_id in self._hosts:
                raise WorldError(f"guest {instance_id} exists already")
            self._made += 1
            folder = FOLDER / f"guest{self._made}"
            netns = f"guest{self._made}"
            self._hosts[instance_id] = (
                BootedHost(instance_id, netns, folder, self._system)
                if self._system
                else Host(instance_id, netns, folder)
            )

    def _plug(self, arguments: Arguments) -> None:
        host, nic = self._host(arguments), nic_from(arguments["nic"])
        port = self._fabric.admit(nic)
        host.plug(port)

    def _unplug(self, arguments: Arguments) -> None:
        host, eni_id = self._host(arguments), str(arguments["eni_id"])
        if eni_id in host.plugged():
            host.unplug(eni_id)
            self._fabric.expel(eni_id)

    def _remove(self, arguments: Arguments) -> None:
        with self._lock:
            host = self._hosts.pop(str(arguments["instance_id"]), None)
        if host is not None:
            host.close()
            for eni_id in host.plugged():
                self._fabric.expel(eni_id)

    def _run(self, arguments: Arguments) -> Arguments:
        command = dict(arguments["command"])
        command["content"] = base64.b64decode(command["content"])
        return _ended(self._host(arguments).run(Command(**command)))

    def _elsewhere(self, netns: str, arguments: Arguments) -> Arguments:
        return _ended(execute(inside(netns, arguments["argv"]), float(arguments["timeout_s"])))

    def _counts(self, _arguments: Arguments) -> list[list[str | int]]:
        return [[str(one.gateway), one.forwarded, one.spoofed] for one in self._fabric.counts()]

    def _host(self, arguments: Arguments) -> Host:
        instance_id = str(arguments["instance_id"])
        host = self._hosts.get(instance_id)
        if host is None:
            raise WorldError(f"no guest {instance_id} in this world")
        return host


def _ended(execution: Execution) -> Arguments:
    return {
        "exit_code": execution.exit_code,
        "output": base64.b64encode(execution.output).decode(),
        "timed_out": execution.timed_out,
        "duration_s": execution.duration_s,
        "early": execution.early,
        "invalid": execution.invalid,
    }


def main() -> None:
    """Serve until the input ends."""
    # The machine's /run belongs to the machine; named namespaces need one of our own.
    call(["mount", "--make-rprivate", "/"])
    call(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"])
    FOLDER.mkdir()
    agent = Agent(*sys.argv[1:])
    write_lock = threading.Lock()

    def answer(line: str) -> None:
        request = json.loads(line)
        try:
            reply = {"id": request["id"], "result": agent.operations[request["op"]](request["arguments"])}
        except Exception as fault:  # noqa: BLE001 - every fault belongs to the one who asked
            reply = {"id": request["id"], "error": f"{request['op']}: {fault}"}
        with write_lock:
            print(json.dumps(reply), flush=True)

    pool = ThreadPoolExecutor(WORKERS)
    for line in sys.stdin:
        pool.submit(answer, line)
    # Nobody is left to answer to; what still runs dies with this process.
    os._exit(0)


if __name__ == "__main__":
    main()
