"""The command with its words."""

from __future__ import annotations

import click

from multieip import __version__
from multieip.cli.completion import completion
from multieip.cli.doctor import doctor
from multieip.cli.events import events
from multieip.cli.explain import explain, rules
from multieip.cli.look import list_groups, report, sweep
from multieip.cli.one_group import apply, hold, plan, release, resume
from multieip.cli.tag import tag


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="multieip")
def command() -> None:
    """Several EIPs on one secondary ENI, by tags.

    Exit status: 0 clean, 1 findings or blocked, 2 usage, 3 could not look, 4 failed, 130 interrupted.
    """


for _word in (
    plan,
    apply,
    release,
    hold,
    resume,
    tag,
    list_groups,
    sweep,
    report,
    rules,
    explain,
    doctor,
    events,
    completion,
):
    command.add_command(_word)
