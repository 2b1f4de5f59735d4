"""`localcloud`: serve the local cloud, look into it, run a function on it."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from localcloud.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Word to the module of `localcloud.cli` that has it: a command imports nothing that is for another one.
_WORDS: Mapping[str, str] = {
    "serve": "serve",
    "demo-seed": "demo_seed",
    "coverage": "coverage",
    "wire": "wire",
    "log": "functions",
    "fire-timer": "functions",
    "invoke": "functions",
    "function": "rollout",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure is one line on stderr and a status that is not zero."""
    given = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="localcloud", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    named = [_WORDS[given[0]]] if given and given[0] in _WORDS else dict.fromkeys(_WORDS.values())
    for module in named:
        import_module(f"localcloud.cli.{module}").add_subcommands(commands)
    arguments = parser.parse_args(given)
    try:
        status: int | None = arguments.run(arguments)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return status or 0
