"""The tables that are made inside of pages that people write, each between two marks of its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from multieip.cloud.fates import ANY, FATES, Fate
from multieip.events.table import ROWS, Meaning
from multieip.rules import rule_for_code
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.events.table import Row

_CONCERNS: Final[Mapping[Meaning, str]] = {
    Meaning.CHANGED: "groups of the resources it names",
    Meaning.TAGGED: "group of the tags it sets; where it tells none, groups of the resources",
    Meaning.UNTAGGED: "groups of the resources, and of what they are still bound or attached to",
    Meaning.PARTED: "groups of the resources it names, and of what an untagged one was on",
    Meaning.GONE: "skipped: no tag is left to read",
    Meaning.BOUGHT: "groups of the referenced resources, else of the region",
}


def settings_table() -> str:
    """Return every setting with its default and its meaning."""
    rows = [
        f"| `{name}` | {default and f'`{default}`'} | {meaning} |"
        for name, default, meaning in Settings.table()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def events_table() -> str:
    """Return every event that `react` takes, where its ids are, and whom it concerns."""
    head = ["| event | product | its ids are at | concerns | sample |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_event(row) for row in ROWS)])


_FATES: Final[Mapping[str, Mapping[Fate, str]]] = {
    "en": {fate: fate.value for fate in Fate},
    "zh": {
        Fate.DONE: "视为完成并继续",
        Fate.WAIT: "等待后重试",
        Fate.FACTS: "重新读取后仍被拒绝则停止",
        Fate.NEVER: "停止",
        Fate.READ: "读取状态后决定",
    },
}
_HEADS: Final = {
    "en": ("code", "calls", "a run", "rule", "any call"),
    "zh": ("错误码", "调用的接口", "本次运行的处理", "规则", "任意接口"),
}


def codes_table(language: str, rules: str) -> str:
    """Return every error code with the calls that get it, what a run makes of it, and its rule's page."""
    *head, anywhere = _HEADS[language]
    met: dict[str, dict[Fate, list[str]]] = {}
    for action, codes in FATES.items():
        for code, fate in codes.items():
            met.setdefault(code, {}).setdefault(fate, []).append(anywhere if action == ANY else action)
    lines = [f"| {' | '.join(head)} |", "|---|---|---|---|"]
    for code, fates in sorted(met.items(), key=lambda each: each[0].lower()):
        calls = "; ".join(", ".join(actions) for actions in fates.values())
        made = "; ".join(_FATES[language][fate] for fate in fates)
        rule = rule_for_code(code)
        page = f"[{rule.id}]({rules}/{rule.id}.md)" if rule else ""
        lines.append(f"| `{code}` | {calls} | {made} | {page} |")
    return "\n".join(lines)


TABLES: Final[tuple[tuple[str, str, Callable[[], str]], ...]] = (
    ("README.md", "settings", settings_table),
    ("README.zh-CN.md", "settings", settings_table),
    ("docs/events.md", "events", events_table),
    ("docs/howto/troubleshoot.md", "codes", lambda: codes_table("en", "../rules")),
    ("docs/zh-CN/howto/troubleshoot.md", "codes", lambda: codes_table("zh", "../../rules")),
)
"""Page, name of the marks, and what stands between them."""


def with_table(text: str, name: str, table: str) -> str:
    """Return the page with this table between its marks; raises `ValueError` where it has no such marks."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise ValueError(f"the page needs exactly one pair of marks {start.strip()} and {end}")
    before, _, rest = text.partition(start)
    return f"{before}{start}{table}\n{end}{rest.partition(end)[2]}"


def _event(row: Row) -> str:
    products = ", ".join(sorted(product.upper() for product in row.products))
    ids = ", ".join(f"`{path}`" for path in row.ids) or "referenced resources"
    link = f"[{sample_of(row)}](../events/{sample_of(row)}.json)"
    return f"| `{row.name}` | {products} | {ids} | {_CONCERNS[row.change]} | {link} |"


def sample_of(row: Row) -> str:
    """Return the name of the row's sample in `events/`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", row.name.rpartition(":")[2]).lower()
    if row.change is Meaning.BOUGHT:
        return f"console-{words}"
    if ":" not in row.name:
        return f"call-{words}"
    return f"ecs-{words}".replace("network-interface-operate", "eni-operate").replace(
        "ecs-state", "ecs-instance-state"
    )
