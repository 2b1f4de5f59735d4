"""The word `completion`: what a shell needs to complete the others."""

from __future__ import annotations

from typing import Final

import click

_HOW: Final = """\
# {where}:
#   eval "$(multieip completion {shell})"
"""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    It is to be evaluated in the shell's start file.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    made = kind(context.find_root().command, {}, "multieip", "_MULTIEIP_COMPLETE")
    click.echo(_HOW.format(where="~/.bashrc" if shell == "bash" else "~/.zshrc", shell=shell), nl=False)
    click.echo(made.source_template % made.source_vars())
