"""A certificate authority made on the spot, and its certificate for every host of the vendor's."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Final

from localcloud.regions import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAYS: Final = "30"
_CURVE: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class CertificateError(Exception):
    """No certificate can be made; one line says why."""


class Certificates:
    """The authority's certificate (`authority`), and a server's with its key, in a folder."""

    def __init__(self, folder: Path) -> None:
        """Make them; the keys never leave the folder."""
        if shutil.which("openssl") is None:
            raise CertificateError("openssl is not installed; a certificate is made with it")
        self.authority = folder / "authority.pem"
        self._key, self._server = folder / "server.key", folder / "server.pem"
        authority_key, request, names = folder / "authority.key", folder / "server.csr", folder / "names"
        names.write_text(f"subjectAltName={','.join(f'DNS:{each}' for each in host_patterns())}\n")
        _openssl(
            *("req", "-x509", *_CURVE, "-days", _DAYS, "-subj", "/CN=local cloud"),
            *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"),
            *("-keyout", str(authority_key), "-out", str(self.authority)),
        )
        _openssl("req", *_CURVE, "-subj", "/CN=aliyuncs.com", "-keyout", str(self._key), "-out", str(request))
        _openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.authority), "-CAkey", str(authority_key)),
            *("-CAcreateserial", "-days", _DAYS, "-extfile", str(names), "-out", str(self._server)),
        )

    def server(self) -> ssl.SSLContext:
        """Return what a server needs to show the certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._server, self._key)
        return context


def host_patterns() -> Iterator[str]:
    """Every form of a host's name: `*` stands for one label, so each region has its own."""
    yield from ("aliyuncs.com", "*.aliyuncs.com", "*.oss-accelerate.aliyuncs.com", "*.log.aliyuncs.com")
    for region in REGIONS:
        yield f"*.{region}.aliyuncs.com"
        yield f"*.{region}.fc.aliyuncs.com"
        yield f"*.oss-{region}.aliyuncs.com"
        yield f"*.{region}.log.aliyuncs.com"


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CertificateError(f"openssl {arguments[0]}: {done.stderr.strip().splitlines()[-1]}")
