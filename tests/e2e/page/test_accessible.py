"""axe-core finds nothing wrong with the page, in any of its states; and it would, if there were something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.report.html import render_html
from tests.report_account import KINDS, made_account

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.page.browser import Browser
    from tests.report_account import Account

pytestmark = [pytest.mark.usefixtures("axe"), pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 900, 390])
def test_the_whole_page(window: Browser, page: Path, width: int, dark: bool) -> None:  # noqa: FBT001
    """Wide, middling and on a phone, in both colours, all folded parts unfolded."""
    window.size(width, 900)
    window.media(dark=dark)
    window.open(page)
    assert window.violations() == []
    window.run(
        "document.querySelectorAll('table + .more, section.shut h2 button').forEach(b => b.click()); return 0"
    )
    window.settle()
    assert window.violations() == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_group_opened(window: Browser, page: Path, account: Account, kind: str) -> None:
    """With its drawing, its tables, its commands and its facts."""
    facts = next(account.facts[name] for name, each in account.kinds.items() if each == kind)
    window.open(page, f"g={facts.group.region}/{facts.group.label}")
    window.run("document.querySelector('.open .facts-of').open = true; return 0")
    assert window.violations(".open") == []


def test_the_other_language(window: Browser, page: Path) -> None:
    """With a group open."""
    window.open(page)
    window.click("[data-lang=zh]")
    window.click(".row")
    assert window.violations() == []


@pytest.mark.parametrize("good", [0, 30], ids=["no groups", "all good"])
def test_a_report_with_nothing_to_look_at(window: Browser, tmp_path: Path, good: int) -> None:
    """Empty sections say that they are."""
    file = tmp_path / "page.html"
    file.write_text(render_html(made_account(good, rounds=0, partial=False).report), encoding="utf-8")
    window.open(file)
    assert "No EIP is known to be silent." in window.text("body")
    assert window.violations() == []


def test_a_bad_page_would_be_found_out(window: Browser, tmp_path: Path) -> None:
    """The checker is at work: an image without words, grey on grey."""
    file = tmp_path / "bad.html"
    file.write_text(
        "<!doctype html><html lang=en><title>x</title><main>"
        "<h1 style='color:#bbb;background:#fff'>grey on white</h1><img src='data:,'></main>",
        encoding="utf-8",
    )
    window.driver.get(file.as_uri())
    found = {each.split(":")[0] for each in window.violations()}

    assert {"image-alt", "color-contrast"} <= found
