"""The README says what the code does."""

from __future__ import annotations

from pathlib import Path

from multieip.settings import Settings

README = Path(__file__).parents[2] / "README.md"


def test_the_settings_table_is_current() -> None:
    """Each setting stands in the README with its default and meaning, and no other does."""
    text = README.read_text(encoding="utf-8")

    shown = text.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]

    rows = "".join(
        f"| `{name}` | {default and f'`{default}`'} | {meaning} |\n"
        for name, default, meaning in Settings.table()
    )
    assert shown == f"| variable | default | meaning |\n|---|---|---|\n{rows}"
