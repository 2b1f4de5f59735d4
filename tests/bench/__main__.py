"""`python -m tests.bench PART [--json]`: measure one part against its goals.

The exit status is 0 where every goal is met, 1 where one is missed, 2 for a part that does not exist, and 3
where the part could not measure.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING

import tests.bench
from tests.bench.frame import as_json, as_line, as_text, status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.bench.frame import Row

_NO_PARTS = frozenset({"__main__", "frame"})


def parts() -> list[str]:
    """Return the names of the parts: the modules of this folder that are neither tests nor the frame."""
    found = [module.name for module in pkgutil.iter_modules(tests.bench.__path__)]
    return sorted(name for name in found if name not in _NO_PARTS and not name.startswith(("test_", "_")))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", help=f"one of: {', '.join(parts()) or 'none yet'}")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    arguments = parser.parse_args(argv)
    if arguments.part not in parts():
        print(
            f"error: no part is called {arguments.part!r}; there are: {', '.join(parts())}", file=sys.stderr
        )
        return 2
    try:
        rows = list(_told(importlib.import_module(f"tests.bench.{arguments.part}").rows()))
    except Exception as error:  # noqa: BLE001  whatever went wrong, nothing was measured
        print(
            f"error: {arguments.part} could not be measured: {type(error).__name__}: {error}", file=sys.stderr
        )
        return 3
    print(as_json(arguments.part, rows) if arguments.json else as_text(arguments.part, rows))
    return status_of(rows)


def _told(rows: Iterable[Row]) -> Iterator[Row]:
    """Tell each figure when it is there: a part may take minutes, and be cut off."""
    for row in rows:
        print(f"measured: {as_line(row)}", file=sys.stderr, flush=True)
        yield row


if __name__ == "__main__":
    sys.exit(main())
