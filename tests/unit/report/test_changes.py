"""What a report says of the one before it: nothing is claimed of what either did not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.report.changes import with_changes
from tests.report_account import Account, made_account

if TYPE_CHECKING:
    from multieip.ports import Json


@pytest.fixture(scope="module")
def account() -> Account:
    """Return an account of which some groups broke and some were mended since yesterday."""
    return made_account(120)


def _group(report: Json, name: str) -> Json:
    return next(group for region in report["regions"] for group in region["groups"] if group["group"] == name)


def _named(account: Account, kind: str) -> Json:
    return _group(account.report, next(name for name, each in account.kinds.items() if each == kind))


def _finding(group: Json, rule: str) -> Json:
    return next(finding for finding in group["findings"] if finding["rule"] == rule)


def test_a_finding_that_was_not_there_is_new_since_now(account: Account) -> None:
    """And the EIP that it silences is silent since now."""
    group = _named(account, "no_rule")
    finding = _finding(group, "replies-by-own-gateway")

    assert (finding["change"], finding["since"]) == ("new", account.now["at"])
    assert [way["since"] for way in group["ways"] if way["silent"]] == [account.now["at"]]


def test_a_finding_that_stays_keeps_the_day_it_was_first_seen(account: Account) -> None:
    """Through any number of reports."""
    finding = _finding(_named(account, "no_route"), "replies-by-own-gateway")

    assert finding["change"] == "still"
    assert finding["since"] < account.before["at"] < account.now["at"]


def test_a_finding_is_fixed_where_the_rule_is_kept_now(account: Account) -> None:
    """The group is good, and says what it was cured of."""
    fixed = [
        (group["group"], each["rule"])
        for region in account.report["regions"]
        for group in region["groups"]
        for each in group["fixed"]
    ]

    assert fixed
    assert {rule for _, rule in fixed} == {"replies-by-own-gateway"}
    assert {account.kinds[name] for name, _ in fixed} == {""}


def test_a_finding_that_can_no_longer_be_decided_is_not_fixed(account: Account) -> None:
    """Unknown is never pass, not even beside yesterday."""
    name = next(name for name, kind in account.kinds.items() if kind == "denied_guest")
    before = {
        **account.before,
        "regions": [
            {
                **region,
                "groups": [
                    {**g, "findings": [{**f, "status": "fail"} for f in g["findings"]]}
                    if g["group"] == name
                    else g
                    for g in region["groups"]
                ],
            }
            for region in account.before["regions"]
        ],
    }

    group = _group(with_changes(account.now, before), name)

    assert "eips-on-interface" not in {each["rule"] for each in group["fixed"]}
    assert _finding(group, "eips-on-interface")["change"] == "still"


def test_a_region_that_the_last_report_did_not_read_has_nothing_new(account: Account) -> None:
    """Its findings are seen for the first time; whether they are new nobody knows."""
    before = {
        **account.before,
        "regions": [r for r in account.before["regions"] if r["region"] != "cn-beijing"],
    }
    report = with_changes(account.now, before)
    changes = {
        finding["change"]
        for region in report["regions"]
        if region["region"] == "cn-beijing"
        for group in region["groups"]
        for finding in group["findings"]
        if finding["status"] in {"fail", "unknown"}
    }

    assert changes == {"first"}


def test_the_first_report_compares_with_nothing(account: Account) -> None:
    """It says so, and nothing in it is new."""
    report = with_changes(account.now, None)

    assert report["previous"] is None
    assert len(report["history"]) == 1
    assert _finding(_group(report, next(iter(account.kinds))), "replies-by-own-gateway")["change"] == "first"


def test_history_keeps_the_last_fourteen_reports(account: Account) -> None:
    """The oldest go first."""
    report = with_changes(account.now, None)
    for day in range(1, 20):
        report = with_changes({**account.now, "at": f"2026-12-{day:02d}T06:04:12+00:00"}, report)

    assert [point["at"][:10] for point in report["history"]] == [f"2026-12-{day:02d}" for day in range(6, 20)]


def test_a_group_that_is_gone_is_named_and_not_called_fixed(account: Account) -> None:
    """Its region was read; its members lost their tags, or exist no more."""
    name = next(iter(account.kinds))
    now = {
        **account.now,
        "regions": [
            {**region, "groups": [group for group in region["groups"] if group["group"] != name]}
            for region in account.now["regions"]
        ],
    }

    assert [each["group"] for each in with_changes(now, account.before)["gone"]] == [name]
