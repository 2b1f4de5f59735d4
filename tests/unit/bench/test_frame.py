"""The frame of the measurements: a missed goal, and a part that could not look, end in another status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.bench.__main__ import main, parts
from tests.bench.frame import Row, as_json, as_text, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MET = Row("calls", 18, 19, "calls")
MISSED = Row("share", 0.5, 0.4)
FAST = Row("speed", 5000, 4000, "1/s", at_least=True)
TOLD = Row("size", 12.5, unit="KB", note="for information")


@pytest.mark.parametrize(
    ("rows", "status"),
    [([MET], 0), ([MET, FAST, TOLD], 0), ([MET, MISSED], 1), ([], 1), ([Row("nan", float("nan"), 1)], 1)],
)
def test_the_status_is_zero_only_where_every_goal_is_met(rows: list[Row], status: int) -> None:
    """Nothing measured, and a figure that is no number, meet no goal."""
    assert status_of(rows) == status


def test_the_table_names_what_was_missed() -> None:
    """A person sees goal, figure and ratio in one line."""
    text = as_text("demo", [MET, MISSED, FAST, TOLD])

    assert "MISSED" in next(line for line in text.splitlines() if line.startswith("share"))
    assert "≥ 4,000" in text
    assert text.count("met") == 2


def test_the_json_has_the_same_figures() -> None:
    """A machine reads the verdict and each ratio."""
    body = json.loads(as_json("demo", [MET, MISSED]))

    assert (body["part"], body["met"]) == ("demo", False)
    assert body["rows"][1]["ratio"] == pytest.approx(1.25)


def test_an_unknown_part_is_named_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """The way out stands in the message."""
    assert main(["nothing"]) == 2
    assert "no part is called 'nothing'" in capsys.readouterr().err
    assert "frame" not in parts()


def test_each_figure_is_told_when_it_is_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cut off later has told what it had measured, and no figure is in the document's way."""

    def rows() -> Iterator[Row]:
        yield Row("first", 3, 2, "s")
        assert "measured: first  3 s  ≤ 2  1.50  MISSED" in capsys.readouterr().err
        yield Row("second", 1)

    monkeypatch.setattr("tests.bench.calls.rows", rows)

    assert main(["calls", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["met"] is False
