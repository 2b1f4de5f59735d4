"""The wire of a cloud in a process of its own: its differences are kept in a folder, for a test to look at.

A serving process that finds `LOCALCLOUD_WIRE` in its environment compares each call that it accepts, and its
answer, with the vendor's models, and writes each difference down before the answer leaves. It does not start
where the models are not installed: a check that cannot look must not pass.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.calls.watchers import watched
from localcloud.vendor.wire import Watch, model_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.calls.watchers import Exchange

VARIABLE: Final = "LOCALCLOUD_WIRE"
"""Names the folder."""


class _Keeper:
    """Compares, counts, and writes down what differs as it comes."""

    def __init__(self, folder: Path) -> None:
        self._watch = Watch(remembers=False)
        self._file = folder / f"{os.getpid()}.differences"
        self._count = folder / f"{os.getpid()}.exchanges"
        self._told: set[object] = set()
        self._lock = threading.Lock()
        self._file.touch()

    def __call__(self, exchange: Exchange) -> None:
        with self._lock:
            self._watch(exchange)
            new = self._watch.differences - self._told
            self._told |= new
            with self._count.open("ab") as count:
                count.write(b".")
            if new:
                with self._file.open("a", encoding="utf-8") as file:
                    file.writelines(f"{each}\n" for each in sorted(new))


@contextmanager
def kept() -> Iterator[None]:
    """Keep the differences of this process meanwhile, where the environment asks for it.

    Raises `NoModelError` where it does and the vendor's packages are not installed.
    """
    folder = os.environ.get(VARIABLE, "")
    if not folder:
        yield
        return
    model_of("Ecs", "DescribeInstances")
    with watched(_Keeper(Path(folder))):
        yield


def taken(folder: Path) -> list[str]:
    """Return what has differed in any process since the last call."""
    found = []
    for file in sorted(folder.glob("*.differences")):
        lines = file.read_text(encoding="utf-8").splitlines()
        seen = file.with_suffix(".seen")
        old = int(seen.read_text(encoding="utf-8")) if seen.exists() else 0
        found += lines[old:]
        if len(lines) > old:
            seen.write_text(str(len(lines)), encoding="utf-8")
    return found


def counted(folder: Path) -> tuple[int, int]:
    """Return how many exchanges were compared, and in how many processes."""
    files = list(folder.glob("*.exchanges"))
    return sum(file.stat().st_size for file in files), len(files)
