"""One Chromium for the tests of the page, and one account whose report they read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from multieip.report.html import render_html
from tests.e2e.page.browser import AXE, CHROMIUM, DRIVER, Browser, browser
from tests.report_account import Account, made_account

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES: Final = Path(".local/report")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return the browser."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("no Chromium and chromedriver here: .ci/system-packages browser")
    with browser(tmp_path_factory.mktemp("chromium")) as made:
        yield made


@pytest.fixture
def window(chromium: Browser) -> Browser:
    """Return the browser with a wide light window, its console read to the end."""
    chromium.script(allowed=True)
    chromium.size(1280, 900)
    chromium.media()
    chromium.complaints()
    chromium.requests()
    return chromium


@pytest.fixture(scope="session")
def account() -> Account:
    """Return an account with each kind of group, among good ones."""
    return made_account(180)


@pytest.fixture(scope="session")
def page(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the account's last report."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render_html(account.report), encoding="utf-8")
    return file


@pytest.fixture
def pictures() -> Path:
    """Return the folder in which pictures are kept to be looked at; git ignores it."""
    return PICTURES


@pytest.fixture
def axe() -> None:
    """Leave a test out where axe-core is not installed."""
    if not AXE.is_file():
        pytest.skip("no axe-core here: npm ci --prefix tests/e2e/page")
