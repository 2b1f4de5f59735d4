"""The tables that are made inside of pages that people write, each between two marks of its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from multieip.events.table import ROWS, Meaning
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


TABLES: Final[tuple[tuple[str, str, Callable[[], str]], ...]] = (
    ("README.md", "settings", settings_table),
    ("docs/events.md", "events", events_table),
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
