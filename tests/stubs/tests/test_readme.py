"""The local cloud's own page says what there is, no more and no less."""

from __future__ import annotations

from localcloud.cli.main import main


def test_the_tables_are_current() -> None:
    """`localcloud coverage` has been run since the last change of an action."""
    assert main(["coverage", "--check"]) == 0
