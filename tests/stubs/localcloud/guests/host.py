"""A guest's machine: its cables, its files, its processes. The plain form has no network manager."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.guests import commands
from localcloud.guests.base import Command, Execution, WorldError
from localcloud.guests.managers import metric
from localcloud.guests.permitted import BOOT, dhcp_client, kept_flags
from localcloud.guests.processes import await_end, child_of, end_groups
from localcloud.guests.reach import ECHO
from localcloud.guests.tools import call, inside, ip, sysctl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.guests.fabric import Port

# The guest's copy of dhcp.sh.
LEASE_SCRIPT = "/etc/dhcp/lease"
# The machine's own network configuration says nothing about the guest.
NOT_THE_GUESTS = (
    "netplan",
    "network",
    "NetworkManager",
    "systemd/network",
    "sysconfig",
    "networkd-dispatcher",
)
FOLDERS = ("root", "home", "var/lib/dhcp", "var/log", "var/cache", "var/spool", "var/tmp", "etc/dhcp")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HALT_TIMEOUT_S = 60.0


class Host:
    """One guest made of namespaces: a folder is its disk, a shell its process 1."""

    def __init__(self, instance_id: str, netns: str, folder: Path) -> None:
        """Lay out the guest's files; it is stopped until `start`."""
        self.instance_id = instance_id
        self.netns = netns
        self.root = folder / "root"
        self.folder = folder
        self._ports: dict[str, Port] = {}
        self._lock = threading.RLock()
        self._entered: set[int] = set()
        self.process: subprocess.Popen[str] | None = None
        self.init = 0
        folder.mkdir(parents=True)
        self.make_disk()

    def make_disk(self) -> None:
        """Lay out the files of a new guest: a copy of the machine's /etc, an empty /var."""
        self.root.mkdir()
        # Files that only the machine's root may read are left out where we are not root.
        subprocess.run(
            ["cp", "-r", "--preserve=mode,timestamps,links", "/etc", str(self.root)],
            stderr=subprocess.DEVNULL,
            check=False,
        )
        for name in NOT_THE_GUESTS:
            shutil.rmtree(self.root / "etc" / name, ignore_errors=True)
        for name in (
            "root",
            "home",
            "var/lib/dhcp",
            "var/log",
            "var/cache",
            "var/spool",
            "var/tmp",
            "etc/dhcp",
        ):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "var" / "run").symlink_to("/run")
        (self.root / "etc" / "hostname").write_text(f"{self.instance_id}\n")
        shutil.copy(Path(__file__).with_name("dhcp.sh"), self.root / LEASE_SCRIPT[1:])

    def plug(self, port: Port) -> None:
        """Let the interface appear; a running guest configures it by DHCP at once."""
        with self._lock:
            self._ports[port.nic.eni_id] = port
            if self.init:
                self.configure(self._cable(port))

    def unplug(self, eni_id: str) -> None:
        """Let the interface disappear; unknown ids are no error."""
        with self._lock:
            port = self._ports.pop(eni_id, None)
            if port is not None and self.init:
                name = self._name_of(port)
                ip("", f"link del {port.outer}")
                self.forget(name)

    def carrier(self, eni_id: str, *, up: bool) -> None:
        """Take the carrier away from a plugged interface, or give it back."""
        with self._lock:
            port = self._ports.get(eni_id)
            if port is None or not self.init:
                raise WorldError(f"{eni_id} is not plugged into a running {self.instance_id}")
            ip("", f"link set {port.outer} {'up' if up else 'down'}")

    def plugged(self) -> list[str]:
        """Name the ENIs that are in this guest."""
        return list(self._ports)

    def close(self) -> None:
        """Stop for good."""
        self.stop()

    def start(self) -> None:
        """Boot with the files as they are; a running guest stays as it is."""
        with self._lock:
            if self.init:
                return
            ip("", f"netns add {self.netns}")
            try:
                self._power_on()
            except BaseException:
                self._take_down()
                raise

    def stop(self) -> None:
        """Power off: processes and runtime network state go, files stay."""
        with self._lock:
            if self.init:
                # A system that halts stops every process first; those that entered it would wait for ever.
                end_groups(self._entered)
                self.halt()
                self._take_down()

    def boot(self) -> int:
        """Start process 1 and give its id as the holder sees it."""
        argv = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
        argv += ["sh", str(BOOT), str(self.root), self.instance_id, kept_flags()]
        self.process = subprocess.Popen(
            inside(self.netns, argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        stdout, stderr = self.process.stdout, self.process.stderr
        if stdout is None or stderr is None or stdout.readline().strip() != "ready":
            said = stderr.read().strip() if stderr else ""
            raise WorldError(f"guest {self.instance_id} does not boot: {said}")
        return child_of(self.process.pid)

    def halt(self) -> None:
        """Kill process 1 and with it everything in the guest."""
        os.kill(self.init, signal.SIGKILL)
        if self.process and not await_end(self.process, HALT_TIMEOUT_S):
            raise WorldError(f"guest {self.instance_id} does not end: a process of it hangs in the kernel")

    def configure(self, name: str) -> None:
        """Do what a default image does with an interface: DHCP, later ones with a worse default route."""
        weight = str(metric(int(name.removeprefix("eth"))))
        client = self._udhcpc(name) if dhcp_client() == "udhcpc" else self._dhclient(name, weight)
        log = self.folder / f"dhcp-{name}.log"
        with log.open("wb") as out:
            done = subprocess.run(
                self.enter(client, [("METRIC", weight)]),
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=60, check=False,
            )  # fmt: skip
        if done.returncode:
            raise WorldError(f"no lease for {name} of {self.instance_id}: {log.read_text().strip()}")

    def forget(self, name: str) -> None:
        """End the DHCP client of an interface that is gone."""
        for pid_file in (f"/run/udhcpc.{name}.pid", f"/run/dhclient.{name}.pid"):
            script = 'if [ -s "$1" ]; then kill -9 "$(cat "$1")"; rm -f "$1"; fi'
            call(self.enter(["sh", "-c", script, "sh", pid_file], []), check=False)

    def enter(self, argv: Sequence[str], environment: Sequence[tuple[str, str]]) -> list[str]:
        """Make the program a process of the guest, with a clean environment."""
        given = (f"{name}={value}" for name, value in environment)
        clean = ["HOME=/root", f"PATH={PATH}", "LANG=C.UTF-8", *given]
        nsenter = ["nsenter", f"--target={self.init}", "--mount", "--uts", "--ipc", "--net", "--pid"]
        return [*nsenter, "--", "env", "-i", *clean, *argv]

    def run(self, command: Command) -> Execution:
        """Run a command as Cloud Assistant's agent does: from a file, as root or a named user."""
        if not self.init:
            raise WorldError(f"guest {self.instance_id} is stopped; start it first")
        if command.kind != "RunShellScript":
            return Execution(126, f"{command.kind} needs Windows; this guest runs Linux\n".encode())
        return commands.run(self, command, self._entered)

    def listen(self, port: int) -> None:
        """Answer TCP connections with the address they arrived at, until the guest stops."""
        nsenter = ["nsenter", f"--target={self.init}", "--net", "--pid", "--"]
        service = subprocess.Popen(
            [*nsenter, *ECHO, "serve", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._entered.add(service.pid)
        if service.stdout is None or service.stdout.readline().strip() != "listening":
            raise WorldError(
                f"port {port} of {self.instance_id} does not open; is something listening there?"
            )

    def _power_on(self) -> None:
        sysctl(
            self.netns,
            ip_forward=0,
            conf__all__rp_filter=1,
            conf__default__rp_filter=1,
            conf__all__promote_secondaries=0,
            conf__default__promote_secondaries=0,
        )
        ports = sorted(self._ports.values(), key=lambda port: not port.nic.primary)
        names = [self._cable(port) for port in ports]
        self.init = self.boot()
        for name in names:
            self.configure(name)

    def _take_down(self) -> None:
        """Remove what `start` has made, as far as it came."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            await_end(self.process, HALT_TIMEOUT_S)
        self.init = 0
        for port in self._ports.values():
            call(["ip", "link", "del", port.outer], check=False)
        call(["ip", "netns", "del", self.netns])

    def _udhcpc(self, name: str) -> list[str]:
        options = {"-i": name, "-s": LEASE_SCRIPT, "-p": f"/run/udhcpc.{name}.pid", "-t": "8", "-T": "1"}
        return ["busybox", "udhcpc", *(word for option in options.items() for word in option), "-n", "-S"]

    def _dhclient(self, name: str, weight: str) -> list[str]:
        files = {"-sf": LEASE_SCRIPT, "-pf": f"/run/dhclient.{name}.pid"}
        files["-lf"] = f"/var/lib/dhcp/dhclient.{name}.leases"
        options = (word for option in files.items() for word in option)
        return ["dhclient", "-1", *options, "-e", f"METRIC={weight}", name]

    def _cable(self, port: Port) -> str:
        taken = set(self._names())
        name = next(f"eth{n}" for n in range(len(taken) + 1) if f"eth{n}" not in taken)
        ip(
            "",
            f"link add {port.outer} type veth peer name {name} netns {self.netns} address {port.nic.mac}",
            f"link set {port.outer} master {port.segment.bridge} up",
        )
        return name

    def _names(self) -> dict[str, str]:
        """Interface name → MAC in the guest, whatever it calls them now."""
        lines = call(["ip", "-n", self.netns, "-o", "link"]).splitlines()
        names = {line.split()[1].partition("@")[0].rstrip(":"): line for line in lines}
        return {
            name: line.partition("link/ether ")[2].split()[0]
            for name, line in names.items()
            if "link/ether" in line
        }

    def _name_of(self, port: Port) -> str:
        return next((name for name, mac in self._names().items() if mac == port.nic.mac.lower()), "")
