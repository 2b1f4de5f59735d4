"""Words that look at everything: groups, sweep, report."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from multieip import GROUPS_SCHEMA, __version__
from multieip.cli.exits import Exit, of_report, of_run
from multieip.cli.plan_text import result_lines
from multieip.cli.say import Output, watched, word
from multieip.errors import CloudError, RequestError, RunFailedError
from multieip.report.growing import REPORT_SCHEMA
from multieip.report.line import whole
from multieip.rules.rule import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.cli.say import Line
    from multieip.cli.session import Session
    from multieip.ports import Json

_ENDINGS: Final = {
    ".html": "html",
    ".md": "markdown",
    ".xml": "junit",
    ".sarif": "sarif",
    ".csv": "csv",
    ".json": "json",
    ".txt": "text",
}
_FORMS: Final = tuple(_ENDINGS.values())
_GROUPS = click.option("--group", "groups", multiple=True, metavar="NAME", help="Only this group.")


@click.command("groups")
@word
def list_groups(session: Session, output: Output) -> Exit:
    """List the groups that tags make, with their members. Asks no guest."""
    found: list[Json] = []
    unread: list[Json] = []
    watched(session, lambda: _read_groups(session, found, unread))
    body = {"schema": GROUPS_SCHEMA, "version": __version__, "groups": found, "unread": unread}
    output.answer(body, _group_lines(found, unread))
    if unread:
        return Exit.UNSEEN
    return Exit.FINDINGS if any(each["faults"] for each in found) else Exit.CLEAN


def _regions(session: Session) -> tuple[str, ...]:
    """Return the regions named, else the settings' own, else all that offer the mode."""
    from multieip.cloud.catalog import catalog

    settings = session.settings
    known = catalog(settings.extra_regions)
    one = (settings.region,) if settings.region else ()
    offering = tuple(sorted(known.regions - known.closed_regions))
    return session.regions or settings.sweep_regions or one or offering


def _read_groups(session: Session, found: list[Json], unread: list[Json]) -> None:
    from multieip.intent import Tagged, groups_of
    from multieip.model.resources import Region
    from multieip.observe.directory import Directory

    app = session.app()
    prefix = app.settings.tag_prefix
    for region in map(Region, _regions(session)):
        app.log.say("region begun", region=region)
        try:
            tagged: Tagged = Directory(app.api, region, prefix, app.parallel).tagged()
        except CloudError as error:
            unread.append({"region": region, "reason": str(error)})
            continue
        groups = groups_of(region, tagged, prefix=prefix)
        found += [_group_json(group) for group in groups.groups]
        found += [
            {"region": region, "group": None, "ids": list(each.ids), "faults": [each.text]}
            for each in groups.ungrouped
        ]


def _group_json(group: Any) -> Json:  # noqa: ANN401  a Group, which only this word imports
    return {
        "region": group.region,
        "group": group.name,
        "enis": list(group.enis),
        "eips": list(group.eips),
        "instances": list(group.instances),
        "size": group.size,
        "detach": group.detach,
        "prune": group.prune,
        "hold": group.hold or None,
        "faults": [fault.text for fault in group.faults],
    }


def _group_lines(found: list[Json], unread: list[Json]) -> Iterator[Line]:
    if not found and not unread:
        yield "No group. Next: multieip tag GROUP --eni … --eip … --instance …"
    for each in found:
        if each["group"] is None:
            continue
        bought = len(each["eips"])
        eips = f"{bought} of {counted(each['size'], 'EIP')}" if each["size"] else counted(bought, "EIP")
        members = [*each["enis"], eips, *each["instances"]]
        marks = [f"hold: {each['hold']}"] if each["hold"] else []
        marks += [name for name in ("detach", "prune") if each[name]]
        line = f"{each['group']}  {each['region']}  {'  '.join(members)}"
        yield f"{line}  {', '.join(marks)}".rstrip()
    yield from ((f"✗ {fault}", "red") for each in found for fault in each["faults"])
    yield from ((f"? {each['region']}: {each['reason']}", "red") for each in unread)


@click.command()
@_GROUPS
@click.option("--repair", is_flag=True, help="Also run what a group needs, from here.")
@click.option("--max-repairs", type=click.IntRange(0, 10_000), help="How many groups at most.")
@word
def sweep(
    session: Session, output: Output, *, groups: tuple[str, ...], repair: bool, max_repairs: int | None
) -> Exit:
    """Look at all groups of all regions, guests included.

    Says what is wrong, what waits for a person, and what could not be read.
    """
    from multieip.report.text import render_text

    body: Json = watched(session, lambda: swept(session, groups, repair=repair, most=max_repairs))
    runs = session.started.results if repair else {}
    output.answer(body | ({"runs": [*runs.values()]} if repair else {}), [render_text(body).rstrip("\n")])
    if not output.as_json:
        output.lines(line for run in runs.values() for line in result_lines(run))
    return max((of_report(body), *(of_run(run) for run in runs.values())))


def swept(
    session: Session, groups: tuple[str, ...] = (), *, repair: bool = False, most: int | None = None
) -> Json:
    """Return a sweep's report as data; one in which no region could be read is a report, too."""
    from multieip.app.sweep import sweep as run_sweep

    payload: Json = {"mode": "repair" if repair else "report", "full": True}
    payload |= {"regions": list(session.regions)} if session.regions else {}
    payload |= {"groups": list(groups)} if groups else {}
    payload |= {"max_repairs": most} if most is not None else {}
    app = session.app()
    try:
        body = run_sweep(app, payload, os.urandom(8).hex())
    except RunFailedError as failed:
        body = json.loads(failed.result)
    session.started.all_ended(session.clock.monotonic() + app.timeout_s)
    return body


@click.command()
@click.argument("source", required=False, metavar="[FROM.json]")
@_GROUPS
@click.option("--out", default="-", metavar="FILE", help="Where to write; its ending tells the form.")
@click.option("--format", "form", type=click.Choice(_FORMS), help="The form, where no file tells it.")
@click.option("--previous", default="", metavar="OLD.json", help="The report before it, to tell changes.")
@word
def report(  # noqa: PLR0913  its options
    session: Session,
    output: Output,
    *,
    source: str | None,
    groups: tuple[str, ...],
    out: str,
    form: str | None,
    previous: str,
) -> Exit:
    """Write a report as a page or in another form.

    Of a sweep now, or of a report that was saved as JSON.
    """
    chosen = form or _ENDINGS.get(Path(out).suffix, "json" if output.as_json else "text")
    old = _saved(previous) if previous else None
    body: Json = _saved(source) if source else watched(session, lambda: swept(session, groups))
    text = render(body, old, chosen)
    if out == "-":
        click.echo(text, nl=not text.endswith("\n"))
    else:
        _write(out, text)
        click.echo(f"{out}: {chosen}, {len(text.encode()):,} bytes", err=True)
    return of_report(body)


def render(body: Json, old: Json | None, form: str) -> str:
    """Return a report in one of its forms."""
    if form == "json":
        return json.dumps(body, ensure_ascii=False, indent=2)
    from importlib import import_module

    homes = {"markdown": "markdown", "csv": "csv_table"}
    made = getattr(import_module(f"multieip.report.{homes.get(form, form)}"), f"render_{form}")
    # JUnit has no word for what was there before.
    text: str = made(body) if form == "junit" else made(body, old)
    return text


def _saved(file: str) -> Json:
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise RequestError(f"{file} cannot be read: {why}") from error
    if not isinstance(found, dict) or found.get("schema") != REPORT_SCHEMA:
        raise RequestError(f"{file} is not a report of the form {REPORT_SCHEMA}")
    return whole(found)


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestError(f"{file} cannot be written: {error.strerror}") from error
