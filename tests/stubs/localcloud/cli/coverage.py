"""`coverage`: which calls the local cloud answers, as the table in its README."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.catalogue import PRODUCTS
from localcloud.cli.errors import CommandError
from localcloud.physics.fault_kinds import KINDS
from localcloud.physics.switches import SWITCHES
from localcloud.provenance.known import lines
from localcloud.vendor.models import NoModelError
from localcloud.vendor.wire import measure

if TYPE_CHECKING:
    import argparse

    from localcloud.calls.operations import Operation
    from localcloud.calls.params import Param

README = Path(__file__).parents[2] / "README.md"
_BEGIN, _END = "<!-- generated: begin -->", "<!-- generated: end -->"


def add_subcommands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("coverage", help="write the tables of the README anew")
    parser.add_argument("--check", action="store_true", help="only say whether they are current")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write or check the generated part of the README."""
    if not README.exists():
        raise CommandError("the README that holds the tables is not installed; run this in a checkout")
    old = README.read_text(encoding="utf-8")
    head, _, rest = old.partition(_BEGIN)
    _, found, tail = rest.partition(_END)
    if not found:
        raise CommandError(f"{README} lacks the marks {_BEGIN} and {_END}")
    try:
        new = f"{head}{_BEGIN}\n\n{tables()}\n{_END}{tail}"
    except NoModelError as absent:
        raise CommandError(str(absent)) from absent
    if new == old:
        return 0
    if arguments.check:
        raise CommandError(f"{README} is not current; run `localcloud coverage`")
    README.write_text(new, encoding="utf-8")
    return 0


def tables() -> str:
    """Return the generated part: actions with their parameters, switches, faults."""
    parts = []
    for product in PRODUCTS:
        parts.append(
            f"### {product.name} {product.version}\n\n| action | | parameters |\n| --- | --- | --- |\n"
        )
        parts += [_row(product.actions[name]) for name in sorted(product.actions)]
        parts.append("\n")
    parts.append("### Switches\n\nThe first value is the default.\n\n| switch | values | question |\n")
    parts.append("| --- | --- | --- |\n")
    parts += [
        f"| `{switch.name}` | {', '.join(f'`{value}`' for value in switch.values)} | {switch.question} |\n"
        for switch in SWITCHES
    ]
    parts.append("\n### Faults\n\n| of | kind | what happens, and its own options |\n| --- | --- | --- |\n")
    parts += [
        f"| {kind.family} | `{name}` | {kind.text.replace('|', 'or')} |\n" for name, kind in KINDS.items()
    ]
    parts.append("\n### Where it is known from\n\n")
    parts += [f"{line}\n" for line in lines()]
    parts.append("\n### The wire against the vendor's models\n\n```\n")
    parts += [f"{line}\n" for line in measure().lines()]
    parts.append("```\n")
    return "".join(parts)


def _row(operation: Operation) -> str:
    kind = "write" if operation.write else "read"
    if operation.idempotent:
        kind += ", ClientToken"
    shown = ", ".join(_param(each) for each in operation.params if each.name != "ClientToken")
    return f"| {operation.name} | {kind} | {shown or 'none'} |\n"


def _param(param: Param) -> str:
    suffix = {"list": ".N", "tags": ".N"}.get(param.type, "")
    most = f" ≤ {param.most}" if param.most else ""
    if param.least:
        most = f" {param.least} to {param.most}"
    name = f"`{param.name}{suffix}`{most}"
    return f"**{name}**" if param.required else name
