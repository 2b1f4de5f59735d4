"""The pages and tables that are made from the code are what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from multieip.reference.__main__ import main, stale
from multieip.reference.pages import pages
from multieip.reference.tables import TABLES, with_table
from multieip.rules import RULES

ROOT = Path(__file__).parents[3]
HEADINGS = [
    "What it checks",
    "Why",
    "Source",
    "What to do",
    "Commands",
    "Error codes it predicts",
    "Example that passes",
    "Example that fails",
    "How to exempt",
]


def test_the_pages_are_current() -> None:
    """Whoever changes a rule, a setting or an event makes the pages again: `make docs`."""
    assert stale(ROOT) == ()


def test_every_rule_has_a_page_with_the_same_headings() -> None:
    """A reader who knows one page knows them all."""
    for rule in RULES:
        lines = pages()[f"docs/rules/{rule.id}.md"].splitlines()

        assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS
        assert not [
            line for before, line in zip(lines, lines[2:], strict=False) if before[:3] == line[:3] == "## "
        ]


def test_the_index_links_every_rule() -> None:
    """No page is an orphan."""
    index = pages()["docs/rules/README.md"]

    assert all(f"({rule.id}.md)" in index for rule in RULES)


def test_every_predicted_code_that_is_sorted_leads_to_its_rule() -> None:
    """The table of refusals names the rule beside the code."""
    table = pages()["docs/refusals.md"]

    assert "| `Mode.NotSupport` | never | [mode-authorised](rules/mode-authorised.md) |" in table
    assert "| `TaskConflict` | wait |  |" in table


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a folder with the pages that people write, and nothing that is made."""
    for name, _, _ in TABLES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_a_page_that_is_not_current_fails_the_check(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check names what differs, what is missing, and what belongs to no rule; writing mends all three."""
    assert main(["--root", str(repository)]) == 0
    assert main(["--root", str(repository), "--check"]) == 0
    (repository / "docs" / "rules" / "at-most-ten.md").write_text("old", encoding="utf-8")
    (repository / "docs" / "rules" / "no-such-rule.md").write_text("left over", encoding="utf-8")
    (repository / "docs" / "refusals.md").unlink()
    readme = repository / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("| `60` |", "| `61` |"), encoding="utf-8")

    assert main(["--root", str(repository), "--check"]) == 1
    told = capsys.readouterr().err
    for name in ("at-most-ten.md", "no-such-rule.md", "refusals.md", "README.md"):
        assert f"{name} is not current" in told
    assert main(["--root", str(repository)]) == 0
    assert stale(repository) == ()


def test_a_page_without_its_marks_is_refused() -> None:
    """A table is never written into the wrong place, and never left out without a word."""
    with pytest.raises(ValueError, match="settings"):
        with_table("no marks here", "settings", "| a |")
