"""Headings of a page, the anchors that they get, and where its links lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.docs.blocks import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINKED = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")


def prose(page: str) -> str:
    """Return a page without its code blocks."""
    return _CODE.sub("", (ROOT / page).read_text(encoding="utf-8"))


def headings(page: str) -> list[tuple[int, str]]:
    """Return level and text of each heading."""
    return [(len(each[1]), each[2]) for each in re.finditer(r"^(#{1,6}) (.+)$", prose(page), re.MULTILINE)]


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    made = set()
    for _, text in headings(page):
        plain = _LINKED.sub(r"\1", text).replace("`", "").replace("*", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = found.get(slug, -1) + 1
        found[slug] = number
        made.add(f"{slug}-{number}" if number else slug)
    return made


def links(page: str) -> Iterator[str]:
    """Return each target of a link to somewhere in the repository, references included."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    named = [each[1] for each in re.finditer(r"\]\(([^)\s]+)\)", text)]
    named += [each[1] for each in re.finditer(r"^\[[^\]]+\]: (\S+)$", text, re.MULTILINE)]
    return (each for each in named if "://" not in each and not each.startswith("mailto:"))


def broken(page: str) -> list[str]:
    """Return the links of a page that lead nowhere, with the reason."""
    wrong = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent.joinpath(path).resolve() if path else ROOT / page
        if not target.exists():
            wrong.append(f"{page}: {link}: there is no such file")
        elif anchor and target.suffix == ".md" and anchor not in anchors(str(target.relative_to(ROOT))):
            wrong.append(f"{page}: {link}: there is no such heading")
    return wrong
