"""Fixtures for tests on the local cloud; name this module in `pytest_plugins` of a conftest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stubs.mock import MockCloud, mock_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def local_cloud() -> Iterator[MockCloud]:
    """Give a cloud in this process: virtual time, simulated guests, this test's own."""
    with mock_cloud() as local:
        yield local


@pytest.fixture
def local_cloud_http() -> Iterator[MockCloud]:
    """Give the same on a free port, for clients that need a socket."""
    with mock_cloud(http=True) as local:
        yield local
