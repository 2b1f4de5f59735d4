"""One reproducible code package per function, checked for where it will run."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from deploy.bytecode import compile_folder
from deploy.contents import ROOT, SHARED, contents_of
from deploy.dependencies import LOCK, files_of, installed
from deploy.glibc import LIMIT, needed_glibc
from deploy.interpreters import RUNTIME, find_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MARK: Final = "PACKAGE.json"
MOST_BYTES: Final = 8 * 1024 * 1024
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_SHOWN_SHARE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Package:
    """A finished code package; `parts` are the packed bytes by where they come from."""

    function: str
    file: Path
    folder: Path
    parts: Mapping[str, int]
    glibc: Mapping[str, tuple[int, ...]]
    bytecode: bool

    @property
    def size(self) -> int:
        """Bytes that are uploaded."""
        return self.file.stat().st_size

    @property
    def faults(self) -> list[str]:
        """Why it must not be deployed."""
        found = []
        if self.size > MOST_BYTES:
            found.append(f"{self.file.name} has {self.size:,} bytes, the limit is {MOST_BYTES:,}")
        for name, version in self.glibc.items():
            if version > LIMIT:
                found.append(f"{name} needs glibc {_dotted(version)}, the functions run on {_dotted(LIMIT)}")
        return found


def build(function: str, output: Path, *, version: str = RUNTIME) -> Package:
    """Make `output/FUNCTION.zip`, and beside it the same as a folder, for this version of Python."""
    interpreter = find_interpreter(version)
    contents = contents_of(function)
    foreign = installed(version, interpreter)
    dotted = {word.partition(".")[0] for word in contents.actions if word.startswith("aliyunsdk")}
    others = files_of(foreign, contents.foreign | dotted, contents.actions)
    folder = output / function
    shutil.rmtree(folder, ignore_errors=True)
    _lay(
        ROOT / "functions" / function,
        folder,
        [(ROOT / "functions" / function / "index.py").relative_to(ROOT / "functions" / function)],
    )
    _lay(SHARED, folder, contents.files)
    if interpreter:
        compile_folder(folder, interpreter)
    origin = dict.fromkeys(_all(folder), "multieip")
    for name, files in others.items():
        laid = _lay(foreign, folder, [each for file in files for each in _with_bytecode(foreign, file)])
        origin |= dict.fromkeys(laid, name)
    mark = {"function": function, "python": version, "bytecode": interpreter is not None}
    (folder / MARK).write_text(json.dumps({**mark, "sources": sources_digest(function)}, indent=1) + "\n")
    file = _zipped(folder, output / f"{function}.zip")
    return Package(
        function, file, folder, _parts(file, folder, origin), _glibc(folder), interpreter is not None
    )


def sources_digest(function: str) -> str:
    """Return what tells one state of a function's sources and pinned packages from another."""
    digest = hashlib.sha256(LOCK.read_bytes())
    entry = ROOT / "functions" / function / "index.py"
    for file in (entry, *(SHARED / each for each in contents_of(function).files)):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _lay(source: Path, folder: Path, files: Sequence[Path]) -> list[Path]:
    for file in files:
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target)
    return [folder / file for file in files]


def _with_bytecode(foreign: Path, file: Path) -> Iterator[Path]:
    yield file
    if file.suffix == ".py":
        made = sorted((foreign / file.parent / "__pycache__").glob(f"{file.stem}.cpython-*.pyc"))
        yield from (each.relative_to(foreign) for each in made)


def _all(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _zipped(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for each in _all(folder):
            info = zipfile.ZipInfo(each.relative_to(folder).as_posix(), _EPOCH)
            info.create_system = _UNIX
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, each.read_bytes(), compresslevel=9)
    return file


def _parts(file: Path, folder: Path, origin: Mapping[Path, str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = origin.get(folder / info.filename, "multieip")
            sizes[name] = sizes.get(name, 0) + info.compress_size
    return dict(sorted(sizes.items(), key=lambda each: -each[1]))


def _glibc(folder: Path) -> dict[str, tuple[int, ...]]:
    return {
        each.relative_to(folder).as_posix(): needed_glibc(each)
        for each in _all(folder)
        if ".so" in each.suffixes
    }


def _dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)


def described(package: Package) -> str:
    """Return a line about the size and what takes it, and one about glibc."""
    size = package.size
    shares = [
        f"{name} {bytes_ / size:.0%}"
        for name, bytes_ in package.parts.items()
        if bytes_ / size >= _SHOWN_SHARE
    ]
    needed = max(package.glibc.values(), default=())
    objects = (
        f"{len(package.glibc)} shared objects need glibc {_dotted(needed)} at most (limit {_dotted(LIMIT)})"
    )
    return (
        f"{package.function}: {size / 1024 / 1024:.2f} MB: {', '.join(shares)}\n{package.function}: {objects}"
    )
