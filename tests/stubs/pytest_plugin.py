"""Fixtures for tests on the local cloud; name this module in `pytest_plugins` of a conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stubs.mock import MockCloud, mock_cloud


@pytest.fixture
def local_cloud() -> Iterator[MockCloud]:
    """A cloud in this process: virtual time, simulated guests, this test's own."""
    with mock_cloud() as local:
        yield local


@pytest.fixture
def local_cloud_http() -> Iterator[MockCloud]:
    """The same on a free port, for clients that need a socket."""
    with mock_cloud(http=True) as local:
        yield local
