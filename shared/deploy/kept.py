"""A package that is there and would come out the same is not made again: a deploy builds before it sends.

Beside `bind.zip` stands `bind.made.json`: what the package was made of and by, and its digest. Processes that
build into one folder wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.interpreters import RUNTIME, find_interpreter
from deploy.package import Package, build, sources_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOOLS: Final = Path(__file__).parent


def package_of(function: str, output: Path, *, version: str = RUNTIME) -> tuple[Package, bool]:
    """Return the package in `output` for this version of Python, and whether it had to be made."""
    output.mkdir(parents=True, exist_ok=True)
    with _alone(output):
        made_of = _made_of(function, version)
        if is_kept(function, output, made_of):
            return _kept(function, output), False
        package = build(function, output, version=version)
        record = {
            "made_of": made_of,
            "digest": _digest(package.file),
            "parts": dict(package.parts),
            "glibc": package.glibc,
            "bytecode": package.bytecode,
        }
        _record(function, output).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return package, True


def _made_of(function: str, version: str) -> dict[str, str]:
    interpreter = find_interpreter(version)
    tools = hashlib.sha256(b"".join(each.read_bytes() for each in sorted(_TOOLS.glob("*.py"))))
    builder = interpreter.path.resolve() if interpreter else None
    return {
        "sources": sources_digest(function),
        "tools": tools.hexdigest(),
        "python": version,
        "builder": f"{builder} {builder.stat().st_mtime_ns}" if builder else "",
    }


def is_kept(function: str, output: Path, made_of: Mapping[str, str]) -> bool:
    """Whether the package that is there is what would be made of this; a changed byte is noticed."""
    try:
        record = json.loads(_record(function, output).read_text(encoding="utf-8"))
        digest = _digest(output / f"{function}.zip")
    except (OSError, ValueError):
        return False
    return (record.get("made_of"), record.get("digest")) == (made_of, digest) and (output / function).is_dir()


def _kept(function: str, output: Path) -> Package:
    record = json.loads(_record(function, output).read_text(encoding="utf-8"))
    glibc = {name: tuple(each) for name, each in record["glibc"].items()}
    file, folder = output / f"{function}.zip", output / function
    return Package(function, file, folder, record["parts"], glibc, bytecode=record["bytecode"])


def _record(function: str, output: Path) -> Path:
    return output / f"{function}.made.json"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    with (output / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
