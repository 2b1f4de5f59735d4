"""What all pages keep: links lead somewhere, Terraform parses, named tests exist, no block is forgotten."""

from __future__ import annotations

import ast
import io
import json
import re
import shlex

import hcl2
import pytest

from tests.docs.aliyun import parse
from tests.docs.blocks import ROOT, RUN, blocks, commands
from tests.docs.links import anchors, broken
from tests.docs.twins import FOLLOWED_PAGES, tracked

PAGES = [name for name in tracked() if name.endswith(".md") and not name.startswith("docs/design/seed")]
NOT_RUN = {
    ("README.md", "make demo     # the main job, live, on a local cloud with a real Linux guest"),
    ("README.md", "make check-deploy"),
}
"""Blocks that carry a reason why they are not run, by their first command."""


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    """Of every page of the repository; the vendor's own page is kept as it is."""
    assert len(PAGES) > 60
    assert [each for page in PAGES for each in broken(page)] == []


def test_a_link_that_leads_nowhere_would_be_found() -> None:
    """Anchors are made as GitHub makes them."""
    assert "many-to-one" not in anchors("docs/howto/change.md")
    assert "grow-one-eip-more" in anchors("docs/howto/change.md")
    assert "problems" in anchors("docs/guest.md")


@pytest.mark.parametrize("page", FOLLOWED_PAGES)
def test_each_block_is_run_or_parsed_or_says_why_not(page: str) -> None:
    """The languages are few, so that no block is run by nobody."""
    for block in blocks(page):
        assert block.language in {*RUN, "terraform", "json", "text", ""}, block.place
        if block.language == "terraform":
            assert hcl2.load(io.StringIO(block.text)), block.place
        if block.language == "json":
            assert json.loads(block.text), block.place


def test_blocks_that_are_not_run_are_known() -> None:
    """Whoever adds one adds it here."""
    found = {
        (page, block.text.splitlines()[0].removeprefix("$ "))
        for page in FOLLOWED_PAGES
        if not page.startswith(("README.zh-CN", "docs/zh-CN"))
        for block in blocks(page)
        if block.not_run
    }

    assert found - {each for each in found if each[0] == "docs/deploy.md"} == NOT_RUN


@pytest.mark.parametrize("page", FOLLOWED_PAGES)
def test_each_aliyun_line_is_a_call(page: str) -> None:
    """Also where it is in a block that needs an account; variables stand for what the reader fills in."""
    for block in blocks(page):
        for line in block.text.replace("\\\n", " ").splitlines():
            for found in re.finditer(r"aliyun [a-z]+ [A-Z].*?(?= \| |$)", line):
                assert parse(shlex.split(found[0], comments=True)[1:]).action, f"{block.place}: {line}"


def test_each_test_that_the_page_on_security_names_exists() -> None:
    """A claim whose test was renamed or removed is no claim any more."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    missing = [f"{file}::{test}" for file, test in named if test not in _tests(file)]

    assert len(named) > 35
    assert missing == []


def test_each_row_of_the_page_on_security_names_a_test() -> None:
    """No row of its tables is a mere promise."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| w")]
    bare = [row for row in rows if "::test_" not in row]

    assert [row for row in bare if not row.endswith("| test |")] == []


def _tests(file: str) -> set[str]:
    path = ROOT / file
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_the_parts_of_the_howto_are_found_from_the_front_page() -> None:
    """No how-to page is an orphan, and each has commands or answers."""
    front = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = sorted((ROOT / "docs" / "howto").glob("*.md"))

    assert [page.name for page in pages if f"(docs/howto/{page.name})" not in front] == []
    assert any(list(commands(blocks(f"docs/howto/{page.name}"))) for page in pages)
