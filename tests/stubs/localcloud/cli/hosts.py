"""`serve --hosts`: a network of its own, in which the vendor's names lead to the local cloud.

In a namespace of mounts and of network nothing of the machine changes: its name server, its trust stores and
its ports 80 and 443 are replaced for the processes inside only.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.cli.errors import CommandError
from localcloud.front.certificates import CertificateError, Certificates
from localcloud.front.names import NameServer
from localcloud.front.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from localcloud.front.context import Entrance

_INSIDE: Final = "LOCALCLOUD_INSIDE"
_RESOLVER: Final = Path("/etc/resolv.conf")
# Where systems and the packages of Python keep the authorities that they trust.
_STORES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def enter(arguments: Sequence[str]) -> None:
    """Go on inside: replaces this process by the same command in namespaces of its own; returns there."""
    if os.environ.get(_INSIDE):
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    program = ["unshare", *user, "--net", "--mount"]
    probe = (
        subprocess.run([*program, "true"], capture_output=True, text=True, check=False)
        if _has("unshare")
        else None
    )
    if probe is None or probe.returncode or not _has("ip"):
        said = probe.stderr.strip() if probe and probe.returncode else "unshare or ip is not installed"
        raise CommandError(f"--hosts needs namespaces of network and mounts: {said}")
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", [*program, sys.executable, "-m", "localcloud", *arguments])  # noqa: S606 - no shell


def _has(program: str) -> bool:
    return shutil.which(program) is not None


async def run_inside(
    cloud: Entrance,
    command: Sequence[str],
    found: Mapping[str, str],
    trust: Callable[[bytes], None] = lambda _authority: None,
) -> int:
    """Run a command inside with what it may want to know, but no address; return its status.

    `trust` is told the authority's certificate, for programs whose trust stores come later.
    """
    with tempfile.TemporaryDirectory(prefix="localcloud-hosts-") as folder:
        opened = await Hosts.opened(cloud, Path(folder))
        trust(opened.authority)
        try:
            known = {name: value for name, value in found.items() if value}
            environment = {**os.environ, **known}
            try:
                process = await asyncio.create_subprocess_exec(*command, env=environment)
            except OSError as error:
                raise CommandError(f"{command[0]} cannot be started: {error.strerror}") from error
            return await process.wait()
        finally:
            await opened.close()


@dataclass(slots=True)
class Hosts:
    """The inside: names, certificates, and a server on each of the two well-known ports."""

    authority: bytes
    names: NameServer
    servers: tuple[Server, ...]

    @classmethod
    async def opened(cls, cloud: Entrance, folder: Path) -> Hosts:
        """Bring the loopback up, replace what names and trust are read from, and serve."""
        _run("ip", "link", "set", "lo", "up")
        try:
            certificates = Certificates(folder)
        except CertificateError as error:
            raise CommandError(f"--hosts: {error}") from error
        resolver = folder / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.1\n", encoding="utf-8")
        _run("mount", "--bind", str(resolver), str(_RESOLVER))
        for number, store in enumerate(trust_stores()):
            bundle = folder / f"trusted-{number}.pem"
            bundle.write_bytes(store.read_bytes() + b"\n" + certificates.authority.read_bytes())
            _run("mount", "--bind", str(bundle), str(store))
        plain = Server(cloud, port=80)
        secure = Server(cloud, port=443, tls=certificates.server())
        for server in (plain, secure):
            await server.start()
        os.environ["NODE_EXTRA_CA_CERTS"] = str(certificates.authority)  # Node carries its own store inside
        return cls(certificates.authority.read_bytes(), NameServer(), (plain, secure))

    async def close(self) -> None:
        """End what answers; the namespaces go with the last process."""
        self.names.close()
        for server in self.servers:
            await server.stop()


def trust_stores() -> Iterator[Path]:
    """Every bundle of authorities that a client may read: the system's, and those of Python's packages."""
    found = {Path(each).resolve() for each in _STORES if Path(each).is_file()}
    packages = [Path(each) for each in (*site.getsitepackages(), site.getusersitepackages())]
    for folder in packages:
        found.update(each.resolve() for each in folder.rglob("cacert.pem"))
    yield from sorted(found)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"--hosts: {' '.join(command)}: {done.stderr.strip()}")
