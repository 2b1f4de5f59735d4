"""`python -m tests.simulation [--histories N] [--seed S] [--story]`: play histories and say what broke.

Without a seed the first one is 1. A history that breaks is shrunk and told so that a person can follow it,
and the exit status is 1. The last line says how many histories one second of processor time has played.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from dataclasses import replace

from tests.simulation.history import Outcome, Shape, play

TOLD_EACH = 500
"""So many histories are played between two lines that say how far it is."""


def shrunk(outcome: Outcome) -> Outcome:
    """Return the smallest history of the same seed that breaks, too."""
    best, shape = outcome, Shape()
    for smaller in _smaller(shape):
        again = play(outcome.seed, smaller)
        if again.broken and len(again.story) < len(best.story):
            best = again
    return best


def _smaller(shape: Shape) -> list[Shape]:
    made = [replace(shape, deeds=deeds) for deeds in range(shape.deeds)]
    made += [replace(each, faults=0) for each in (shape, *made)]
    return made + [replace(each, unkind=False) for each in tuple(made)]


def _leave_what_stays() -> None:
    """Let the collector leave the imported code alone, and look less often: worth a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def main(arguments: list[str] | None = None) -> int:
    """Play, and return 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--histories", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="the first one's seed (default: 1)")
    parser.add_argument("--story", action="store_true", help="tell each history, also those without a fault")
    parser.add_argument("--most", type=int, default=5, help="stop after so many broken ones (default: 5)")
    options = parser.parse_args(arguments)
    _leave_what_stays()
    began = time.process_time()
    broken: list[Outcome] = []
    calls = played = 0
    for seed in range(options.seed, options.seed + options.histories):
        outcome = play(seed)
        played, calls = played + 1, calls + outcome.calls
        if played % TOLD_EACH == 0:
            print(
                f"{played} of {options.histories} played, {len(broken)} broken", file=sys.stderr, flush=True
            )
        if options.story:
            print("\n".join(outcome.story))
        if outcome.broken:
            broken.append(outcome)
            small = shrunk(outcome)
            print(f"\nseed {seed} breaks: {outcome.broken}\nshrunk:\n" + "\n".join(small.story))
            if len(broken) >= options.most:
                break
    seconds = time.process_time() - began
    print(
        f"{played} histories, {calls} calls, {len(broken)} broken; "
        f"{played / seconds:.1f} histories for each second of processor time"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
