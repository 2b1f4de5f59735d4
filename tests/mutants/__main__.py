"""`python -m tests.mutants [--draw N] [--seed S]`: change what decides, and print what nobody sees.

All sites of `plan`, `runs`, `observe`, `rules`, `intent` and `refusals` are found; some are drawn by the
seed. Each is tried by the tests that run its lines, the quickest first, then by the simulator. Survivors are
printed with their change: each is a gap of the tests or an equivalent to be argued. Ends with 1 where more
survive than the goal permits.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from tests.mutants.sites import Mutant, mutants_of
from tests.mutants.suite import (
    ROOT,
    Suite,
    killed_by_histories,
    killed_by_simulated_tests,
    killed_by_tests,
    read,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES: Final = ("plan", "runs", "observe", "rules", "intent.py", "cloud/refusals.py")
GOAL: Final = 0.95
"""So large a share of those that are drawn is to be killed."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant: who killed it, empty where nobody did."""

    mutant: Mutant
    killer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Trial:
    """How each mutant is tried; `trees` holds copies of the project, each for one mutant at a time."""

    suite: Suite
    histories: int
    seed: int
    trees: SimpleQueue[Path]

    def of(self, mutant: Mutant) -> Fate:
        """Try one mutant in a tree of its own."""
        began = time.monotonic()
        tree = self.trees.get()
        file = tree / mutant.path
        right = file.read_text()
        try:
            file.write_text(mutant.applied(right))
            killer = killed_by_tests(tree, self.suite.of(mutant), self.suite)
            killer = killer or killed_by_histories(tree, self.histories, self.seed)
            killer = killer or killed_by_simulated_tests(tree)
        finally:
            file.write_text(right)
            self.trees.put(tree)
        return Fate(mutant, killer, time.monotonic() - began)


def all_mutants() -> list[Mutant]:
    """Return every mutant of what decides."""
    product = ROOT / "shared" / "multieip"
    files = [file for place in PLACES for file in _files(product / place)]
    return [each for file in files for each in mutants_of(str(file.relative_to(ROOT)), file.read_text())]


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from sorted(place.rglob("*.py"))


def _trees(folder: Path, number: int) -> SimpleQueue[Path]:
    """Copy what is under version control, as it is here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    trees: SimpleQueue[Path] = SimpleQueue()
    for at in range(number):
        tree = folder / f"tree-{at}"
        shutil.rmtree(tree, ignore_errors=True)
        for name in names:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
        trees.put(tree)
    return trees


def _told(fate: Fate) -> str:
    change = f"{' '.join(fate.mutant.old.split())}  →  {fate.mutant.new}"
    end = f"killed: {fate.killer}" if fate.killer else "SURVIVES"
    return f"{end}  {fate.mutant.name}  ({fate.seconds:.0f} s)\n    {change[:300]}"


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--draw", type=int, default=100, help="how many (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument("--histories", type=int, default=150, help="of the simulator (default: 150)")
    parser.add_argument("--jobs", type=int, default=2, help="side by side (default: 2)")
    parser.add_argument("--watched", action="store_true", help="take what an earlier call has watched")
    parser.add_argument("--list", action="store_true", help="print the drawn ones, and try none")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Draw, try, and tell; return 1 where too many survive."""
    options = _arguments(given)
    everything = all_mutants()
    drawn = random.Random(options.seed).sample(everything, min(options.draw, len(everything)))
    print(f"{len(everything)} mutants; {len(drawn)} of them drawn by seed {options.seed}", flush=True)
    if options.list:
        print("\n".join(each.name for each in drawn))
        return 0
    folder = ROOT / ".local" / "mutants"
    suite = read(folder / "watched") if options.watched else watch(folder / "watched", options.jobs)
    trial = Trial(suite, options.histories, options.seed, _trees(folder, options.jobs))
    survivors = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for number, fate in enumerate(pool.map(trial.of, drawn), 1):
            print(f"{number:3} {_told(fate)}", flush=True)
            survivors += [] if fate.killer else [fate]
    print(f"\n{len(drawn) - len(survivors)} of {len(drawn)} killed (seed {options.seed}); survivors:")
    print("\n".join(_told(fate) for fate in survivors) or "none")
    return 1 if len(survivors) > (1 - GOAL) * len(drawn) else 0


if __name__ == "__main__":
    sys.exit(main())
