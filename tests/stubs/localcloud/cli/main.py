"""`localcloud`: serve the local cloud, look into it, run a function on it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from localcloud.cli import coverage, demo_seed, functions, rollout, serve, wire
from localcloud.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure is one line on stderr and a status that is not zero."""
    parser = argparse.ArgumentParser(prog="localcloud", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve.add_subcommand(commands)
    demo_seed.add_subcommand(commands)
    coverage.add_subcommand(commands)
    wire.add_subcommand(commands)
    functions.add_subcommands(commands)
    rollout.add_subcommand(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int | None = arguments.run(arguments)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return status or 0
