"""Code packages: the zip of a function, unpacked to where its instances run."""

from __future__ import annotations

import io
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from localcloud.fc.errors import FcError

# CRC-64 as Function Compute and its CLI compute it over the zip: ECMA-182, reflected.
_POLYNOMIAL: Final = 0xC96C5795D7870F42
_ALL_ONES: Final = 0xFFFFFFFFFFFFFFFF


def _table() -> tuple[int, ...]:
    entries = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_TABLE: Final = _table()


def checksum(data: bytes) -> str:
    """Return the CRC-64 of a package as the decimal text that GetFunction answers."""
    value = _ALL_ONES
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return str(value ^ _ALL_ONES)


@dataclass(frozen=True, slots=True)
class Package:
    """One uploaded package: the zip as it came, and the folder in which it lies unpacked."""

    data: bytes
    folder: Path
    checksum: str


class Packages:
    """Every package of one service, in a folder of its own that goes with it."""

    def __init__(self) -> None:
        """Make no folder before the first package comes."""
        # An authority that packages with a trust store of their own are to trust, in PEM.
        self.trusted = b""
        self._root: Path | None = None
        self._known: dict[str, Package] = {}

    def unpack(self, data: bytes) -> Package:
        """Unpack a zip; the same one twice is one package. Refuses what is no zip or leaves its folder."""
        crc = checksum(data)
        known = self._known.get(crc)
        if known is not None and known.data == data:
            return known
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="fc-code-"))
        folder = Path(tempfile.mkdtemp(dir=self._root))
        try:
            _extract(data, folder)
            self._trust(folder)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
            shutil.rmtree(folder)
            raise FcError(400, "InvalidArgument", f"the code is no zip file: {error}") from error
        self._known[crc] = package = Package(data, folder, crc)
        return package

    def _trust(self, folder: Path) -> None:
        """Add the authority to the stores that the package brings: clients in it look nowhere else."""
        for store in folder.rglob("cacert.pem") if self.trusted else ():
            store.write_bytes(store.read_bytes() + b"\n" + self.trusted)

    def close(self) -> None:
        """Remove the folders; may be called twice."""
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = None


def _extract(data: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            path = PurePosixPath(entry.filename)
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{entry.filename} leaves the folder")
            archive.extract(entry, folder)
            mode = stat.S_IMODE(entry.external_attr >> 16)
            if mode and not entry.is_dir():
                (folder / path).chmod(mode | stat.S_IRUSR)
