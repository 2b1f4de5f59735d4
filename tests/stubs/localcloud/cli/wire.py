"""`wire`: the local cloud's requests and answers against the vendor's own models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.cli.errors import CommandError
from localcloud.vendor.models import NoModelError
from localcloud.vendor.wire import measure

if TYPE_CHECKING:
    import argparse


def add_subcommands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("wire", help="compare requests and answers with the vendor's models")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Print the figures; the status is 1 where something differs or is neither seen nor listed."""
    try:
        figures = measure()
    except NoModelError as absent:
        raise CommandError(str(absent)) from absent
    for line in figures.lines():
        print(line)
    return 1 if figures.differences or figures.unlisted else 0
