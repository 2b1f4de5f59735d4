"""Booted guests, where they can run."""

from __future__ import annotations

import pytest

from localcloud.guests import WorldError, disk, why_not_booted


@pytest.fixture
def permitted() -> None:
    """Skip with the reason where nothing can be booted."""
    reason = why_not_booted()
    if reason:
        pytest.skip(reason)
    try:
        disk()
    except WorldError as fault:
        # It comes from a package mirror, which may be out of reach.
        pytest.skip(str(fault))
