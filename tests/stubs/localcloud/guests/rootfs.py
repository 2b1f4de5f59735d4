"""The disk that booted guests start from: made once from the machine's own package sources, then kept.

`guest-disk-<key>` in the folder that LOCALCLOUD_FOLDER names, `.local` where it is not set; the key changes
with the list of packages. It is of the machine's own suite, or of the one that LOCALCLOUD_SUITE names, from
the same mirror.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.guests.base import WorldError
from localcloud.guests.cgroups import folders_for
from localcloud.guests.permitted import environment, ways

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES = (
    "busybox", "dbus", "ifupdown", "iproute2", "iputils-ping", "isc-dhcp-client", "net-tools",
    "netplan.io", "network-manager", "procps", "systemd", "systemd-sysv", "udev",
)  # fmt: skip
# The distribution's own sources; others that a machine may have are no business of a guest.
SOURCES = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")
# How the first user namespace maps ids: each to itself.
EVERYBODY = ["0", "0", "4294967295"]
BUILD_TIMEOUT_S = 600.0


def why_not_booted() -> str | None:
    """Say why there can be no booted guests here; None when there can."""
    if os.geteuid() != 0 or Path("/proc/self/uid_map").read_text().split() != EVERYBODY:
        return "booted guests need the machine's own root"
    if not folders_for("") or not all(os.access(Path(name).parent, os.W_OK) for name in folders_for("")):
        return "booted guests need control groups that root may write, in /sys/fs/cgroup"
    working, reason = ways()
    if False not in working:
        return reason or "this machine lets us make namespaces only inside a user namespace"
    path = environment()["PATH"]
    needed = {"systemd-nspawn": "systemd-container", "mmdebstrap": "mmdebstrap"}
    if disk_path().exists():
        del needed["mmdebstrap"]
    elif not _sources():
        return "booted guests need Debian's or Ubuntu's package sources in /etc/apt"
    missing = [tool for tool in needed if not shutil.which(tool, path=path)]
    if missing:
        packages = " ".join(needed[tool] for tool in missing)
        return f"missing tools: {', '.join(missing)}; install them with: apt-get install {packages}"
    return None


def kept_in() -> Path:
    """Name the folder for what is made once."""
    return Path(os.environ.get("LOCALCLOUD_FOLDER", ".local")).absolute()


def disk_path() -> Path:
    """Name the folder of the kept disk."""
    key = hashlib.sha256(" ".join((_suite(), *PACKAGES)).encode()).hexdigest()[:12]
    return kept_in() / f"guest-disk-{key}"


def disk() -> Path:
    """Give the disk, making it first where it is not there; processes that race wait for one of them."""
    kept_in().mkdir(parents=True, exist_ok=True)
    with disk_path().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not disk_path().exists():
            _build(disk_path())
    return disk_path()


def _build(target: Path) -> None:
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    argv = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    # Packages, not their documentation; and no answer of the machine's to the guest's questions.
    argv += ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*"]
    argv += [_suite(), str(unfinished), *_sources()]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False, env=environment()
    )
    if done.returncode:
        raise WorldError(f"the disk of booted guests cannot be made: {done.stderr.strip()[-2000:]}")
    unfinished.rename(target)


def _sources() -> list[str]:
    files = (Path("/etc/apt") / name for name in SOURCES)
    return [str(_of_suite(file)) for file in files if file.exists() and file.stat().st_size]


def _of_suite(file: Path) -> Path:
    """Give the file of sources, for another suite a copy that names that one."""
    if _suite() == _own_suite():
        return file
    copy = kept_in() / f"{_suite()}-{file.name}"
    copy.write_text(file.read_text().replace(_own_suite(), _suite()))
    return copy


def _suite() -> str:
    return os.environ.get("LOCALCLOUD_SUITE") or _own_suite()


def _own_suite() -> str:
    return _os_release().get("VERSION_CODENAME", "stable")


def _os_release() -> Mapping[str, str]:
    lines = Path("/etc/os-release").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip('"') for name, _, value in pairs}
