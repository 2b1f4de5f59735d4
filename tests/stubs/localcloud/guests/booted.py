"""A guest that boots a whole system with its own network manager, in a container of systemd-nspawn."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.guests.base import WorldError
from localcloud.guests.cgroups import clear, folders_for
from localcloud.guests.host import Host
from localcloud.guests.managers import IMAGES
from localcloud.guests.processes import await_end, first_processes
from localcloud.guests.tools import call, inside

if TYPE_CHECKING:
    from collections.abc import Callable

    Look = Callable[[], int]

READY_TIMEOUT_S = 90.0
HALT_TIMEOUT_S = 60.0
LOOK_EVERY_S = 0.03
# systemd's "power off now".
POWER_OFF = signal.SIGRTMIN + 4

# A sysfs of the guest's network namespace, with the machine's control groups in their place.
BOOT = """
set -eu
for group in "$@"; do
  [ "$group" != -- ] || break
  mkdir "$group"
  echo $$ >"$group/cgroup.procs"
  shift
done
shift
mkdir -p /run/cgroup
mount --rbind /sys/fs/cgroup /run/cgroup
mount -t sysfs sysfs /sys
mount --rbind /run/cgroup /sys/fs/cgroup
exec systemd-nspawn --quiet --boot --register=no --keep-unit --kill-signal=SIGRTMIN+3 \\
  --capability=CAP_NET_ADMIN --resolv-conf=off --timezone=off --console=pipe "$@"
"""
# The network's switches belong to the guest's namespace, as they do on a machine of its own.
SWITCHES = "mount --bind /proc/sys/net /proc/sys/net && mount -o remount,bind,rw /proc/sys/net"


@dataclass(frozen=True, slots=True)
class System:
    """What booted guests are made from; `world` tells this world's from those of others on the machine."""

    manager: str
    disk: Path
    world: str


class BootedHost(Host):
    """One guest with systemd as its process 1. Needs root."""

    def __init__(self, instance_id: str, netns: str, folder: Path, system: System) -> None:
        """Lay a writable layer over the common disk, with this manager's configuration in it."""
        self._disk = system.disk
        self._image = IMAGES[system.manager]
        self._group = f"{system.world}-{netns}"
        super().__init__(instance_id, netns, folder)

    def make_disk(self) -> None:
        """Mount the disk and choose which manager runs."""
        upper, work = self.folder / "upper", self.folder / "work"
        for folder in (upper, work, self.root):
            folder.mkdir()
        layers = f"lowerdir={self._disk},upperdir={upper},workdir={work}"
        call(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.root)])
        (self.root / "etc" / "machine-id").write_text("")
        (self.root / "etc" / "hostname").write_text(f"{self.instance_id}\n")
        for unit in self._image.masked():
            self._link(unit, "/dev/null")
        if self._image.runs == "networkd":
            wanted = "multi-user.target.wants/systemd-networkd.service"
            self._link(wanted, "/lib/systemd/system/systemd-networkd.service")

    def boot(self) -> int:
        """Start the container and wait until its system is up."""
        clear(self._group)
        self._write_network_files()
        argv = ["unshare", "--mount", "sh", "-c", BOOT, "sh", *folders_for(self._group), "--"]
        argv += [
            f"--directory={self.root}",
            f"--network-namespace-path=/run/netns/{self.netns}",
            f"--machine={self.instance_id}",
        ]
        with (self.folder / "console").open("ab") as console:
            self.process = subprocess.Popen(
                inside(self.netns, argv), stdin=subprocess.DEVNULL, stdout=console, stderr=console, text=True
            )
        init = self._await("its process 1", self._find_init)
        call(["nsenter", f"--target={init}", "--mount", "--net", "--", "sh", "-c", SWITCHES])
        self._await("its services", lambda: self._is_up(init))
        return init

    def halt(self) -> None:
        """Power off in order, and without it when that takes too long."""
        os.kill(self.init, POWER_OFF)
        if self.process and not await_end(self.process, HALT_TIMEOUT_S):
            self.process.kill()
            await_end(self.process, HALT_TIMEOUT_S)
        clear(self._group)

    def configure(self, name: str) -> None:
        """Do what udev would do, and wait until the manager has a lease."""
        if self._image.plugged and not self._has_lease(name):
            call(self.enter([*self._image.plugged, name], []))
        self._await(f"a lease for {name}", lambda: self._has_lease(name))

    def forget(self, name: str) -> None:
        """Do what udev would do."""
        if self._image.unplugged:
            call(self.enter([*self._image.unplugged, name], []), check=False)

    def close(self) -> None:
        """Take the disk away with the guest."""
        super().close()
        call(["umount", "--lazy", str(self.root)], check=False)

    def _write_network_files(self) -> None:
        """Write the image's network configuration, again at each boot as cloud-init does on this cloud."""
        for name, text in self._image.files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            # NetworkManager takes no profile that others may read; networkd runs as somebody else.
            file.chmod(0o600 if file.suffix == ".nmconnection" else 0o644)

    def _link(self, unit: str, target: str) -> None:
        link = self.root / "etc" / "systemd" / "system" / unit
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)

    def _find_init(self) -> int:
        """Find the container's systemd; what runs before it under the same number still makes the mounts."""
        network = Path(f"/run/netns/{self.netns}").stat().st_ino
        return next((pid for pid in first_processes() if _network_of(pid) == network and _is_systemd(pid)), 0)

    def _is_up(self, init: int) -> int:
        enter = ["nsenter", f"--target={init}", "--mount", "--uts", "--ipc", "--net", "--pid", "--"]
        state = call([*enter, "systemctl", "is-system-running"], check=False).strip()
        return int(state in ("running", "degraded"))

    def _has_lease(self, name: str) -> int:
        return len(call(["ip", "-n", self.netns, "-4", "-o", "addr", "show", "dev", name, "dynamic"]))

    def _await(self, what: str, look: Look) -> int:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(LOOK_EVERY_S)
        console = (self.folder / "console").read_text(errors="replace")[-2000:]
        raise WorldError(f"guest {self.instance_id} did not get {what} in {READY_TIMEOUT_S:.0f} s: {console}")


def _is_systemd(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text() == "systemd\n"
    except OSError:
        return False


def _network_of(pid: int) -> int:
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino
    except OSError:
        return 0
