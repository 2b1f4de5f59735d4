"""Tests that share what is dear to make run in one process."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("kept-together")
def test_a_group_of_tests_is_kept_together(request: pytest.FixtureRequest) -> None:
    """Under `--dist loadgroup` the group stands behind the test's id, which is what tests are dealt out by.

    Where it does not, each process makes its own packages and starts its own browser.
    """
    by_group = getattr(request.config.option, "loadgroup", False)

    assert request.node.nodeid.endswith("@kept-together") is by_group
