"""`demo`: the main job, told on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.stubs.cli.errors import CommandError
from tests.stubs.guests import WORLDS, why_not

if TYPE_CHECKING:
    import argparse


def add_subcommand(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("demo", help="tell the main job on an embedded local cloud")
    parser.add_argument("--guest", choices=WORLDS, default="auto")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play it; the status is not zero when a claim did not hold."""
    from tests.stubs.demo.story import play  # noqa: PLC0415 - the vendor's SDK, only for this command

    reason = why_not(arguments.guest)
    if reason:
        raise CommandError(f"--guest {arguments.guest} is not possible here: {reason}; leave it out")
    return play(arguments.guest)
