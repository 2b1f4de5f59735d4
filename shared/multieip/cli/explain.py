"""Words that need no cloud: rules, explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from multieip.cli.exits import Exit
from multieip.cli.say import Output, word
from multieip.cloud.fates import FATES
from multieip.cloud.refusals import fate_of
from multieip.errors import RequestError
from multieip.model.finding import Phase
from multieip.rules import BY_ID, RULES, rule_for_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

    from multieip.cli.say import Line
    from multieip.cli.session import Session
    from multieip.ports import Json
    from multieip.rules import Rule

_UNKNOWN_STATUS = 400


@click.command()
@word
def rules(session: Session, output: Output) -> Exit:  # noqa: ARG001  every word is given one
    """List every rule, in the order in which they are checked."""
    width = max(len(rule.id) for rule in RULES)
    lines = (
        f"{rule.id:<{width}}  {rule.severity.value:<7}  {rule.phase.value:<6}  {rule.title}" for rule in RULES
    )
    output.answer([rule_json(rule) for rule in RULES], lines)
    return Exit.CLEAN


def complete(context: Any, parameter: Any, begun: str) -> list[CompletionItem]:  # noqa: ANN401, ARG001  click's
    """Return the rules and codes that begin so."""
    from click.shell_completion import CompletionItem

    codes = sorted({code for table in FATES.values() for code in table if "*" not in code})
    found = [CompletionItem(rule.id, help=rule.title) for rule in RULES]
    return [each for each in (*found, *map(CompletionItem, codes)) if each.value.startswith(begun)]


@click.command()
@click.argument("rule_or_code", metavar="RULE|CODE", shell_complete=complete)
@word
def explain(session: Session, output: Output, *, rule_or_code: str) -> Exit:  # noqa: ARG001
    """Say what a rule demands, or what an error code means.

    A rule with its reason and way out; a code with what it means for a run.
    """
    rule = BY_ID.get(rule_or_code)
    if rule is not None:
        output.answer(rule_json(rule), _rule_lines(rule))
        return Exit.CLEAN
    body = code_json(rule_or_code)
    if body is None:
        raise RequestError(
            f"{rule_or_code!r} is neither a rule nor a known error code; `multieip rules` lists the "
            "rules. A code that is not known is judged by its HTTP status: 5xx and 429 pass, others stop"
        )
    output.answer(body, _code_lines(body))
    return Exit.CLEAN


def rule_json(rule: Rule) -> Json:
    """Return a rule as data."""
    return {
        "rule": rule.id,
        "severity": rule.severity.value,
        "phase": rule.phase.value,
        "title": rule.title,
        "why": rule.why,
        "remedy": rule.remedy,
        "source": rule.source,
        "predicts": list(rule.predicts),
        "may_exempt": rule.may_exempt,
        "page": page_of(rule),
    }


def page_of(rule: Rule) -> str:
    """Return where the rule's page is."""
    return f"docs/rules/{rule.id}.md"


def code_json(code: str) -> Json | None:
    """Return what is known of an error code; None for one that stands nowhere."""
    from fnmatch import fnmatchcase

    actions = [
        action for action, table in FATES.items() if any(fnmatchcase(code, pattern) for pattern in table)
    ]
    rule = rule_for_code(code)
    if not actions and rule is None:
        return None
    fates = {action: fate_of(action, code, _UNKNOWN_STATUS).value for action in actions}
    return {"code": code, "fates": fates, "rule": rule_json(rule) if rule else None}


def _rule_lines(rule: Rule) -> Iterator[Line]:
    yield (f"{rule.id}: {rule.title}", "bold")
    when = "before the first write" if rule.phase is Phase.BEFORE else "about the result"
    yield f"{rule.severity.value}, checked {when}"
    yield from ("", "Why", f"  {rule.why}", "", "What to do", f"  {rule.remedy}")
    if rule.predicts:
        yield from ("", "Error codes it predicts", f"  {', '.join(rule.predicts)}")
    if rule.may_exempt:
        yield from ("", f"A group may be exempted by the tag multi-eip:ignore={rule.id} on its ENI.")
    yield from ("", f"Source: {rule.source}", f"Page: {page_of(rule)}")


def _code_lines(body: Json) -> Iterator[Line]:
    yield (body["code"], "bold")
    yield from (f"  {action}: {_meaning(fate)}" for action, fate in body["fates"].items())
    if body["rule"] is not None:
        yield ""
        yield from _rule_lines(BY_ID[body["rule"]["rule"]])


def _meaning(fate: str) -> str:
    meanings = {
        "done": "the wanted state is there already; the run goes on",
        "wait": "it passes with time; the call is sent again later",
        "never": "it would be refused every time; the run stops",
        "never by the facts": "a rule predicts it; the run looks once more, and the same refusal is final",
        "read": "it can mean either; the state is read, and the run decides by that",
    }
    return meanings[fate]
