"""The reference pages are what the rules say now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from multieip.reference.pages import main, pages, stale
from multieip.rules import RULES

if TYPE_CHECKING:
    import pytest

DOCS = Path(__file__).parents[3] / "docs"
HEADINGS = [
    "What it checks",
    "Why",
    "Source",
    "What to do",
    "Error codes it predicts",
    "Example that passes",
    "Example that fails",
    "How to exempt",
]


def test_the_pages_are_current() -> None:
    """Whoever changes a rule makes the pages again: `python -m multieip.rules.pages`."""
    assert stale(DOCS) == ()


def test_every_rule_has_a_page_with_the_same_headings() -> None:
    """A reader who knows one page knows them all."""
    for rule in RULES:
        lines = pages()[f"rules/{rule.id}.md"].splitlines()

        assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS
        assert not [
            line for before, line in zip(lines, lines[2:], strict=False) if before[:3] == line[:3] == "## "
        ]


def test_the_index_links_every_rule() -> None:
    """No page is an orphan."""
    index = pages()["rules/README.md"]

    assert all(f"({rule.id}.md)" in index for rule in RULES)


def test_every_predicted_code_that_is_sorted_leads_to_its_rule() -> None:
    """The table of refusals names the rule beside the code."""
    table = pages()["refusals.md"]

    assert "| `Mode.NotSupport` | never | [mode-authorised](rules/mode-authorised.md) |" in table
    assert "| `TaskConflict` | wait |  |" in table


def test_a_page_that_is_not_current_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check names what differs, what is missing, and what belongs to no rule; writing mends all three."""
    assert main(["--docs", str(tmp_path)]) == 0
    assert main(["--docs", str(tmp_path), "--check"]) == 0
    (tmp_path / "rules" / "at-most-ten.md").write_text("old", encoding="utf-8")
    (tmp_path / "rules" / "no-such-rule.md").write_text("left over", encoding="utf-8")
    (tmp_path / "refusals.md").unlink()

    assert main(["--docs", str(tmp_path), "--check"]) == 1
    told = capsys.readouterr().err
    assert all(name in told for name in ("at-most-ten.md", "no-such-rule.md", "refusals.md"))
    assert main(["--docs", str(tmp_path)]) == 0
    assert stale(tmp_path) == ()
