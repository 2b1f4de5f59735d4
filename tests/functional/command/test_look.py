"""`multieip groups`, `sweep`, `report`: everything at once, through the console script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.command.conftest import Desk


def test_groups_lists_members_and_what_forms_no_group(desk: Desk) -> None:
    """Tags alone, no guest; a value that names no group is a finding."""
    eni, eips = desk.group()
    desk.hand.eni(desk.local.seeds, "-odd")

    body = desk.json("groups", status=1)

    web = next(each for each in body["groups"] if each["group"] == "web")
    assert (web["enis"], sorted(web["eips"]), web["size"]) == ([eni], sorted(eips), 2)
    assert [each for each in body["groups"] if each["group"] is None]
    assert f"web  cn-shanghai  {eni}  2 of 2 EIPs  i-" in desk.run("groups").stdout


def test_sweep_says_what_is_wrong_and_is_clean_after_a_repair(desk: Desk) -> None:
    """The same report as the function's; a repair runs in this process."""
    desk.group()

    found = desk.json("sweep", "--region", "cn-shanghai", status=1)
    mended = desk.json("sweep", "--region", "cn-shanghai", "--repair", status=1)
    after = desk.json("sweep", "--region", "cn-shanghai")

    assert found["totals"]["ok"] == 0
    assert [run["state"] for run in mended["runs"]] == ["ready"]
    assert after["totals"]["ok"] == 1


def test_a_region_that_cannot_be_read_is_no_clean_report(desk: Desk) -> None:
    """The status says that nobody looked."""
    desk.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "LTAI0000000000000000nobody"

    body = desk.json("sweep", "--region", "cn-shanghai", status=3)

    assert body["unread"]


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        ("html", "<!doctype html>"),
        ("md", "### "),
        ("xml", "<?xml"),
        ("sarif", "{"),
        ("csv", "region,"),
        ("txt", ""),
    ],
)
def test_a_saved_report_becomes_every_form(desk: Desk, ending: str, begins: str) -> None:
    """From the JSON of a sweep, without a call to the cloud."""
    desk.group()
    sweep = desk.json("sweep", "--region", "cn-shanghai", status=1)
    (desk.home / "then.json").write_text(json.dumps(sweep), encoding="utf-8")
    desk.environ["MULTI_EIP_ENDPOINT"] = "http://127.0.0.1:9"

    done = desk.run("report", "then.json", "--out", f"now.{ending}", "--previous", "then.json")

    assert done.returncode == 1, done.stderr
    text = (desk.home / f"now.{ending}").read_text(encoding="utf-8")
    assert text.lower().startswith(begins)
    assert "web" in text


def test_a_report_of_another_form_is_refused(desk: Desk) -> None:
    """A file of something else is a fault of the call, not an empty report."""
    (desk.home / "other.json").write_text("{}", encoding="utf-8")

    assert "not a report" in desk.json("report", "other.json", status=2)["message"]
