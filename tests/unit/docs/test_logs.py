"""`docs/logs.md` lists every event that the code says, with its fields, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
ON_EVERY_LINE = {"time", "level", "event", "version", "request", "function", "region", "cold_start", "turn"}
SPREAD = {
    "consent": {"tag", "value", "on", "seen_at", "step", "set_by"},
    "step": {"step", "title", "state", "seconds", "detail"},
    "not started": {"group", "task_id", "cause", "region"},
    "started": {"group", "task_id", "cause", "region"},
    "collapsed": {"group", "task_id", "cause", "region"},
    "region done": {"groups", "ok", "ungrouped"},
    "swept": {
        *("groups", "ok", "ungrouped", "groups_by_status", "gateways"),
        *("complete", "part", "continues_as"),
    },
}
"""What a consent, an outcome, a dispatch, a region's counts and a report's summary add as `**…`."""


def said() -> dict[str, set[str]]:
    """Return each event in the code with the fields that are given at its calls of `say`."""
    found: dict[str, set[str]] = {}
    package = ROOT / "shared" / "multieip"
    for file in package.rglob("*.py"):
        if file.is_relative_to(package / "cli"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "say"
            ):
                names = [each for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
                assert names, ast.unparse(node)
                for name in names:
                    fields = {each.arg for each in node.keywords if each.arg}
                    spread = (
                        SPREAD[str(name.value)] if any(each.arg is None for each in node.keywords) else set()
                    )
                    found.setdefault(str(name.value), set()).update(fields | spread)
    return {name: fields - ON_EVERY_LINE for name, fields in found.items()}


def listed() -> dict[str, set[str]]:
    """Return each event of the page with the fields in its row."""
    table = PAGE.partition("<!-- events -->")[2].partition("<!-- /events -->")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "`" in line
    ]
    return {row[0].strip("`"): set(re.findall(r"`([^`]+)`", row[3])) for row in rows}


def test_every_event_of_the_code_is_listed_with_its_fields() -> None:
    """And the page has no event or field that nobody writes."""
    assert listed() == said()


def test_every_field_of_every_line_is_told() -> None:
    """The table of what all lines carry is whole."""
    table = PAGE.partition("## On every line")[2].partition("## Events")[0]

    assert set(re.findall(r"\n\| `([a-z_]+)`", table)) == {*ON_EVERY_LINE, "group"}
