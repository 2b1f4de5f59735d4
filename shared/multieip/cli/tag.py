"""The word `tag`: makes a group of what is named, after showing the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from multieip import TAG_SCHEMA, __version__
from multieip.cli import tagging
from multieip.cli.exits import Exit
from multieip.cli.say import Output, watched, word
from multieip.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.cli.session import Session
    from multieip.plan.calls import Call
    from multieip.ports import Json


@click.command()
@click.argument("group")
@click.option("--eni", "enis", multiple=True, metavar="ID", help="The secondary ENI.")
@click.option("--eip", "eips", multiple=True, metavar="ID", help="An EIP; may be repeated, up to ten.")
@click.option("--instance", "instances", multiple=True, metavar="ID", help="The instance.")
@click.option("--size", type=click.IntRange(1, 10), help="Do not attach before this many EIPs are there.")
@click.option("--detach", is_flag=True, help="Consent: the attached ENI may be detached to change EIPs.")
@click.option("--prune", is_flag=True, help="Consent: EIPs outside the group may be unbound.")
@click.option("--dry-run", is_flag=True, help="Show the calls; tag nothing.")
@word
def tag(  # noqa: PLR0913  its options
    session: Session,
    output: Output,
    *,
    group: str,
    enis: tuple[str, ...],
    eips: tuple[str, ...],
    instances: tuple[str, ...],
    size: int | None,
    detach: bool,
    prune: bool,
    dry_run: bool,
) -> Exit:
    """Tag an ENI, EIPs and an instance as one group. Shows the calls, then makes them."""
    given = {"size": str(size) if size else "", "detach": "allow" * detach, "prune": "allow" * prune}
    options = {name: value for name, value in given.items() if value}
    wanted = tagging.Tagging(session.region, group, enis, eips, instances, options)
    faults = wanted.faults()
    if faults:
        raise RequestError("tag: " + "; ".join(faults))
    app = session.app()
    against = watched(session, lambda: tagging.against(app, wanted))
    calls = wanted.calls(app.settings.tag_prefix)
    state = "blocked" if against else "planned" if dry_run else "tagged"
    body = _body(state, group, calls, against)
    if not output.as_json:
        output.lines(tagging.line(call) for call in calls)
    if state == "tagged":
        watched(session, lambda: tagging.send(app, calls))
    reasons = [(f"✗ {each}", "red") for each in against]
    output.answer(body, [*reasons, *([] if against else [f"{state}. Next: multieip plan {group}"])])
    return Exit.FINDINGS if against else Exit.CLEAN


def _body(state: str, group: str, calls: Sequence[Call], against: list[str]) -> Json:
    return {
        "schema": TAG_SCHEMA,
        "version": __version__,
        "state": state,
        "group": group,
        "calls": [*map(tagging.as_json, calls)],
        "against": against,
    }
