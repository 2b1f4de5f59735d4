"""The pages that are made as a whole: one per rule, their index, and the refusals of the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.fates import ANY, FATES, Fate
from multieip.model.finding import Phase
from multieip.reference.rule_examples import EXAMPLES
from multieip.report.mending import mending
from multieip.rules import RULES, judge, rule_for_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multieip.model.facts import Facts
    from multieip.rules.rule import Rule

_MARK: Final = "<!-- Made by `make docs` from the rule's module; edit that. -->"
_PREFIX: Final = "multi-eip:"
_PHASES: Final = {Phase.BEFORE: "before the first write", Phase.AFTER: "on the result"}
_FATES: Final = {
    Fate.DONE: "The wanted state is there already; the run goes on.",
    Fate.WAIT: "It passes with time; the same call is sent again later, with a new ClientToken.",
    Fate.FACTS: "A rule predicts it: the run looks once more; the same refusal on fresh facts is final.",
    Fate.NEVER: "It would be refused every time; the run stops, and the rule says what to do.",
    Fate.READ: "It can mean either; the state is read, and the run decides by that.",
}


def pages() -> Mapping[str, str]:
    """Return every page by its path in the repository."""
    return {
        **{f"docs/rules/{rule.id}.md": _rule_page(rule) for rule in RULES},
        "docs/rules/README.md": _index(),
        "docs/refusals.md": _refusals(),
    }


def _rule_page(rule: Rule) -> str:
    sections = {
        "What it checks": f"{_first_line(rule.check.__doc__)}\n\nSeverity **{rule.severity.value}**. Checked "
        f"{_PHASES[rule.phase]}.{_readings(rule)}",
        "Why": rule.why,
        "Source": "\n".join(f"- {_linked(source)}" for source in rule.source.split("; ")),
        "What to do": rule.remedy,
        "Commands": _commands(rule),
        "Error codes it predicts": _codes(rule.predicts),
        "Example that passes": _example(rule, EXAMPLES[rule.id].passing),
        "Example that fails": _example(rule, EXAMPLES[rule.id].failing),
        "How to exempt": _exemption(rule),
    }
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items())
    return f"{_MARK}\n\n# {rule.id}: {rule.title}\n\n{body}\n"


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().splitlines()[0]


def _readings(rule: Rule) -> str:
    if not rule.needs:
        return ""
    without = " Where that cannot be read, the answer is *unknown*"
    blocks = rule.phase is Phase.BEFORE and rule.severity.value == "error" and rule.unknown_blocks
    return (
        f" It needs {', '.join(f'`{reading.value}`' for reading in rule.needs)}.{without}"
        f"{', and the run stops' if blocks else ''}."
    )


def _linked(source: str) -> str:
    title, _, place = source.rpartition(", ")
    return f"[{title}]({place if place.startswith('http') else f'../../{place}'})"


def _codes(codes: Sequence[str]) -> str:
    if not codes:
        return "None: the cloud has no error code for it."
    return "\n".join(f"- `{code}`" for code in codes)


def _commands(rule: Rule) -> str:
    """Return what mends the failing example, in the three forms that a report has, too."""
    facts = EXAMPLES[rule.id].failing
    way_out = mending(judge(rule, facts), facts, _PREFIX)
    return (
        "For the example below; a report fills in the ids of your own finding.\n\n"
        f"*Command line*\n\n```sh\n{way_out.cli}\n```\n\n*Console*\n\n{way_out.console}\n\n"
        f"*Terraform*\n\n```terraform\n{way_out.terraform}\n```"
    )


def _example(rule: Rule, facts: Facts) -> str:
    finding = judge(rule, facts)
    return f"> **{finding.status.value}**: {finding.message}"


def _exemption(rule: Rule) -> str:
    if not rule.may_exempt:
        return "It cannot be exempted: going on would touch what is not the group's."
    return (
        f"Tag any member of the group `multi-eip:ignore` = `{rule.id}` (several ids: separated by spaces). "
        "Its findings are then reported as *exempt* and stop nothing."
    )


def _index() -> str:
    lines = [
        _MARK,
        "",
        "# Rules",
        "",
        "Every run and every sweep checks these rules, in this order. An error before the first write stops",
        "the run. An error on the result means that the run has failed. Warnings and advice are reported and",
        "stop nothing.",
        "",
        "| Rule | Severity | Checked | What it demands |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{rule.id}]({rule.id}.md) | {rule.severity.value} | {_PHASES[rule.phase]} | {rule.title} |"
        for rule in RULES
    ]
    return "\n".join(lines) + "\n"


def _refusals() -> str:
    lines = [_MARK.replace("the rule's module", "`cloud/fates.py`"), "", "# Refusals of the cloud", ""]
    lines.append(
        "What a run makes of each error code. A code that is not listed is judged by its HTTP status:"
    )
    lines.append("5xx and 429 are waited out, everything else stops the run.")
    lines += ["", "| Fate | What the run does |", "|---|---|"]
    lines += [f"| {fate.value} | {meaning} |" for fate, meaning in _FATES.items()]
    for action, codes in FATES.items():
        heading = "Any action" if action == ANY else action
        lines += ["", f"## {heading}", "", "| Code | Fate | Rule |", "|---|---|---|"]
        lines += [f"| `{code}` | {fate.value} | {_rule_link(code)} |" for code, fate in sorted(codes.items())]
    return "\n".join(lines) + "\n"


def _rule_link(code: str) -> str:
    rule = rule_for_code(code)
    return f"[{rule.id}](rules/{rule.id}.md)" if rule else ""
