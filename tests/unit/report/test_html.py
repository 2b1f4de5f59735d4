"""The page as text: its size, what it may load, and that nothing that the cloud says becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from multieip.report.html import render_html
from tests.report_account import KINDS, Account, made_account, report_of
from tests.report_account.account import REGIONS
from tests.report_account.groups import good_group

KIB = 1024
BASE, GOOD, BAD = 100 * KIB, 0.6 * KIB, 4 * KIB


class _Outline(HTMLParser):
    """Collects what a page would load and which elements stay open."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []
        self.inside: dict[str, list[str]] = {"style": [], "script": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        link = found.get("src") or (found.get("href") if tag == "link" else None)
        if link and not link.startswith("data:"):
            self.loads.append(link)
        if tag not in {"meta", "link", "input", "br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]].append(data)


def _outline(page: str) -> _Outline:
    outline = _Outline()
    outline.feed(page)
    return outline


@pytest.fixture(scope="module")
def account() -> Account:
    """Return an account with two groups of each kind."""
    return made_account(60, rounds=2)


def test_the_page_is_whole_and_loads_nothing(account: Account) -> None:
    """Every element is closed where it belongs, and no address is asked."""
    outline = _outline(render_html(account.report))

    assert outline.open == []
    assert outline.loads == []


def test_its_policy_names_exactly_its_style_and_its_script(account: Account) -> None:
    """By their hashes; a browser runs nothing else."""
    page = render_html(account.report)
    outline = _outline(page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None

    style, script = outline.inside["style"][0], outline.inside["script"][-1]
    for name, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]


@pytest.mark.parametrize(("good", "rounds"), [(0, 0), (60, 0), (0, 2), (300, 2)])
def test_the_page_stays_within_its_size(good: int, rounds: int) -> None:
    """100 KiB, 0.6 for each good group and 4 for each other one."""
    account = made_account(good, rounds=rounds)
    by_status = account.now["totals"]["groups_by_status"]
    others = sum(by_status.values()) - by_status["good"]

    size = len(render_html(account.report).encode())

    assert size <= BASE + GOOD * by_status["good"] + BAD * others


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_group_alone_costs_more_than_its_share(kind: str) -> None:
    """Measured as the growth of a page by thirty of them, each with three EIPs."""
    groups = [
        KINDS[kind](good_group(number, f"media-relay-{number:04d}", REGIONS[number % 3], 3), number)
        for number in range(30)
    ]
    growth = len(render_html(report_of(groups)).encode()) - len(render_html(report_of([])).encode())

    assert growth / len(groups) <= BAD


def test_what_the_cloud_says_never_becomes_markup(account: Account) -> None:
    """Not in the lists, and not in the data, from which it comes back as it was."""
    poison = "</script><img src=x onerror=alert(1)>\u2028&amp;'"
    text = json.dumps(account.now, ensure_ascii=False).replace("Forbidden.RAM", poison)
    page = render_html(json.loads(text))

    assert "<img" not in page
    names = json.loads(_outline(page).inside["script"][0])["names"]
    assert any(poison in name for name in names)


def test_a_sentence_that_many_groups_share_stands_once() -> None:
    """With marks for what is each group's own; a group named like a mark does no harm."""
    groups = [
        KINDS["no_rule"](good_group(number, name, "cn-shanghai", 2), number)
        for number, name in enumerate("0123")
    ]
    data = json.loads(_outline(render_html(report_of(groups))).inside["script"][0])

    assert sum("lacks its rules" in name for name in data["names"]) == 1


def test_findings_that_say_pass_are_not_needed(account: Account) -> None:
    """A report that tells good groups in a line each makes the same page."""
    regions = [
        {
            **region,
            "groups": [
                {**group, "findings": [each for each in group["findings"] if each["status"] != "pass"]}
                for group in region["groups"]
            ],
        }
        for region in account.now["regions"]
    ]

    assert render_html({**account.now, "regions": regions}, account.before) == render_html(account.report)


def test_a_previous_report_given_beside_is_compared_with(account: Account) -> None:
    """The same page as from a report that carries its changes."""
    assert render_html(account.now, account.before) == render_html(account.report)


def test_the_first_report_says_that_it_is(account: Account) -> None:
    """And counts nothing as new."""
    page = render_html(account.now)

    assert "The first report: there is nothing to compare it with." in page
    assert "first seen" in page


def test_links_to_rules_go_where_the_caller_says(account: Account) -> None:
    """The rule's page, wherever the docs are."""
    page = render_html(account.report, rules_url="https://docs.example.org/rules/")

    assert 'href="https://docs.example.org/rules/replies-by-own-gateway.md"' in page
