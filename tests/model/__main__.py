"""Runs the searches of the model, two at a time, and prints states and verdicts.

Ends with 1 where a search does not come out as it must. Where `spin` or a C compiler is missing it says so
and ends with 0: nothing was searched.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
LIMIT_S = int(os.environ.get("LIMIT", "600"))
MEMORY_MB = os.environ.get("MEM", "5000")
AT_ONCE = 2


@dataclass(frozen=True)
class Search:
    """One exhaustive search: `right` must find no error, `wrong` must find one."""

    name: str
    model: str
    must: str
    length: str
    switches: list[str]


def searches() -> list[Search]:
    """Read every search of the list."""
    rows = [line.split(" | ") for line in (HERE / "searches.txt").read_text().splitlines()[1:]]
    return [
        Search(name, model, must, length, switches.split()) for name, model, must, length, switches in rows
    ]


def run(search: Search, folder: Path) -> tuple[str, bool]:
    """Search, and return a line for people and whether it came out as it must."""
    place = folder / search.name
    place.mkdir()
    for name in ("env.pml", f"{search.model}.pml"):
        shutil.copy(HERE / name, place)
    started = time.monotonic()
    subprocess.run(
        ["spin", *search.switches, "-a", f"{search.model}.pml"], cwd=place, check=True, capture_output=True
    )
    speed = "-O1" if search.length == "quick" else "-O3"
    flags = [speed, "-w", "-DSAFETY", "-DHC4", "-DVECTORSZ=2048", f"-DMEMLIM={MEMORY_MB}"]
    subprocess.run(["gcc", *flags, "-o", "pan", "pan.c"], cwd=place, check=True, capture_output=True)
    try:
        said = subprocess.run(
            ["./pan", "-E", "-m400000", "-n"],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired:
        return f"{search.name:22} not finished after {LIMIT_S} s; no verdict", False
    states = re.search(r"([\d.e+]+) states, stored", said)
    errors = re.search(r"errors: (\d+)", said)
    cut = re.search(r"memory limit|out of memory|max search depth too small", said)
    found = "no verdict" if errors is None or cut else ("right" if errors.group(1) == "0" else "wrong")
    seconds = time.monotonic() - started
    line = f"{search.name:22} {states.group(1) if states else '?':>12} states  {found:10} {seconds:6.1f} s"
    return f"{line}  must be {search.must}", found == search.must


def main() -> int:
    """Run the quick searches, or all, and say how many came out as they must."""
    arguments = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    arguments.add_argument("pattern", nargs="?", default="", help="only searches whose name has this in it")
    arguments.add_argument("--all", action="store_true", help="the long ones, too")
    chosen = arguments.parse_args()
    missing = [tool for tool in ("spin", "gcc") if shutil.which(tool) is None]
    if missing:
        print(f"the model is left out: {' and '.join(missing)} is missing (Debian: apt-get install spin gcc)")
        return 0
    wanted = [s for s in searches() if chosen.pattern in s.name and (chosen.all or s.length == "quick")]
    failed = 0
    with TemporaryDirectory(prefix="model-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        for line, as_it_must in pool.map(lambda search: run(search, Path(folder)), wanted):
            print(line, flush=True)
            failed += not as_it_must
    print(f"{len(wanted) - failed} of {len(wanted)} searches came out as they must")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
