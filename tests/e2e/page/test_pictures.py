"""Pictures of the page, kept in a folder that git ignores, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.report.html import render_html
from tests.report_account import made_account

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.page.browser import Browser
    from tests.report_account import Account

pytestmark = pytest.mark.xdist_group("browser")

LEAST_BYTES = 20_000
"""A picture of a blank page is smaller."""


def _group(account: Account, kind: str) -> str:
    """Return the link to the largest group of a kind, because that shows most."""
    groups = [account.facts[name].group for name, each in account.kinds.items() if each == kind]
    largest = max(groups, key=lambda group: len(group.eips))
    return f"g={largest.region}/{largest.label}"


def test_pictures_are_taken(window: Browser, pictures: Path) -> None:
    """A thousand groups: wide, a group, dark, a phone, Chinese, and as PDF."""
    account = made_account(954, rounds=2)
    page = pictures / "report.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render_html(account.report), encoding="utf-8")
    window.size(1280, 1500)
    window.open(page)
    window.picture(pictures / "wide.png")
    window.open(page, _group(account, "no_rule"))
    window.picture(pictures / "group.png")
    window.printed(pictures / "print.pdf")
    window.media(dark=True)
    window.open(page, _group(account, "waits_for_consent"))
    window.picture(pictures / "dark.png")
    window.media()
    window.open(page)
    window.click("[data-lang=zh]")
    window.picture(pictures / "chinese.png")
    window.size(390, 844, scale=1.5)
    window.open(page)
    window.picture(pictures / "phone.png", height=2600)
    window.open(page, _group(account, "no_rule"))
    window.picture(pictures / "phone-group.png")

    for name in ("wide", "group", "dark", "chinese", "phone", "phone-group"):
        assert (pictures / f"{name}.png").stat().st_size > LEAST_BYTES
