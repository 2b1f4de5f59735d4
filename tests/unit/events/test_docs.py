"""The pages about events and the sweep name what the code knows, and nothing that is gone."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

from multieip.events.table import ROWS
from multieip.report.as_json import as_json
from multieip.report.sweep_report import SweepReport
from multieip.runs.sweep_request import read_sweep_request
from multieip.settings import Settings

ROOT = Path(__file__).parents[3]
EVENTS = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
SWEEP = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")


def test_each_row_of_the_table_is_on_the_page_with_its_ids() -> None:
    """In the table's order, with the paths and a sample that exists."""
    rows = re.findall(r"^\| `([A-Za-z:]+)` \| ([A-Z, ]+) \| (.*?) \|", EVENTS, re.MULTILINE)

    assert [name for name, _, _ in rows] == [row.name for row in ROWS]
    for (_, products, ids), row in zip(rows, ROWS, strict=True):
        assert products.lower().split(", ") == sorted(row.products)
        assert tuple(re.findall(r"`([^`]+)`", ids)) == row.ids


def test_every_link_and_every_setting_is_there() -> None:
    """Samples, rule pages and settings are named as they are."""
    known = {name for name, _, _ in Settings.table()}
    for page in (EVENTS, SWEEP):
        for target in re.findall(r"\]\(([^)]+)\)", page):
            assert (ROOT / "docs" / target).exists(), target
        assert set(re.findall(r"MULTI_EIP_[A-Z_]+", page)) <= known


def test_each_field_of_payload_and_report_is_on_the_page() -> None:
    """The payload's fields are accepted, and the report's are all explained."""
    payload, report = SWEEP.split("## Report")
    empty = SweepReport("report", datetime(2026, 11, 20, tzinfo=timezone.utc), "2026-11", ())

    read_sweep_request({"mode": "repair", "regions": "all", "groups": ["web"], "max_repairs": 1})
    for name in ("mode", "regions", "groups", "max_repairs"):
        assert f"| `{name}` |" in payload
    for name in as_json(empty):
        assert f"`{name}`" in report
