"""The page in a real browser: opened from its file, filtered, walked by keys, printed."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from multieip.report.html import render_html
from tests.report_account import made_account

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.page.browser import Browser
    from tests.report_account import Account

pytestmark = pytest.mark.xdist_group("browser")

PAINT_AT_MOST = 3


def _rows(window: Browser) -> list[str]:
    return [name.split(",")[0].strip() for name in window.texts("#rows .nm")]


def _of_status(account: Account, *statuses: str) -> set[str]:
    groups = (group for region in account.now["regions"] for group in region["groups"])
    return {group["group"] for group in groups if group["status"] in statuses}


def test_it_opens_without_a_word_on_the_console_and_without_a_request(window: Browser, page: Path) -> None:
    """Every kind of group, in both languages and both colours."""
    window.open(page)
    keys = window.run("return [...document.querySelectorAll('#rows .grp-row')].map(row => row.dataset.key)")
    assert len(keys) > 15
    for key in keys:
        window.go(f"g={key}")
        assert window.run("return document.querySelectorAll('.open').length") == 1
    for button in ("[data-lang=zh]", "[data-theme-to=dark]", "[data-lang=en]", "[data-theme-to=light]"):
        window.click(button)

    assert window.complaints() == []
    assert window.requests() == []


def test_a_page_that_loaded_something_would_be_noticed(window: Browser, tmp_path: Path) -> None:
    """The two questions of the test before can be answered with yes."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<img src='http://192.0.2.1/x.png'><script>console.error('heard')</script>", encoding="utf-8"
    )
    window.driver.get(bad.as_uri())

    assert any("heard" in line for line in window.complaints())
    assert window.requests() == ["http://192.0.2.1/x.png"]


def test_its_policy_lets_nothing_in_or_out(window: Browser, page: Path) -> None:
    """Not even a script that stands in the page may call anybody, and none but ours runs."""
    window.open(page)
    window.driver.execute_async_script(
        "const done = arguments[0]; const add = document.createElement('script');"
        "add.textContent = 'window.ran = true'; document.body.append(add);"
        "fetch('http://192.0.2.1/').then(() => done(), () => done())"
    )

    assert window.run("return window.ran === undefined")
    assert sum("Content Security Policy" in line for line in window.complaints()) >= 2


def test_without_script_the_front_is_whole(window: Browser, page: Path, account: Account) -> None:
    """Verdict, completeness and what changed are plain HTML, and so are the lists after them."""
    window.script(allowed=False)
    # Afresh, as `open` does: a test before this one may have left the same page there, with its script run.
    window.driver.get("about:blank")
    window.driver.get(page.resolve().as_uri())
    window.script(allowed=True)

    assert "groups are broken" in window.text("h1")
    assert "Not complete. eu-central-1 was not read." in window.text(".note")
    assert "Replies leave by the EIP's own gateway" in window.text(".chg")
    assert "192.0.2." in window.text("#beside ~ *, section:has(#beside)")
    silent = window.run("return document.querySelectorAll('section:has(#silent) td.ip code').length")
    assert silent == account.now["totals"]["eips"]["silent"]
    assert window.texts("#find, #tools, .opts") == []
    assert "JavaScript" in window.text("noscript") or window.run(
        "return document.querySelector('noscript').textContent.includes('JavaScript')"
    )


def test_the_register_shows_what_needs_a_look_first(window: Browser, page: Path, account: Account) -> None:
    """And a status shows its own."""
    window.open(page)
    assert set(_rows(window)) == _of_status(account, "fail", "unknown", "held", "warning")
    window.go("st=unknown")
    assert set(_rows(window)) == _of_status(account, "unknown")


def test_where_nothing_needs_a_look_all_groups_are_shown(window: Browser, tmp_path: Path) -> None:
    """Nobody has to ask for a list of what is good, and no zero is red."""
    file = tmp_path / "good.html"
    file.write_text(render_html(made_account(30, rounds=0, partial=False).report), encoding="utf-8")
    window.open(file)

    assert len(_rows(window)) == 30
    assert window.texts("header .new, header .s-fail") == []


def test_a_link_carries_what_is_chosen(window: Browser, page: Path, account: Account) -> None:
    """Region, status and search together; what makes no sense is left out."""
    wanted = {
        name for name in _of_status(account, "fail") if account.facts[name].group.region == "cn-beijing"
    }
    window.open(page, "r=cn-beijing&st=fail")
    assert set(_rows(window)) == wanted
    window.open(page, "st=nonsense&g=nowhere/nothing&cause=99&%%&r=cn-beijing")
    assert len(_rows(window)) > len(wanted)
    assert window.complaints() == []


def test_a_search_finds_by_name_id_and_address(window: Browser, page: Path, account: Account) -> None:
    """Typed, it stands in the address; a good group is found too, and nothing is nothing."""
    name, facts = next((n, account.facts[n]) for n, kind in account.kinds.items() if not kind)
    window.open(page)
    for words in (name, facts.eips[0].id, facts.eips[0].address, facts.enis[0].id, facts.enis[0].mac.upper()):
        window.run("const q = document.getElementById('q'); q.value = ''; q.focus(); return 0")
        window.keys(words)
        assert _rows(window) == [name]
    assert "q=" in window.run("return location.hash")
    window.keys("zzzz")
    assert _rows(window) == []
    assert window.text("#rows") == "No group fits this filter."
    window.click("#clear button")
    assert len(_rows(window)) > 1
    assert window.run("return document.getElementById('q').value") == ""


def test_keys_walk_open_and_close(window: Browser, page: Path) -> None:
    """Arrows and ends walk, Enter opens, Escape closes and keeps the place."""
    window.open(page)
    window.run("document.querySelector('.row').focus(); return 0")
    window.keys(Keys.ARROW_DOWN)
    window.keys(Keys.ARROW_DOWN)
    window.keys(Keys.ENTER)
    focused = "return document.activeElement.id"
    third = window.run("return document.querySelectorAll('.row')[2].id")
    assert window.run("return document.querySelector('.open .row').id") == third == window.run(focused)
    window.keys(Keys.ESCAPE)
    assert window.run("return document.querySelectorAll('.open').length") == 0
    assert window.run(focused) == third
    window.keys(Keys.END)
    assert window.run("return document.activeElement === [...document.querySelectorAll('.row')].pop()")
    window.keys(Keys.HOME)
    assert window.run("return document.activeElement === document.querySelector('.row')")


def test_back_closes_what_a_click_opened(window: Browser, page: Path) -> None:
    """An opened group adds to the history; typing does not."""
    window.open(page)
    window.click(".row")
    assert window.run("return document.querySelectorAll('.open').length") == 1
    window.driver.back()
    window.wait("document.querySelectorAll('.open').length === 0")


def test_long_lists_come_in_parts(window: Browser, page: Path, account: Account) -> None:
    """Sixty rows, the rest on demand, and the focus goes to the first of them."""
    window.open(page, "st=all")
    assert len(_rows(window)) == 60
    window.click("#rows .more")
    assert len(_rows(window)) == 180
    assert window.run("return document.activeElement === document.querySelectorAll('.row')[60]")
    assert window.text("#count").startswith(f"180 of {len(account.kinds)}")


def test_the_other_language_has_no_gap(window: Browser, page: Path) -> None:
    """Headings, leads and the register's words change; ids and findings stay."""
    window.open(page)
    window.click("[data-lang=zh]")
    assert window.run("return document.documentElement.lang") == "zh-Hans"
    assert window.text("#silent") == "当前不应答"
    assert "个组" in window.text("#count")
    window.click(".row")
    assert "检查结果及处理方法" in window.text(".open .det")
    shown = window.text("body")
    assert "undefined" not in shown
    assert "{" not in window.text("header")


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_sticks_out_on_a_phone(window: Browser, page: Path, width: int) -> None:
    """In no kind of group."""
    window.size(width, 800)
    window.open(page)
    keys = window.run("return [...document.querySelectorAll('#rows .grp-row')].map(row => row.dataset.key)")
    assert window.run("return document.documentElement.scrollWidth") <= width
    for key in keys:
        window.go(f"g={key}")
        assert window.run("return document.documentElement.scrollWidth") <= width, key


def test_slow_sections_begin_shut_on_a_phone_and_open_by_a_link(window: Browser, page: Path) -> None:
    """So the register is not at the end of a very long page."""
    window.size(390, 800)
    window.open(page)
    assert not window.run("return document.querySelector('section:has(#tags) .body').checkVisibility()")
    assert window.run("return document.documentElement.scrollHeight") < 12_000
    window.go("tags")
    assert window.run("return document.querySelector('section:has(#tags) .body').checkVisibility()")


def test_it_prints_whole_in_light_colours(window: Browser, page: Path, tmp_path: Path) -> None:
    """Folded rows, shut sections and the facts of the open group are on the paper, controls are not."""
    window.media(dark=True)
    window.open(page)
    window.click(".row")
    assert window.printed(tmp_path / "page.pdf").startswith(b"%PDF")
    window.media(dark=True, medium="print")
    assert window.texts("nav, .btn, .tools") == []
    folded = "[...document.querySelectorAll('tr[hidden]')]"
    assert window.run(f"return {folded}.every(row => row.getClientRects().length)")
    assert window.run("return document.querySelector('.facts-of').open")
    assert window.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_first_paint_of_a_thousand_groups_is_near_that_of_none(window: Browser, tmp_path: Path) -> None:
    """At most three times as long; medians of seven loads each, in turns, so that load hits both."""
    full, empty = tmp_path / "full.html", tmp_path / "empty.html"
    full.write_text(render_html(made_account(956, rounds=2).report), encoding="utf-8")
    empty.write_text(render_html(made_account(0, rounds=0).report), encoding="utf-8")
    times: dict[Path, list[float]] = {full: [], empty: []}
    for _ in range(7):
        for file, found in times.items():
            window.open(file)
            found.append(window.first_paint_ms())

    ratio = statistics.median(times[full]) / statistics.median(times[empty])
    assert ratio <= PAINT_AT_MOST, times
