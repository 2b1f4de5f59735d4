"""Which tests can see a change of a line, and what becomes of a mutant that they look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import coverage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tests.mutants.sites import Mutant

ROOT: Final = Path(__file__).resolve().parents[2]
TESTS: Final = (
    *(f"tests/unit/{each}" for each in ("cloud", "events", "observe", "plan", "report", "rules", "runs")),
    "tests/unit/test_intent.py",
    *(f"tests/functional/{each}" for each in ("bind", "command", "observe", "react", "sweep")),
    *(f"tests/functional/test_{each}.py" for each in ("canary", "person", "unkind_cloud")),
)
"""The tests of decisions. Others are about guests, pages, packages, the local cloud."""

SIMULATED: Final = (
    *(f"tests/simulation/test_{each}.py" for each in ("stories", "killed", "enumerated")),
    "tests/bench/test_virtual_goals.py",
)
"""Tests on the simulator's own time. They meet each mutant that the others leave: who watches lines while
greenlets change places can hang for ever (greenlet 3, coverage 7)."""

_QUICK: Final = {"MULTI_EIP_HISTORIES": "40"}
"""What draws examples draws few of them: the simulator draws its own."""

_BATCH: Final = 150
"""So many tests are given to one pytest; the quickest first, so most mutants meet only one batch."""

_LEAST_S: Final = 60.0
_SIMULATED_S: Final = 1800.0
_PYTEST: Final = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no")
_SLOWER: Final = 10.0
"""A batch that takes so many times as long as on the right code hangs."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What was seen of the tests on the right code: lines by file and test, and seconds by test."""

    seen: dict[str, dict[int, set[str]]]
    seconds: dict[str, float]

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that run any of its lines, the quickest first; an import's are all."""
        by_line = self.seen.get(mutant.path, {})
        lines = range(mutant.line, mutant.end_line + 1) if mutant.in_function else by_line
        found = set().union(*(by_line.get(line, set()) for line in lines)) - {""}
        others = set() if mutant.in_function else self.seconds.keys() - found
        return [*self._quickest_first(found), *self._quickest_first(others)]

    def _quickest_first(self, tests: Collection[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds.get(test, 0.0), test))


def watch(folder: Path, jobs: int) -> Suite:
    """Run the tests on the right code and remember which line is whose; fails where they are red."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.mutants.watching"]
    argv += ["-n", str(jobs), *TESTS]
    environment = {**os.environ, "MUTANTS_WATCHED": str(folder), **_QUICK}
    subprocess.run(argv, cwd=ROOT, check=True, env=environment)
    return read(folder)


def read(folder: Path) -> Suite:
    """Read what was watched; raises `FileNotFoundError` where a worker has not written everything."""
    seconds: dict[str, float] = {}
    seen: dict[str, dict[int, set[str]]] = {}
    for file in folder.glob("*.coverage"):
        seconds |= json.loads(file.with_suffix(".times.json").read_text())
        data = coverage.CoverageData(str(file))
        data.read()
        for measured in data.measured_files():
            lines = seen.setdefault(str(Path(measured).relative_to(ROOT)), {})
            for line, tests in data.contexts_by_lineno(measured).items():
                lines.setdefault(line, set()).update(tests)
    return Suite(seen, seconds)


def killed_by_tests(tree: Path, tests: Sequence[str], suite: Suite) -> str:
    """Return what a test said of the mutant in this tree; empty where all of them pass."""
    for begin in range(0, len(tests), _BATCH):
        some = tests[begin : begin + _BATCH]
        limit = _LEAST_S + _SLOWER * sum(suite.seconds.get(test, 1.0) for test in some)
        if said := _run(tree, [*_PYTEST, *some], limit):
            return said
    return ""


def killed_by_simulated_tests(tree: Path) -> str:
    """Return what a test on the simulator's time said of the mutant in this tree."""
    return _run(tree, [*_PYTEST, *SIMULATED], _SIMULATED_S)


def killed_by_histories(tree: Path, histories: int, seed: int) -> str:
    """Return what the simulator said of the mutant in this tree; empty where nothing broke."""
    argv = ["-m", "tests.simulation", "--histories", str(histories), "--seed", str(seed), "--most", "1"]
    return _run(tree, argv, _LEAST_S + histories * 1.0)


def _run(tree: Path, argv: Sequence[str], limit_s: float) -> str:
    environment = {**os.environ, **_QUICK, "PYTHONPATH": str(tree / "shared"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, *argv],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    if not done.returncode:
        return ""
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "seed"))]
    return (lines or (done.stdout + done.stderr).splitlines() or ["ended without a word"])[0][:200]
