"""`python -m tests.stubs`: serve the local cloud, look into it, run a function on it."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from typing import TYPE_CHECKING

from tests.stubs.cli import coverage, demo, serve
from tests.stubs.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure is one line on stderr and a status that is not zero."""
    parser = argparse.ArgumentParser(prog="python -m tests.stubs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve.add_subcommand(commands)
    coverage.add_subcommand(commands)
    demo.add_subcommand(commands)
    if importlib.util.find_spec("tests.stubs.fc.cli") is not None:
        from tests.stubs.fc.cli import add_subcommands  # noqa: PLC0415 - the functions side is an addition

        add_subcommands(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int | None = arguments.run(arguments)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
