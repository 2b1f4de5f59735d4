"""Words about one group: plan, apply, release, hold, resume."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from multieip.app.failures import refusal
from multieip.cli.exits import Exit, of_run
from multieip.cli.plan_text import plan_lines, result_lines
from multieip.cli.saved import is_saved, load, moved, save
from multieip.cli.say import Output, watched, word
from multieip.errors import RequestError

if TYPE_CHECKING:
    from multieip.cli.say import Line
    from multieip.cli.session import Session
    from multieip.ports import Json

_PATIENCE = click.option(
    "--timeout",
    type=click.FloatRange(1, 86_400),
    default=900.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a group that goes on in further runs.",
)


@click.command()
@click.argument("group")
@click.option("--of", type=click.Choice(["apply", "release"]), default="apply", help="What to plan.")
@click.option("--out", default="", metavar="FILE", help="Keep the plan, for `multieip apply FILE`.")
@word
def plan(session: Session, output: Output, *, group: str, of: str, out: str) -> Exit:
    """Show every step and call of an apply; write nothing.

    With `--of release`, those of a release.
    """
    body = _planned(session, session.region, group, of)
    status = of_run(body)
    if out and "plan" in body:
        save(out, body, of, session.settings.tag_prefix)
    output.answer(body, plan_lines(body))
    if not output.as_json and "plan" in body:
        _tell_next(output, group, of, out)
    elif out and "plan" not in body:
        raise RequestError(f"there is no plan to keep: {body['message']}")
    return status


def _tell_next(output: Output, group: str, of: str, out: str) -> None:
    what = f"multieip apply {out}" if out else f"multieip {of} {group}"
    output.lines(["", f"To do this: {what}"])


def _planned(session: Session, region: str, group: str, of: str) -> Json:
    payload = {"region": region, "group": group, "action": "plan", "of": of}
    body: Json = watched(session, lambda: session.run(payload))
    return body


@click.command()
@click.argument("group_or_plan", metavar="GROUP|FILE")
@_PATIENCE
@word
def apply(session: Session, output: Output, *, group_or_plan: str, timeout: float) -> Exit:
    """Bring a group to what its tags say, or do a saved plan.

    A plan is done only if nothing has moved since it was made.
    """
    if is_saved(group_or_plan):
        return _apply_saved(session, output, load(group_or_plan), timeout)
    return _run(session, output, _payload(session.region, group_or_plan, "apply"), timeout)


def _apply_saved(session: Session, output: Output, saved: Json, timeout: float) -> Exit:
    region, group = saved["region"], saved["group"]
    prefix = session.settings.tag_prefix
    if prefix != saved["tag_prefix"]:
        raise RequestError(f"the plan is for tags {saved['tag_prefix']}…, and the settings say {prefix}…")
    now = _planned(session, region, group, saved["of"])
    differences = moved(saved, now)
    if not differences:
        return _run(session, output, _payload(region, group, saved["of"]), timeout)
    body = {
        **refusal("the facts have moved since this plan was made; nothing was written"),
        "region": region,
        "group": group,
        "moved": differences,
    }
    lines: list[Line] = [(f"refused: {body['message']}", "bold yellow")]
    lines += [f"  {each}" for each in differences]
    output.answer(body, [*lines, f"Plan again: multieip plan {group}"])
    return Exit.FINDINGS


def _payload(region: str, group: str, action: str) -> Json:
    return {"region": region, "group": group, "action": action}


def _run(session: Session, output: Output, payload: Json, timeout: float) -> Exit:
    def to_the_end() -> Json:
        until = session.clock.monotonic() + timeout
        last = session.started.last_of(session.run(payload), until)
        session.started.all_ended(until)
        return last

    body: Json = watched(session, to_the_end)
    output.answer(body, result_lines(body))
    return of_run(body)


@click.command()
@click.argument("group")
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be done; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_PATIENCE
@word
def release(
    session: Session, output: Output, *, group: str, only_plan: bool, yes: bool, timeout: float
) -> Exit:
    """Take a group back, after asking.

    Out of the guest, off the instance, off its EIPs.
    """
    region = session.region
    if only_plan or not yes:
        body = _planned(session, region, group, "release")
        if only_plan or "plan" not in body:
            output.answer(body, plan_lines(body))
            return of_run(body)
        output.lines([] if output.as_json else plan_lines(body))
        if not _agreed(group):
            click.echo("nothing was written", err=True)
            return Exit.FINDINGS
    return _run(session, output, _payload(region, group, "release"), timeout)


def _agreed(group: str) -> bool:
    """Ask on the terminal; raises `RequestError` where nobody is there to answer."""
    if not sys.stdin.isatty():
        raise RequestError("release asks, and nobody can answer here: say --yes, or look with --plan")
    said: str = click.prompt(f"Release {group}? Write its name", default="", show_default=False, err=True)
    return said.strip() == group


@click.command()
@click.argument("group")
@click.option("--reason", default="pause", metavar="TEXT", show_default=True, help="The tag's value.")
@word
def hold(session: Session, output: Output, *, group: str, reason: str) -> Exit:
    """Pause a group: while the tag is there, no run writes to it."""
    from multieip.cli.tagging import hold_group

    call = watched(session, lambda: hold_group(session.app(), session.region, group, reason))
    body = {"state": "held", "group": group, "region": session.region, "calls": [call]}
    output.answer(body, [f"held: {group}, by the tag on {call['params']['ResourceId.1']}"])
    if not output.as_json:
        output.lines([f"To go on: multieip resume {group}"])
    return Exit.CLEAN


@click.command()
@click.argument("group")
@_PATIENCE
@word
def resume(session: Session, output: Output, *, group: str, timeout: float) -> Exit:
    """Take the hold off a group and bring it to what its tags say."""
    payload = {**_payload(session.region, group, "apply"), "resume": True}
    return _run(session, output, payload, timeout)
