"""The forms of a report tell the same: text, Markdown, JUnit, SARIF and CSV name what the data names."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from multieip.report.changes import with_changes
from multieip.report.csv_table import render_csv
from multieip.report.junit import render_junit
from multieip.report.markdown import MOST_BYTES, render_markdown, robot_message
from multieip.report.sarif import render_sarif
from multieip.report.text import render_text
from tests.report_account import Account, made_account

if TYPE_CHECKING:
    from multieip.ports import Json


@pytest.fixture(scope="module")
def account() -> Account:
    """Return an account with one group of each kind, and good ones that were broken yesterday."""
    return made_account(100)


def _told(report: Json, *statuses: str) -> set[tuple[str, str]]:
    return {
        (group["group"], finding["rule"])
        for region in report["regions"]
        for group in region["groups"]
        for finding in group["findings"]
        if finding["status"] in statuses
    }


def _not_advice(report: Json, told: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(group, rule) for group, rule in told if report["rules"][rule]["severity"] != "advice"}


def test_text_names_every_silent_eip_and_every_group_that_waits(account: Account) -> None:
    """In whole sentences, the verdict first; nothing of what is good."""
    text = render_text(account.now, account.before)
    report = account.report

    assert text.splitlines()[0].endswith("EIPs do not answer.")
    assert "Not complete. eu-central-1 was not read." in text
    for region in report["regions"]:
        for group in region["groups"]:
            for way in group["ways"]:
                assert (f"  {way['address']}" in text or f", {way['address']}" in text) or not way["silent"]
            waits = group["waits_for"] or {"who": ""}
            assert waits["who"] != "person" or group["status"] == "held" or waits["text"] in text
    good = next(name for name, kind in account.kinds.items() if not kind)
    assert good not in text


def test_text_of_a_report_with_nothing_to_tell_is_three_lines() -> None:
    """A mail that nobody has to open."""
    text = render_text(made_account(3, rounds=0, partial=False).report)

    assert text.splitlines() == [
        "None of 3 groups is broken, and no EIP of 6 is known to be silent.",
        "Complete. Every region, row and guest that was asked for has been read.",
        "Since 2026-11-25: 0 new, 0 fixed, 0 still there.",
    ]


def test_junit_counts_failures_errors_and_what_is_skipped(account: Account) -> None:
    """Undecided is an error, and so is a region that was not read."""
    root = ET.fromstring(render_junit(account.now))  # noqa: S314  our own text
    report = account.now

    def cases(kind: str) -> set[tuple[str, str]]:
        found = root.iterfind(f".//testcase[{kind}]")
        return {(str(case.get("classname")).split(".")[-1], str(case.get("name"))) for case in found}

    assert cases("failure") == _not_advice(report, _told(report, "fail"))
    assert cases("error") == {*_not_advice(report, _told(report, "unknown")), ("eu-central-1", "read")}
    assert cases("skipped") == _told(report, "exempt")
    for suite in root:
        assert int(str(suite.get("tests"))) == len(suite)
        assert int(str(suite.get("failures"))) == len(suite.findall("testcase/failure"))


def test_junit_carries_what_xml_cannot(account: Account) -> None:
    """A control character in the cloud's words does not cost the whole file."""
    spoiled = json.loads(json.dumps(account.now).replace("Forbidden.RAM", "Forbidden\\u0000\\u001b[31m"))

    assert ET.fromstring(render_junit(spoiled)) is not None  # noqa: S314  our own text


def test_sarif_says_what_is_new_fixed_undecided_and_suppressed(account: Account) -> None:
    """Each result with its rule, its group and a fingerprint of both."""
    (run,) = json.loads(render_sarif(account.now, account.before))["runs"]
    results = run["results"]
    known = {rule["id"] for rule in run["tool"]["driver"]["rules"]}

    def found(**fields: str) -> set[tuple[str, str]]:
        return {
            (
                result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].split("/")[1],
                result["ruleId"],
            )
            for result in results
            if all(result.get(key) == value for key, value in fields.items())
        }

    assert {result["ruleId"] for result in results} <= known
    assert found(kind="open", level="none") == _told(account.now, "unknown")
    assert {rule for _, rule in found(baselineState="absent")} == {"replies-by-own-gateway"}
    new = next(name for name, kind in account.kinds.items() if kind == "no_rule")
    assert (new, "replies-by-own-gateway") in found(baselineState="new", level="error")
    suppressed = {result["ruleId"] for result in results if "suppressions" in result}
    assert suppressed == {"instance-family"}
    prints = [result["partialFingerprints"]["groupAndRule/v1"] for result in results]
    assert len(prints) == len(set(prints))


def test_csv_has_a_line_for_each_finding(account: Account) -> None:
    """With the command that mends it."""
    rows = list(csv.DictReader(io.StringIO(render_csv(account.now, account.before))))

    assert {(row["group"], row["rule"]) for row in rows} == _told(account.now, "fail", "unknown", "exempt")
    consent = next(row for row in rows if row["rule"] == "eni-detached-while-binding")
    assert consent["command"].startswith("aliyun ecs TagResources")


def test_a_csv_cell_is_never_a_formula(account: Account) -> None:
    """A group name cannot begin so, a message of the cloud can."""
    report = json.loads(json.dumps(account.now))
    report["regions"][0]["groups"][0]["findings"][0] |= {
        "status": "fail",
        "message": "=HYPERLINK(1)",
        "change": "new",
    }

    assert "'=HYPERLINK(1)" in render_csv(with_changes(report, None))


def test_markdown_fits_a_robot_however_much_is_wrong() -> None:
    """Cut at a line, and the counts stand before the lists."""
    report = made_account(0, rounds=8).report
    text = render_markdown(report)

    assert len(text.encode()) <= MOST_BYTES
    assert text.startswith("### ")
    assert "more" in text


def test_markdown_says_nothing_that_the_cloud_could_make_a_link_or_a_heading(account: Account) -> None:
    """A tag's value is text."""
    poison = "[x](http://192.0.2.1) **b**"
    report = json.loads(json.dumps(account.report).replace("its rule is missing", poison))

    text = render_markdown(report)

    assert poison not in text
    assert "\\[x\\]\\(http" in text


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://oapi.dingtalk.com/robot/send?access_token=t", "msgtype"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/t", "msg_type"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/t", "msg_type"),
    ],
)
def test_each_robot_gets_its_own_form(account: Account, address: str, kind: str) -> None:
    """And none of them the address, which is a secret."""
    body = robot_message(address, render_markdown(account.report))

    assert kind in body
    assert "access_token" not in json.dumps(body)
    assert address not in json.dumps(body)
