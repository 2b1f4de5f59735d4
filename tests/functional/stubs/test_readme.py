"""The local cloud's own page says what there is, no more and no less."""

from __future__ import annotations

from tests.stubs.__main__ import main


def test_the_tables_are_current() -> None:
    """`python -m tests.stubs coverage` has been run since the last change of an action."""
    assert main(["coverage", "--check"]) == 0
