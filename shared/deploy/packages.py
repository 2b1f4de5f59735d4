"""`python -m deploy.packages`: the code packages of all functions, made where they are not there already."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.contents import FUNCTIONS, ROOT
from deploy.interpreters import RUNTIME, find_interpreter
from deploy.kept import package_of
from deploy.package import described

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Build all packages, say what they hold, and fail where one could not run."""
    parser = argparse.ArgumentParser(prog="python -m deploy.packages", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="default: dist/")
    output: Path = parser.parse_args(argv).output.resolve()
    interpreter = find_interpreter(RUNTIME)
    builder = f"bytecode by {interpreter.path}" if interpreter else "no bytecode"
    print(f"for python{RUNTIME}, {builder}")
    if interpreter is None:
        print(
            f"warning: this machine has no Python {RUNTIME}; each cold start compiles what it imports",
            file=sys.stderr,
        )
    faults = []
    for function in FUNCTIONS:
        package, made = package_of(function, output)
        print(described(package) if made else f"{described(package)}\n{function}: unchanged, not made again")
        faults += package.faults
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
