"""The two languages beside each other: the same headings, the same commands, tables of the same shape."""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import ROOT, blocks
from tests.docs.links import headings, links
from tests.docs.twins import CHINESE, ENGLISH, twin

_HAN = re.compile(r"[\u4e00-\u9fff]")


def _tables(page: str) -> list[tuple[int, int]]:
    """Return rows and columns of each table; an escaped bar is none."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        (found[0].count("\n"), len(re.findall(r"(?<!\\)\|", found[0].splitlines()[0])) - 1)
        for found in re.finditer(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    ]


def test_every_page_has_its_twin_and_no_twin_is_alone() -> None:
    """A page that is added in one language is added in the other."""
    assert sorted(map(twin, ENGLISH)) == CHINESE


@pytest.mark.parametrize("page", ENGLISH)
def test_the_headings_are_the_same(page: str) -> None:
    """As many, in the same order of levels, and in Chinese."""
    other = headings(twin(page))

    assert [level for level, _ in other] == [level for level, _ in headings(page)]
    assert [text for _, text in other if not _HAN.search(text) and text != "multi-eip"] == []


@pytest.mark.parametrize("page", ENGLISH)
def test_the_blocks_are_equal_to_the_byte(page: str) -> None:
    """So what is run of the one is run of the other, and the same is left out."""
    mine = [(each.language, each.text, bool(each.not_run)) for each in blocks(page)]
    theirs = [(each.language, each.text, bool(each.not_run)) for each in blocks(twin(page))]

    assert theirs == mine


@pytest.mark.parametrize("page", ENGLISH)
def test_the_tables_have_the_same_shape(page: str) -> None:
    """Rows and columns of each."""
    assert _tables(twin(page)) == _tables(page)


@pytest.mark.parametrize("page", ENGLISH)
def test_the_links_lead_to_the_same_places(page: str) -> None:
    """Each page that one links, the other links, too, in its own language where there is one."""
    assert sorted(_targets(twin(page))) == sorted(_targets(page))


def _targets(page: str) -> list[str]:
    """Return where the links of a page lead, by the English page where it has a twin; not to its own twin."""
    back = {twin(each): each for each in ENGLISH}
    found = []
    for link in links(page):
        path = link.partition("#")[0]
        target = (ROOT / page).parent.joinpath(path).resolve() if path else ROOT / page
        found.append(back.get(name := str(target.relative_to(ROOT)), name))
    return [each for each in found if each != back.get(page, page)]
