"""What others wrote and the functions import: from the lock with its hashes, for Function Compute."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.bytecode import compile_folder
from deploy.contents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from deploy.interpreters import Interpreter

LOCK: Final = ROOT / "functions" / "requirements.lock"
PLATFORM: Final = "x86_64-manylinux_2_28"
"""Function Compute's python3.10 is Debian 10 with glibc 2.28; what pip chooses here may need a newer one."""

_KEPT: Final = frozenset({".py", ".pyc", ".so", ".json", ".pem"})
_REQUESTS: Final = ("aliyunsdkecs/request/", "aliyunsdkvpc/request/")
_OF_OTHER_SYSTEMS: Final = frozenset({"emscripten", "_securetransport", "securetransport.py"})
"""What HTTP clients load in a browser's Python and on macOS only."""

_NOT_LOADED: Final = {
    "cffi": "cryptography loads its compiled half, _cffi_backend, alone",
    "pycparser": "cffi reads C with it, when something is built",
}


def installed(version: str, interpreter: Interpreter | None) -> Path:
    """Return the folder with all of the lock for this Python, made once; with bytecode if it is at hand."""
    builder = f"{interpreter.path}" if interpreter else "no bytecode"
    mark = hashlib.sha256(LOCK.read_bytes() + builder.encode()).hexdigest()[:12]
    folder = ROOT / ".local" / "package" / f"{version}-{mark}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    target = ("--python", sys.executable, "--python-version", version, "--python-platform", PLATFORM)
    uv = Path(sys.executable).with_name("uv")
    checked = ("--no-deps", "--require-hashes", "--link-mode", "copy", "-r", str(LOCK))
    done = subprocess.run(
        [uv, "pip", "install", "-q", "--target", made, *target, *checked],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the pinned packages could not be installed: {done.stderr.strip()}")
    if interpreter:
        compile_folder(made, interpreter)
    try:
        made.rename(folder)
    except OSError:
        # Another process was quicker; both have the same.
        shutil.rmtree(made)
    return folder


def files_of(folder: Path, modules: Iterable[str], words: frozenset[str]) -> Mapping[str, list[Path]]:
    """Return the files, by distribution, of these top-level modules and of all that they require."""
    known: dict[str, Distribution] = {canonicalize_name(each.name): each for each in _distributions(folder)}
    wanted: list[str] = [name for name, each in known.items() if _top_level(each) & set(modules)]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen or name in _NOT_LOADED:
            continue
        seen.add(name)
        wanted += [required for required in _required(known[name]) if required in known]
    kept = {name: _kept(known[name], words) for name in sorted(seen)}
    backend = [file for file in _kept(known["cffi"], words) if file.name.startswith("_cffi_backend")]
    return {**kept, "cffi": backend} if "cryptography" in seen else kept


def _distributions(folder: Path) -> list[Distribution]:
    return [PathDistribution(each) for each in sorted(folder.glob("*.dist-info"))]


def _top_level(distribution: Distribution) -> set[str]:
    return {file.parts[0].partition(".")[0] for file in distribution.files or () if file.suffix == ".py"}


def _required(distribution: Distribution) -> list[str]:
    """Return what is required without extras; the lock has decided which of it this Python needs."""
    parsed = [Requirement(line) for line in distribution.requires or ()]
    plain = (each for each in parsed if each.marker is None or "extra" not in str(each.marker))
    return [canonicalize_name(each.name) for each in plain]


def _kept(distribution: Distribution, words: frozenset[str]) -> list[Path]:
    files = [Path(str(file)) for file in distribution.files or ()]
    return [
        file
        for file in files
        if file.suffix in _KEPT
        and not file.parts[0].endswith(".dist-info")
        and not file.is_absolute()
        # Scripts name the Python of the machine that unpacked them, and nothing here calls them.
        and not {"..", "test", "tests", "bin"} & set(file.parts)
        and not _OF_OTHER_SYSTEMS & set(file.parts)
        and _asked_for(file, words)
    ]


def _asked_for(file: Path, words: frozenset[str]) -> bool:
    """Leave out the request classes of actions that our code does not name: 780 of 790 files."""
    if not file.as_posix().startswith(_REQUESTS) or not file.stem.endswith("Request"):
        return True
    return file.stem.removesuffix("Request") in words
