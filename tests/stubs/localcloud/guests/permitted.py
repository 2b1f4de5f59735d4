"""Whether this machine lets us make guests of namespaces, and if not, why and what would help."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

# Tool → package on Debian and Ubuntu.
TOOLS = {
    "ip": "iproute2",
    "ss": "iproute2",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
    "ping": "iputils-ping",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "sysctl": "procps",
}
# What turns a folder into a guest.
BOOT = Path(__file__).with_name("boot.sh")
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
# One of everything that the fabric and a guest's start need.
TRIAL = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
ip netns add trial
ip link add trial0 type veth peer name trial1 netns trial
ip link add trial2 type bridge
echo 'table ip trial { chain nat { type nat hook prerouting priority dstnat; }; }' |
  nsenter --net=/run/netns/trial nft -f -
mkdir /run/root
nsenter --net=/run/netns/trial unshare --mount --pid --uts --ipc --fork --kill-child \\
  sh "$1" /run/root trial "$2" >/run/ready &
until [ -s /run/ready ]; do kill -0 $!; done
"""
NAMESPACES = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


def environment() -> dict[str, str]:
    """Our environment with the folders of system tools in the path, which users often lack."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}"}


def holder(*, user_namespace: bool) -> list[str]:
    """Start a command that runs in namespaces of its own and dies with its parent."""
    user = ["--user", "--map-root-user"] if user_namespace else []
    return ["unshare", *user, *NAMESPACES]


@functools.lru_cache(maxsize=1)
def dhcp_client() -> Literal["udhcpc", "dhclient"] | None:
    """Choose the DHCP client of plain guests: busybox's where it has one, as no profile confines it."""
    path = environment()["PATH"]
    busybox = shutil.which("busybox", path=path)
    if busybox:
        applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=False).stdout
        if "udhcpc" in applets.split():
            return "udhcpc"
    return "dhclient" if shutil.which("dhclient", path=path) else None


def kept_flags() -> str:
    """Name the flags of /usr that a read-only view of it must keep, as an addition to `ro`."""
    flags = os.statvfs("/usr").f_flag
    names = {os.ST_NOSUID: ",nosuid", os.ST_NODEV: ",nodev", os.ST_NOEXEC: ",noexec"}
    return "".join(name for flag, name in names.items() if flags & flag)


def _trial(*, user_namespace: bool) -> str | None:
    argv = [*holder(user_namespace=user_namespace), "sh", "-c", TRIAL, "sh", str(BOOT), kept_flags()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env=environment())
    return None if done.returncode == 0 else (done.stderr.strip() or f"exit code {done.returncode}")


@functools.lru_cache(maxsize=1)
def ways() -> tuple[list[bool], str | None]:
    """Which holders work here (`True` = with a user namespace), and the reason when none does."""
    if sys.platform != "linux":
        return [], "guests made of namespaces need Linux"
    path = environment()["PATH"]
    missing = {tool: package for tool, package in TOOLS.items() if not shutil.which(tool, path=path)}
    if dhcp_client() is None:
        missing["busybox udhcpc or dhclient"] = "busybox"
    if missing:
        packages = " ".join(sorted(set(missing.values())))
        return [], f"missing tools: {', '.join(missing)}; install them with: apt-get install {packages}"
    faults = {True: _trial(user_namespace=True)}
    if os.geteuid() == 0:
        faults[False] = _trial(user_namespace=False)
    working = [way for way, fault in faults.items() if fault is None]
    return working, None if working else f"this machine does not let us make namespaces: {faults[True]}"


def why_not_namespaces() -> str | None:
    """Say why there can be no namespaces world here; None when there can."""
    return ways()[1]
